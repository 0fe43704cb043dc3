//! The CID that IPFS gives a file: 256 KiB raw leaves under a balanced dag-pb tree.

use cid::{Cid, multihash::Multihash};
use sha2::{Digest, Sha256};

/// Bytes of a leaf.
const LEAF_BYTES: usize = 256 * 1024;
/// Most links of a node.
const LINKS_MAX: usize = 174;
/// Multicodec of a leaf.
const RAW: u64 = 0x55;
/// Multicodec of a node with links.
const DAG_PB: u64 = 0x70;
/// Multicodec of SHA-256.
const SHA2_256: u64 = 0x12;

/// A node of the tree, as its parent sees it.
struct Link {
    cid: Cid,
    /// Bytes of the file below it.
    file_bytes: u64,
    /// Bytes of the blocks below it, itself included.
    tree_bytes: u64,
}

/// Computes a file's CID from its bytes in order, in memory bounded by one leaf plus 50 bytes a leaf.
#[derive(Default)]
pub struct CidBuilder {
    leaf: Vec<u8>,
    leaves: Vec<Link>,
}

impl std::fmt::Debug for CidBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CidBuilder").field("leaves", &self.leaves.len()).finish_non_exhaustive()
    }
}

impl CidBuilder {
    /// The CID of these bytes.
    pub fn of(bytes: &[u8]) -> Cid {
        let mut builder = Self::default();
        builder.update(bytes);
        builder.finish()
    }

    /// Takes the file's next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(LEAF_BYTES - self.leaf.len()));
            self.leaf.extend_from_slice(now);
            bytes = later;
            if self.leaf.len() == LEAF_BYTES {
                self.close_leaf();
            }
        }
    }

    /// The file's CID.
    pub fn finish(mut self) -> Cid {
        if !self.leaf.is_empty() || self.leaves.is_empty() {
            self.close_leaf();
        }
        let mut level = self.leaves;
        while level.len() > 1 {
            level = level.chunks(LINKS_MAX).map(node).collect();
        }
        level.swap_remove(0).cid
    }

    fn close_leaf(&mut self) {
        let bytes = self.leaf.len() as u64;
        let cid = cid_of(RAW, &self.leaf);
        self.leaves.push(Link { cid, file_bytes: bytes, tree_bytes: bytes });
        self.leaf.clear();
    }
}

fn cid_of(codec: u64, block: &[u8]) -> Cid {
    let digest = Sha256::digest(block);
    Cid::new_v1(codec, Multihash::wrap(SHA2_256, &digest).expect("32 bytes fit a multihash of 64"))
}

/// The node over these links. A dag-pb node writes its links before its data.
fn node(links: &[Link]) -> Link {
    let mut block = Vec::new();
    for link in links {
        let mut body = Vec::new();
        field_bytes(&mut body, 1, &link.cid.to_bytes());
        field_bytes(&mut body, 2, b"");
        field_varint(&mut body, 3, link.tree_bytes);
        field_bytes(&mut block, 2, &body);
    }
    let file_bytes = links.iter().map(|link| link.file_bytes).sum();
    let mut data = Vec::new();
    field_varint(&mut data, 1, 2); // A file.
    field_varint(&mut data, 3, file_bytes);
    for link in links {
        field_varint(&mut data, 4, link.file_bytes);
    }
    field_bytes(&mut block, 1, &data);
    let below: u64 = links.iter().map(|link| link.tree_bytes).sum();
    Link { cid: cid_of(DAG_PB, &block), file_bytes, tree_bytes: below + block.len() as u64 }
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}

fn field_varint(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3);
    varint(out, value);
}

fn field_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `ipfs add --cid-version=1` (the JavaScript importer's `ipfs-only-hash`) gives.
    #[test]
    fn cids_are_those_of_ipfs() {
        assert_eq!(
            CidBuilder::of(b"hello world").to_string(),
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
            assert_eq!(CidBuilder::of(&file).to_string(), expected, "{length} bytes");
        }
    }

    #[test]
    fn pieces_do_not_matter() {
        let file: Vec<u8> = (0..600_000u32).map(|i| (i % 251) as u8).collect();
        let mut builder = CidBuilder::default();
        for piece in file.chunks(7919) {
            builder.update(piece);
        }
        assert_eq!(builder.finish(), CidBuilder::of(&file));
    }
}
