//! The CID that IPFS gives a file: 256 KiB raw leaves under a balanced dag-pb tree.

use citrate_core::H256;

use crate::tree::{Layout, Shape, Tree, hash};

/// Computes a file's CID from its bytes in order, in memory bounded by one leaf plus 32 bytes a leaf.
pub(crate) struct CidBuilder {
    layout: Layout,
    leaf: Vec<u8>,
    leaves: Vec<H256>,
    bytes: u64,
}

impl Default for CidBuilder {
    fn default() -> Self {
        Self::new(Layout::IPFS)
    }
}

impl std::fmt::Debug for CidBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CidBuilder").field("leaves", &self.leaves.len()).finish_non_exhaustive()
    }
}

impl CidBuilder {
    pub(crate) fn new(layout: Layout) -> Self {
        Self { layout, leaf: Vec::new(), leaves: Vec::new(), bytes: 0 }
    }

    /// Takes the file's next bytes.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        while !bytes.is_empty() {
            let room = self.layout.leaf_bytes - self.leaf.len();
            let (now, later) = bytes.split_at(bytes.len().min(room));
            self.leaf.extend_from_slice(now);
            bytes = later;
            if self.leaf.len() == self.layout.leaf_bytes {
                self.close_leaf();
            }
        }
    }

    /// The tree over the file, whose CID is the file's; none if it is larger than a file may be, a terabyte.
    pub(crate) fn tree(mut self) -> Option<Tree> {
        if !self.leaf.is_empty() || self.leaves.is_empty() {
            self.close_leaf();
        }
        Tree::new(Shape::new(self.layout, self.bytes)?, self.leaves)
    }

    fn close_leaf(&mut self) {
        self.leaves.push(hash(&self.leaf));
        self.leaf.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cid(file: &[u8]) -> String {
        let mut builder = CidBuilder::default();
        builder.update(file);
        builder.tree().unwrap().cid().to_string()
    }

    /// What `ipfs add --cid-version=1` (the JavaScript importer's `ipfs-only-hash`) gives.
    #[test]
    fn cids_are_those_of_ipfs() {
        assert_eq!(
            cid(b"hello world"),
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
        );
        for (length, expected) in [
            (0, "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"),
            (262_144, "bafkreibdffnmnzlbq264m4kqmxcslchnncczdb567t7xahpgbhdyigvtr4"),
            (262_145, "bafybeielov4zxeb3kwwrtgpluv2mh72hsf7vjypbok654v7i2ox5ylnlje"),
            (600_000, "bafybeidtfx2drdcs3chkd22slopllb5xdcrzumm23v7mkkl7mkmcsmkhr4"),
            (45_613_056, "bafybeibhdmfsjcrpm35ps7u2gne73oftfex62xvtxg3ntryfmuu3fjhnpa"),
            (45_613_057, "bafybeigyxjz3g6zjgfexlgl6wnuvknwi57az7lafdcrm5vn6hksyzackyi"),
        ] {
            let file: Vec<u8> =
                (0..length).map(|i: u32| ((i * 7 + (i >> 8)) & 0xff) as u8).collect();
            assert_eq!(cid(&file), expected, "{length} bytes");
        }
    }

    #[test]
    fn pieces_do_not_matter() {
        let file: Vec<u8> = (0..600_000u32).map(|i| (i % 251) as u8).collect();
        let mut builder = CidBuilder::default();
        for piece in file.chunks(7919) {
            builder.update(piece);
        }
        assert_eq!(builder.tree().unwrap().cid().to_string(), cid(&file));
    }
}
