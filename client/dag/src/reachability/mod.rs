//! Whether one block is in another's past, in logarithmic time.
//!
//! The blocks form a tree by their selected parents. Every block has an interval inside its tree
//! parent's, so that chain ancestry is inclusion of intervals. For the rest of the DAG a block keeps
//! its *future covering set*: the blocks that merged it, ordered by interval. A block is in its
//! future exactly if one of those is the block's chain ancestor, which a binary search finds.
//! The idea is that of Kaspa's reachability index (`specs/ghostdag.md` section 1.9); how room is dealt
//! out is our own.
//!
//! # Room
//! A new block takes half of what its parent has left. When nothing is left, the nearest ancestor
//! with room to spare deals its interval out anew, in proportion to the sizes of the subtrees. Two
//! things keep that cheap however large the DAG is:
//! - The *reindex root*, a block of the selected chain about [`ROOT_DEPTH`] below its tip, holds
//!   nearly the whole range of numbers. What happens above it never looks below it.
//! - What was left beside the chain below the root is packed when the root moves past it, and each
//!   chain block keeps some slack before and behind its children. A side branch that grows
//!   later takes from the nearest slack up the chain, by moving its siblings; when that is used up,
//!   the root gives every chain block on the way a new helping.
//!
//! INVARIANT: a child's interval lies inside its parent's and ends before it; siblings are adjacent
//! and in the order of their insertion; a covering set is ordered and disjoint
//! ([`Reachability::validate`]).

mod delete;
mod interval;
mod reindex;
mod validate;

use interval::Interval;

use crate::arena::Arena;

pub use validate::Corrupt;

/// How far below the selected tip the reindex root is, in chain blocks.
pub const ROOT_DEPTH: u64 = 100;
/// How much higher another branch must grow for the reindex root to move there, in chain blocks.
/// Alternating between two branches would otherwise make everybody reindex both each time.
pub const ROOT_SWITCH: u64 = 1 << 14;
/// What is left free on either side of a chain block's children. With 2^32 blocks in all, the
/// slack takes up at most 2^57 of the 2^64 numbers.
pub const SLACK: u64 = 1 << 24;

/// A block of the index. An id is never used again, so that what refers to a deleted block finds
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(pub(crate) u32);

/// The virtual block below all others.
pub const ORIGIN: BlockId = BlockId(0);

/// Why a block cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The parent or a merged block is not here.
    #[error("block {0:?} is not in the index")]
    Unknown(BlockId),
    /// No number is left, for ids or for intervals.
    #[error("the index is full")]
    Full,
}

#[derive(Clone, Debug)]
struct Node {
    /// Its parent in the tree; only the origin has none.
    parent: Option<BlockId>,
    children: Vec<BlockId>,
    interval: Interval,
    /// Distance from the origin when it was added.
    height: u64,
    /// Its future covering set.
    covering: Vec<BlockId>,
    /// The blocks whose covering set has this one.
    covers: Vec<BlockId>,
}

/// How room is dealt out; other values than the usual ones are for tests.
#[derive(Clone, Copy, Debug)]
struct Layout {
    slack: u64,
    /// What each block of a side branch below the reindex root gets, as long as the slack is enough.
    side_branch: u64,
    root_depth: u64,
    root_switch: u64,
}

const LAYOUT: Layout =
    Layout { slack: SLACK, side_branch: 1 << 12, root_depth: ROOT_DEPTH, root_switch: ROOT_SWITCH };

/// The index.
///
/// LIMIT: 2^32 - 1 blocks in the life of one index, deleted ones included: four years at 32 blocks a
/// second. Loading the DAG anew numbers it anew.
#[derive(Clone, Debug)]
pub struct Reachability {
    origin: Node,
    nodes: Arena<Node>,
    reindex_root: BlockId,
    layout: Layout,
    /// Intervals written so far, besides those of new blocks.
    rewritten: u64,
}

impl Default for Reachability {
    fn default() -> Self {
        Self::new()
    }
}

impl Reachability {
    /// An index that holds the origin only.
    pub fn new() -> Self {
        Self::with_layout(Interval::WHOLE, LAYOUT)
    }

    fn with_layout(interval: Interval, layout: Layout) -> Self {
        let origin = Node::new(None, interval, 0);
        let nodes = Arena::new(ORIGIN.0 + 1);
        Self { origin, nodes, reindex_root: ORIGIN, layout, rewritten: 0 }
    }

    /// Whether the block is here.
    pub fn contains(&self, id: BlockId) -> bool {
        self.get(id).is_some()
    }

    /// How many places are kept: the blocks here, and those deleted among them.
    pub fn places(&self) -> usize {
        self.nodes.places()
    }

    /// How many intervals were written anew so far: what reindexing cost.
    pub fn rewritten(&self) -> u64 {
        self.rewritten
    }

    /// How many tree edges the block was from the origin when it was added.
    pub fn height(&self, id: BlockId) -> Option<u64> {
        self.get(id).map(|node| node.height)
    }

    /// Adds a block under its tree parent; `merged` is what it merges besides that parent.
    ///
    /// # Errors
    /// See [`IndexError`]; the index is as before.
    pub fn insert(&mut self, parent: BlockId, merged: &[BlockId]) -> Result<BlockId, IndexError> {
        let height = self.height(parent).ok_or(IndexError::Unknown(parent))? + 1;
        if let Some(unknown) = merged.iter().find(|id| !self.contains(**id)) {
            return Err(IndexError::Unknown(*unknown));
        }
        let id = self.nodes.next_id().ok_or(IndexError::Full)?;
        let interval = self.room_for_child(parent);
        self.nodes.push(Node::new(Some(parent), interval, height));
        self.node_mut(parent).children.push(id);
        if interval.is_empty() && !self.make_room(id) {
            self.node_mut(parent).children.pop();
            self.nodes.pop();
            return Err(IndexError::Full);
        }
        for merged in merged {
            self.cover(*merged, id);
        }
        Ok(id)
    }

    /// Says which block is the best tip now, so that the reindex root follows it.
    pub fn hint_tip(&mut self, tip: BlockId) {
        if self.contains(tip) {
            self.advance_root(tip);
        }
    }

    /// Whether `ancestor` is `block` or on its chain of tree parents.
    pub fn is_chain_ancestor(&self, ancestor: BlockId, block: BlockId) -> bool {
        match (self.get(ancestor), self.get(block)) {
            (Some(ancestor), Some(block)) => ancestor.interval.contains(block.interval),
            _ => false,
        }
    }

    /// Whether `ancestor` is `block` or in its past. A block that is not here is nobody's ancestor.
    pub fn is_ancestor(&self, ancestor: BlockId, block: BlockId) -> bool {
        #[cfg(test)]
        tests::count_query();
        let (Some(node), Some(block)) = (self.get(ancestor), self.get(block)) else {
            return false;
        };
        if node.interval.contains(block.interval) {
            return true;
        }
        let after = self.position(&node.covering, block.interval.start + 1);
        let candidate = after.checked_sub(1).and_then(|index| node.covering.get(index));
        candidate.is_some_and(|covering| self.node(*covering).interval.contains(block.interval))
    }

    /// The child of `ancestor` on the chain to `block`; `None` if there is no such chain.
    pub fn next_chain_block(&self, ancestor: BlockId, block: BlockId) -> Option<BlockId> {
        let interval = self.get(block)?.interval;
        let children = &self.get(ancestor)?.children;
        let after = self.position(children, interval.start + 1);
        let child = *children.get(after.checked_sub(1)?)?;
        self.node(child).interval.contains(interval).then_some(child)
    }

    fn get(&self, id: BlockId) -> Option<&Node> {
        self.nodes.get(id).or_else(|| (id == ORIGIN).then_some(&self.origin))
    }

    fn node(&self, id: BlockId) -> &Node {
        self.get(id).expect("ids inside the index are of blocks that are here")
    }

    fn node_mut(&mut self, id: BlockId) -> &mut Node {
        if id == ORIGIN {
            return &mut self.origin;
        }
        self.nodes.get_mut(id).expect("ids inside the index are of blocks that are here")
    }

    /// How many of these ordered, disjoint blocks start before `start`.
    fn position(&self, ordered: &[BlockId], start: u64) -> usize {
        ordered.partition_point(|id| self.node(*id).interval.start < start)
    }

    /// Half of what is left behind the last child; below the reindex root no more than side branches
    /// get, so that many have room. The first child leaves some room before it.
    fn room_for_child(&self, parent: BlockId) -> Interval {
        let node = self.node(parent);
        // The block's own number is the last one of its interval.
        let end = node.interval.end - 1;
        let start = match node.children.last() {
            Some(last) => self.node(*last).interval.end + 1,
            None => {
                let free = Interval { start: node.interval.start, end };
                free.start + (free.size() / 4).min(self.layout.slack)
            }
        };
        let mut size = Interval { start, end }.size().div_ceil(2);
        let root = self.node(self.reindex_root).interval;
        if node.interval.contains(root) && parent != self.reindex_root {
            size = size.min(self.layout.side_branch);
        }
        Interval { start, end: start + size - 1 }
    }

    /// Notes that `by` merges `merged`.
    fn cover(&mut self, merged: BlockId, by: BlockId) {
        let start = self.node(by).interval.start;
        let position = self.position(&self.node(merged).covering, start);
        self.node_mut(merged).covering.insert(position, by);
        self.node_mut(by).covers.push(merged);
    }
}

impl Node {
    fn new(parent: Option<BlockId>, interval: Interval, height: u64) -> Self {
        let (children, covering, covers) = (Vec::new(), Vec::new(), Vec::new());
        Self { parent, children, interval, height, covering, covers }
    }
}

#[cfg(test)]
pub(crate) mod tests;
