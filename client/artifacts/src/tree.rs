//! The tree of blocks over a file, as IPFS builds it: 256 KiB raw leaves under balanced dag-pb nodes.
//!
//! A file's length alone says how many blocks there are, which are whose children and how long each is; nothing but the
//! hashes is left open. So a block that a peer sent is never parsed: it is compared with the one that there must be.

use citrate_core::H256;
use codec::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::Cid;
use cid::multihash::Multihash;

/// Multicodec of a leaf.
const RAW: u64 = 0x55;
/// Multicodec of a node with links.
const DAG_PB: u64 = 0x70;
/// Multicodec of SHA-256.
const SHA2_256: u64 = 0x12;
/// LIMIT: leaves of a file, which is a terabyte.
const LEAVES_MAX: u64 = 1 << 22;

/// How files are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes of a leaf.
    pub(crate) leaf_bytes: usize,
    /// Most links of a node.
    pub(crate) links_max: usize,
}

impl Layout {
    /// What `ipfs add --cid-version=1` does.
    pub(crate) const IPFS: Self = Self { leaf_bytes: 256 * 1024, links_max: 174 };
}

/// Where a block stands in its file's tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Position {
    /// 0 for leaves; the root's is the highest.
    pub level: u8,
    /// From the left.
    pub index: u32,
}

/// Sizes of what is below a block, itself included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    /// Bytes of the file.
    file: u64,
    /// Bytes of the blocks.
    tree: u64,
}

/// The blocks of one level; all but the last are equally long.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Level {
    count: usize,
    full: Size,
    last: Size,
}

/// The tree over a file of a certain length, without the hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    layout: Layout,
    bytes: u64,
    levels: Vec<Level>,
}

impl Shape {
    /// The tree over so many bytes; none if they are more than a file may have.
    pub(crate) fn new(layout: Layout, bytes: u64) -> Option<Self> {
        let leaf = layout.leaf_bytes as u64;
        let leaves = bytes.div_ceil(leaf).max(1);
        if leaves > LEAVES_MAX {
            return None;
        }
        let last = bytes - (leaves - 1) * leaf;
        let level = Level {
            count: usize::try_from(leaves).ok()?,
            full: Size { file: leaf, tree: leaf },
            last: Size { file: last, tree: last },
        };
        let mut shape = Self { layout, bytes, levels: vec![level] };
        while shape.top().count > 1 {
            let below = shape.top();
            let count = below.count.div_ceil(layout.links_max);
            let in_last = below.count - (count - 1) * layout.links_max;
            let last = node_size(&vec![below.full; in_last - 1], below.last, shape.levels.len());
            let full = match count {
                1 => last,
                _ => node_size(
                    &vec![below.full; layout.links_max - 1],
                    below.full,
                    shape.levels.len(),
                ),
            };
            shape.levels.push(Level { count, full, last });
        }
        Some(shape)
    }

    fn top(&self) -> &Level {
        // There is one from the start.
        &self.levels[self.levels.len() - 1]
    }

    /// Bytes of the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many blocks each level has, from the leaves on.
    pub(crate) fn counts(&self) -> impl Iterator<Item = usize> {
        self.levels.iter().map(|level| level.count)
    }

    /// Where the root is.
    pub(crate) fn root(&self) -> Position {
        Position { level: u8::try_from(self.levels.len() - 1).unwrap_or(u8::MAX), index: 0 }
    }

    /// Whether there is such a block.
    pub(crate) fn has(&self, at: Position) -> bool {
        self.levels.get(usize::from(at.level)).is_some_and(|level| index(at) < level.count)
    }

    /// Where a leaf's bytes begin in the file, and how many there are.
    pub(crate) fn leaf(&self, leaf: usize) -> (u64, usize) {
        let size = self.size(0, leaf).file;
        (leaf as u64 * self.layout.leaf_bytes as u64, usize::try_from(size).unwrap_or(0))
    }

    fn size(&self, level: usize, index: usize) -> Size {
        let level = &self.levels[level];
        if index + 1 == level.count { level.last } else { level.full }
    }

    /// The places of a node's children on the level below.
    pub(crate) fn children(&self, at: Position) -> std::ops::Range<usize> {
        let first = index(at) * self.layout.links_max;
        first..(first + self.layout.links_max).min(self.levels[usize::from(at.level) - 1].count)
    }

    /// The node at a place over children of these hashes.
    pub(crate) fn node(&self, at: Position, children: &[H256]) -> Vec<u8> {
        self.encoded(at, children).0
    }

    /// The hashes of the children, if this is the node at a place.
    pub(crate) fn links(&self, at: Position, block: &[u8]) -> Option<Vec<H256>> {
        let zeros = vec![H256::zero(); self.children(at).len()];
        let (template, places) = self.encoded(at, &zeros);
        if template.len() != block.len() {
            return None;
        }
        let hash = |place: &usize| block.get(*place..place + 32)?.try_into().ok().map(H256);
        let links = places.iter().map(hash).collect::<Option<Vec<_>>>()?;
        (self.node(at, &links) == block).then_some(links)
    }

    /// A node, and where in it the hashes are.
    fn encoded(&self, at: Position, children: &[H256]) -> (Vec<u8>, Vec<usize>) {
        let below = usize::from(at.level) - 1;
        let places = self.children(at);
        let sizes = places.map(|child| self.size(below, child));
        encode(below, &sizes.collect::<Vec<_>>(), children)
    }

    /// What IPFS calls a file with this root.
    pub(crate) fn cid(&self, root: &H256) -> Cid {
        let codec = if self.levels.len() == 1 { RAW } else { DAG_PB };
        let hash = Multihash::wrap(SHA2_256, root.as_bytes());
        Cid::new_v1(codec, hash.expect("32 bytes fit a multihash of 64"))
    }
}

fn index(at: Position) -> usize {
    usize::try_from(at.index).unwrap_or(usize::MAX)
}

fn node_size(others: &[Size], last: Size, level: usize) -> Size {
    let mut sizes = others.to_vec();
    sizes.push(last);
    let (block, _) = encode(level - 1, &sizes, &vec![H256::zero(); sizes.len()]);
    Size {
        file: sizes.iter().map(|size| size.file).sum(),
        tree: sizes.iter().map(|size| size.tree).sum::<u64>() + block.len() as u64,
    }
}

/// SHA-256.
pub(crate) fn hash(block: &[u8]) -> H256 {
    H256(Sha256::digest(block).into())
}

/// A node over children of a level, and where in it the hashes are. A dag-pb node writes its links before its data.
fn encode(level: usize, sizes: &[Size], children: &[H256]) -> (Vec<u8>, Vec<usize>) {
    let codec = if level == 0 { RAW } else { DAG_PB };
    let (mut block, mut places) = (Vec::new(), Vec::new());
    for (size, child) in sizes.iter().zip(children) {
        let mut cid = Vec::new();
        for part in [1, codec, SHA2_256, 32] {
            varint(&mut cid, part);
        }
        cid.extend_from_slice(child.as_bytes());
        let mut body = Vec::new();
        field_bytes(&mut body, 1, &cid);
        let end = body.len();
        field_bytes(&mut body, 2, b"");
        field_varint(&mut body, 3, size.tree);
        let length = body.len();
        field_bytes(&mut block, 2, &body);
        places.push(block.len() - length + end - 32);
    }
    let mut data = Vec::new();
    field_varint(&mut data, 1, 2); // A file.
    field_varint(&mut data, 3, sizes.iter().map(|size| size.file).sum());
    for size in sizes {
        field_varint(&mut data, 4, size.file);
    }
    field_bytes(&mut block, 1, &data);
    (block, places)
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

/// The tree over a file, hashes and all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tree {
    shape: Shape,
    /// The hashes of each level, from the leaves on.
    levels: Vec<Vec<H256>>,
}

impl Tree {
    /// The tree over leaves of these hashes; none if the file has another number of them.
    pub(crate) fn new(shape: Shape, leaves: Vec<H256>) -> Option<Self> {
        if shape.levels[0].count != leaves.len() {
            return None;
        }
        let mut tree = Self { levels: vec![leaves], shape };
        for level in 1..=tree.shape.root().level {
            let count = u32::try_from(tree.shape.levels[usize::from(level)].count).ok()?;
            let nodes = (0..count).map(|index| hash(&tree.node(Position { level, index })));
            let nodes = nodes.collect();
            tree.levels.push(nodes);
        }
        Some(tree)
    }

    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    pub(crate) fn root(&self) -> H256 {
        self.hash(self.shape.root())
    }

    pub(crate) fn leaves(&self) -> &[H256] {
        &self.levels[0]
    }

    /// The hash of a block.
    pub(crate) fn hash(&self, at: Position) -> H256 {
        self.levels[usize::from(at.level)][index(at)]
    }

    /// A block that is no leaf.
    pub(crate) fn node(&self, at: Position) -> Vec<u8> {
        let children = &self.levels[usize::from(at.level) - 1][self.shape.children(at)];
        self.shape.node(at, children)
    }

    pub(crate) fn cid(&self) -> Cid {
        self.shape.cid(&self.root())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Layout = Layout { leaf_bytes: 10, links_max: 3 };

    fn tree(bytes: &[u8]) -> Tree {
        let shape = Shape::new(SMALL, bytes.len() as u64).unwrap();
        let leaves: Vec<H256> = match bytes {
            [] => vec![hash(&[])],
            _ => bytes.chunks(SMALL.leaf_bytes).map(hash).collect(),
        };
        Tree::new(shape, leaves).unwrap()
    }

    #[test]
    fn the_length_says_what_there_is() {
        for (bytes, counts) in [
            (0, &[1][..]),
            (1, &[1]),
            (10, &[1]),
            (11, &[2, 1]),
            (30, &[3, 1]),
            (31, &[4, 2, 1]),
            (90, &[9, 3, 1]),
            (91, &[10, 4, 2, 1]),
        ] {
            let shape = Shape::new(SMALL, bytes).unwrap();
            assert!(shape.counts().eq(counts.iter().copied()), "{bytes}: {shape:?}");
            assert_eq!(shape.levels.last().unwrap().last.file, bytes);
            assert!(shape.has(shape.root()));
            assert!(!shape.has(Position { index: 1, ..shape.root() }));
        }
        let most = LEAVES_MAX * SMALL.leaf_bytes as u64;
        assert!(Shape::new(SMALL, most).is_some());
        assert!(Shape::new(SMALL, most + 1).is_none(), "one past the limit");
        assert!(Shape::new(Layout::IPFS, u64::MAX).is_none());
    }

    #[test]
    fn a_node_gives_its_links_and_nothing_else_is_one() {
        let file: Vec<u8> = (0..91).collect();
        let tree = tree(&file);
        let shape = tree.shape();
        for (level, count) in (1..).zip(shape.counts().skip(1)) {
            for index in 0..u32::try_from(count).unwrap() {
                let at = Position { level, index };
                let block = tree.node(at);
                let links = shape.links(at, &block).unwrap();
                assert_eq!(links, tree.levels[usize::from(level) - 1][shape.children(at)]);
                assert_eq!(shape.links(at, &block[1..]), None);
                assert_eq!(shape.links(at, &[&block[..], &[0]].concat()), None);
                for place in 0..block.len() {
                    let mut other = block.clone();
                    other[place] ^= 1;
                    // A changed hash is another node's; anything else is no node of this file.
                    let expected = shape.links(at, &other).is_some_and(|other| other != links);
                    assert_eq!(
                        expected,
                        shape
                            .encoded(at, &links)
                            .1
                            .iter()
                            .any(|hash| { (*hash..hash + 32).contains(&place) })
                    );
                }
            }
        }
    }

    #[test]
    fn another_number_of_leaves_makes_no_tree() {
        let shape = Shape::new(SMALL, 25).unwrap();
        assert!(Tree::new(shape.clone(), vec![H256::zero(); 3]).is_some());
        assert!(Tree::new(shape.clone(), vec![H256::zero(); 2]).is_none());
        assert!(Tree::new(shape, vec![H256::zero(); 4]).is_none());
    }
}
