//! Whether one block is in another's past, in logarithmic time.
//!
//! Every block has an interval inside its selected parent's, so that chain ancestry is inclusion of
//! intervals. For the rest of the DAG a block keeps its *future covering set*: the blocks that
//! first merged it, ordered by interval; a block is in its future exactly if one of those is the
//! block's chain ancestor.
//!
//! INVARIANT: a child's interval lies strictly inside its parent's, siblings are disjoint and in the
//! order of their insertion, and a covering set is ordered and disjoint.

use std::collections::BTreeMap;

use citrate_core::H256;

/// The interval of the root. The ends stay free, so that one past either end never overflows.
const WHOLE: Interval = Interval { start: 1, end: u64::MAX - 1 };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Interval {
    start: u64,
    /// The last number inside; below `start` when the interval is empty.
    end: u64,
}

impl Interval {
    fn size(self) -> u64 {
        (self.end + 1).saturating_sub(self.start)
    }

    fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

#[derive(Clone, Debug)]
struct Node {
    parent: Option<H256>,
    children: Vec<H256>,
    interval: Interval,
    /// Blocks that merged this one, ordered by interval.
    covering: Vec<H256>,
}

/// The index.
#[derive(Clone, Debug)]
pub struct Reachability {
    nodes: BTreeMap<H256, Node>,
}

impl Reachability {
    /// An index that holds the root only.
    pub fn new(root: H256) -> Self {
        let node =
            Node { parent: None, children: Vec::new(), interval: WHOLE, covering: Vec::new() };
        Self { nodes: BTreeMap::from([(root, node)]) }
    }

    /// Whether the block is here.
    pub fn contains(&self, hash: &H256) -> bool {
        self.nodes.contains_key(hash)
    }

    /// Adds a block under its selected parent; `mergeset` is what it merges besides that parent.
    ///
    /// Returns false, and changes nothing, when a block is unknown or this one is here already.
    pub fn insert(&mut self, hash: H256, selected_parent: H256, mergeset: &[H256]) -> bool {
        let known = |block: &H256| self.nodes.contains_key(block);
        if known(&hash) || !known(&selected_parent) || !mergeset.iter().all(known) {
            return false;
        }
        let interval = self.free_after_children(&selected_parent);
        let half = interval.size().div_ceil(2);
        let interval = Interval { start: interval.start, end: (interval.start + half) - 1 };
        let parent = Some(selected_parent);
        let node = Node { parent, children: Vec::new(), interval, covering: Vec::new() };
        self.nodes.insert(hash, node);
        if let Some(parent) = self.nodes.get_mut(&selected_parent) {
            parent.children.push(hash);
        }
        if interval.size() == 0 {
            self.reindex(hash);
        }
        for merged in mergeset {
            self.cover(merged, hash);
        }
        true
    }

    /// Whether `ancestor` is `block` or on its chain of selected parents.
    pub fn is_chain_ancestor(&self, ancestor: &H256, block: &H256) -> bool {
        match (self.nodes.get(ancestor), self.nodes.get(block)) {
            (Some(ancestor), Some(block)) => ancestor.interval.contains(block.interval),
            _ => false,
        }
    }

    /// Whether `ancestor` is `block` or in its past.
    pub fn is_ancestor(&self, ancestor: &H256, block: &H256) -> bool {
        if self.is_chain_ancestor(ancestor, block) {
            return true;
        }
        let (Some(node), Some(block)) = (self.nodes.get(ancestor), self.nodes.get(block)) else {
            return false;
        };
        let after = node.covering.partition_point(|c| self.start(c) <= block.interval.start);
        let candidate = after.checked_sub(1).and_then(|index| node.covering.get(index));
        let covering = candidate.and_then(|candidate| self.nodes.get(candidate));
        covering.is_some_and(|covering| covering.interval.contains(block.interval))
    }

    fn start(&self, hash: &H256) -> u64 {
        self.nodes.get(hash).map_or(0, |node| node.interval.start)
    }

    /// What is left of a block's interval behind its last child.
    fn free_after_children(&self, hash: &H256) -> Interval {
        let Some(node) = self.nodes.get(hash) else { return Interval { start: 1, end: 0 } };
        let last = node.children.last().and_then(|child| self.nodes.get(child));
        let start = last.map_or(node.interval.start, |child| child.interval.end + 1);
        // The block's own number is the last one of its interval.
        Interval { start, end: node.interval.end.saturating_sub(1) }
    }

    /// Notes that `by` merges `merged`.
    fn cover(&mut self, merged: &H256, by: H256) {
        let start = self.start(&by);
        let Some(node) = self.nodes.get(merged) else { return };
        let position = node.covering.partition_point(|c| self.start(c) < start);
        if let Some(node) = self.nodes.get_mut(merged) {
            node.covering.insert(position, by);
        }
    }

    /// Makes room for a block whose interval is empty: finds the nearest ancestor whose interval has
    /// enough for its subtree twice over, and deals it out anew by the sizes of the subtrees.
    fn reindex(&mut self, hash: H256) {
        let mut root = hash;
        let mut sizes = BTreeMap::new();
        loop {
            self.measure(root, &mut sizes);
            let size = sizes.get(&root).copied().unwrap_or(1);
            let Some(node) = self.nodes.get(&root) else { return };
            match node.parent {
                Some(parent) if node.interval.size() / 2 < size => root = parent,
                _ => break,
            }
        }
        let mut queue = vec![root];
        while let Some(block) = queue.pop() {
            let Some(node) = self.nodes.get(&block) else { continue };
            let (interval, children) = (node.interval, node.children.clone());
            let total: u64 = children.iter().filter_map(|child| sizes.get(child)).sum();
            // Half of what is not needed stays free behind the children, for new ones.
            let spare = (interval.size() - 1).saturating_sub(total) / 2;
            let mut start = interval.start;
            for child in children {
                let size = sizes.get(&child).copied().unwrap_or(1);
                let share = u128::from(spare) * u128::from(size) / u128::from(total.max(1));
                let share = u64::try_from(share).unwrap_or(u64::MAX);
                let end = start + (size - 1) + share;
                if let Some(node) = self.nodes.get_mut(&child) {
                    node.interval = Interval { start, end };
                }
                start = end + 1;
                queue.push(child);
            }
        }
    }

    /// Counts the blocks in the subtree of `root`, and in every subtree inside it.
    fn measure(&self, root: H256, sizes: &mut BTreeMap<H256, u64>) {
        let mut order = Vec::new();
        let mut queue = vec![root];
        while let Some(block) = queue.pop() {
            order.push(block);
            let children = self.nodes.get(&block).map(|node| node.children.as_slice());
            // What an earlier, smaller root measured stays as it is.
            let new =
                children.unwrap_or_default().iter().filter(|child| !sizes.contains_key(child));
            queue.extend(new);
        }
        for block in order.into_iter().rev() {
            let children = self.nodes.get(&block).map(|node| node.children.as_slice());
            let below = children.unwrap_or_default().iter().filter_map(|child| sizes.get(child));
            let size = below.sum::<u64>() + 1;
            sizes.insert(block, size);
        }
    }

    #[cfg(test)]
    pub(crate) fn check_invariants(&self) {
        for node in self.nodes.values() {
            assert!(node.interval.size() > 0, "an empty interval");
            let mut start = node.interval.start;
            for child in &node.children {
                let child = self.nodes[child].interval;
                assert!(child.start >= start && child.end < node.interval.end);
                start = child.end + 1;
            }
            let mut before = 0;
            for covering in &node.covering {
                let covering = self.nodes[covering].interval;
                assert!(covering.start > before, "a covering set out of order");
                before = covering.end;
            }
        }
    }
}
