//! Making room: dealing intervals out anew, and moving the reindex root along.

use std::collections::HashMap;

use super::interval::Interval;
use super::{BlockId, ORIGIN, Reachability};

/// Above the reindex root room is plentiful: a block deals its interval out anew only with this many
/// numbers for each block of its subtree, so that the next time is far away.
const PLENTY: u64 = 1 << 32;
/// The sizes of subtrees, as far as they were counted.
type Sizes = HashMap<BlockId, u64>;

/// On which side of the chain a side branch lies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Behind,
}

/// What a subtree of this many blocks must have to deal it out anew. It grows faster than the
/// subtree, so that a block that just passed leaves its children well above their own bound.
fn enough(size: u64) -> u64 {
    size.saturating_mul(2 + u64::from(size.max(1).ilog2()))
}

impl Reachability {
    /// Makes room for a new block whose interval is empty. False, and nothing changed, if there
    /// is none in the whole index.
    pub(super) fn make_room(&mut self, id: BlockId) -> bool {
        let mut sizes = Sizes::new();
        let parent = self.node(id).parent.unwrap_or(ORIGIN);
        let mut above_root = self.is_chain_ancestor(self.reindex_root, parent);
        let mut at = id;
        loop {
            let size = self.measure(at, &mut sizes);
            let needed = match above_root && at != self.reindex_root {
                true => size.saturating_mul(PLENTY),
                false => enough(size),
            };
            if self.node(at).interval.size() >= needed {
                self.deal_out(at, &sizes);
                return true;
            }
            let Some(parent) = self.node(at).parent else {
                // The origin has less than we like; any room at all will do.
                let fits = self.node(at).interval.size() >= size;
                if fits {
                    self.deal_out(at, &sizes);
                }
                return fits;
            };
            let leaves_chain = !above_root
                && self.is_chain_ancestor(parent, self.reindex_root)
                && !self.is_chain_ancestor(at, self.reindex_root);
            if leaves_chain && self.take_from_chain(at, parent, &mut sizes) {
                return true;
            }
            // Past the root, its subtree is one of several.
            above_root &= at != self.reindex_root;
            at = parent;
        }
    }

    /// Moves the reindex root up the chain to `tip`, or to another branch that is much higher.
    pub(super) fn advance_root(&mut self, tip: BlockId) {
        let height = self.node(tip).height;
        let mut root = self.reindex_root;
        if !self.is_chain_ancestor(root, tip) {
            if height < self.node(root).height.saturating_add(self.layout.root_switch) {
                return;
            }
            while !self.is_chain_ancestor(root, tip) {
                root = self.node(root).parent.unwrap_or(ORIGIN);
            }
        }
        while let Some(child) = self.next_chain_block(root, tip) {
            if height < self.node(child).height.saturating_add(self.layout.root_depth) {
                break;
            }
            self.concentrate(root, child);
            root = child;
        }
        self.reindex_root = root;
    }

    /// Counts the blocks in the subtree of `root`, and in every subtree inside it.
    fn measure(&self, root: BlockId, sizes: &mut Sizes) -> u64 {
        let mut order = Vec::new();
        let mut queue = vec![root];
        while let Some(block) = queue.pop() {
            order.push(block);
            let children = &self.node(block).children;
            // What was measured for a smaller root stays as it is.
            queue.extend(children.iter().filter(|child| !sizes.contains_key(child)));
        }
        for block in order.into_iter().rev() {
            let children = &self.node(block).children;
            let below: u64 = children.iter().filter_map(|child| sizes.get(child)).sum();
            sizes.insert(block, below + 1);
        }
        sizes.get(&root).copied().unwrap_or(1)
    }

    /// Deals the interval of `root` out anew over its subtree, which was measured.
    fn deal_out(&mut self, root: BlockId, sizes: &Sizes) {
        let mut queue = vec![root];
        while let Some(block) = queue.pop() {
            let node = self.node(block);
            let children = node.children.clone();
            let weights: Vec<u64> =
                children.iter().map(|child| sizes.get(child).copied().unwrap_or(1)).collect();
            let dealt = node.interval.deal(&weights, self.layout.slack);
            self.rewritten += dealt.len() as u64;
            for (child, interval) in children.iter().zip(dealt) {
                self.node_mut(*child).interval = interval;
            }
            queue.extend(children);
        }
    }

    /// Gives a chain block below the root what its side branches do not need: they are packed, some
    /// slack is left on either side, and `chosen` gets all the rest. It only ever grows, so
    /// that what is inside it stays as it is.
    fn concentrate(&mut self, parent: BlockId, chosen: BlockId) {
        let (outer, inner) = (self.node(parent).interval, self.node(chosen).interval);
        let children = self.node(parent).children.clone();
        let at = self.position(&children, inner.start);
        let (before, behind) = (&children[..at], &children[at + 1..]);
        let slack = self.layout.slack;

        let packed = self.packed(before);
        let total: u64 = packed.iter().sum();
        let front = (inner.start - outer.start).saturating_sub(total).min(slack);
        self.place(before, &packed, outer.start + front);
        let start = outer.start + front + total;

        let packed = self.packed(behind);
        let total: u64 = packed.iter().sum();
        let back = (outer.end - 1 - inner.end).saturating_sub(total).min(slack);
        let end = outer.end - 1 - back - total;
        self.place(behind, &packed, end + 1);
        self.node_mut(chosen).interval = Interval { start, end };
    }

    /// How much each of these subtrees keeps: what it has, or less if it has more than it needs.
    fn packed(&self, blocks: &[BlockId]) -> Vec<u64> {
        let keeps = |block: &BlockId| {
            let size = self.measure(*block, &mut Sizes::new());
            enough(size).saturating_mul(2).min(self.node(*block).interval.size())
        };
        blocks.iter().map(keeps).collect()
    }

    /// Puts these subtrees one after the other, each as large as given.
    fn place(&mut self, blocks: &[BlockId], widths: &[u64], mut start: u64) {
        for (block, width) in blocks.iter().zip(widths) {
            let old = self.node(*block).interval;
            let new = Interval { start, end: start + width - 1 };
            start += width;
            if old.size() == *width {
                self.shift(*block, old.start, new.start);
            } else {
                let mut sizes = Sizes::new();
                self.measure(*block, &mut sizes);
                self.node_mut(*block).interval = new;
                self.rewritten += 1;
                self.deal_out(*block, &sizes);
            }
        }
    }

    /// Moves a subtree by the distance between two numbers.
    fn shift(&mut self, root: BlockId, from: u64, to: u64) {
        if from == to {
            return;
        }
        let mut queue = vec![root];
        while let Some(block) = queue.pop() {
            let node = self.node_mut(block);
            node.interval.start = node.interval.start - from + to;
            // An empty interval may end before the number that it starts from.
            node.interval.end = node.interval.end + 1 - from + to - 1;
            queue.extend_from_slice(&node.children);
            self.rewritten += 1;
        }
    }

    /// Widens `at`, a child of the chain block `parent` below the root, with slack from `parent` or
    /// from a chain block above it, or from the root's own room. False, and nothing changed, if
    /// even the root has too little.
    fn take_from_chain(&mut self, at: BlockId, parent: BlockId, sizes: &mut Sizes) -> bool {
        let root = self.reindex_root;
        let size = self.measure(at, sizes);
        let interval = self.node(at).interval;
        let plenty = size.saturating_mul(self.layout.side_branch).min(self.layout.slack);
        let extra = enough(size).saturating_mul(4).max(plenty).saturating_sub(interval.size());
        let Some(chosen) = self.next_chain_block(parent, root) else { return false };
        let side = match interval.start < self.node(chosen).interval.start {
            true => Side::Before,
            false => Side::Behind,
        };
        // Up the chain, to the first block with enough slack.
        let mut path = vec![parent];
        let mut top = parent;
        while top != root && self.slack(top, side) < extra {
            let Some(next) = self.next_chain_block(top, root) else { return false };
            path.push(next);
            top = next;
        }
        if path.len() == 1 {
            // The parent itself has it: what lies beyond moves outwards.
            let siblings = self.node(parent).children.clone();
            let own = self.position(&siblings, interval.start);
            let beyond = match side {
                Side::Before => &siblings[..own],
                Side::Behind => &siblings[own + 1..],
            };
            self.move_all(beyond, side, extra, Direction::Outwards);
            self.widen(at, side, extra, Direction::Outwards);
        } else if top == root {
            let levels = path.len() as u64 - 1;
            let Some(helping) = self.shrink_root(extra, levels, side) else { return false };
            self.hand_down(&path, at, side, Taken { extra, refill: helping, helping });
        } else {
            // Half of what is left there, so that the next block finds room nearby.
            let refill = (self.slack(top, side) - extra) / 2;
            self.narrow(top, side, extra + refill);
            self.hand_down(&path, at, side, Taken { extra, refill, helping: 0 });
        }
        self.deal_out(at, sizes);
        true
    }

    /// What was taken from the last block of `path` is handed down to `at`, a child of its first one.
    fn hand_down(&mut self, path: &[BlockId], at: BlockId, side: Side, taken: Taken) {
        let Taken { extra, refill, helping } = taken;
        for level in (0..path.len() - 1).rev() {
            let (parent, child) = (path[level], path[level + 1]);
            let given = extra + refill + helping * level as u64;
            let siblings = self.node(parent).children.clone();
            let position = |block: BlockId| siblings.iter().position(|other| *other == block);
            let chosen = position(child).expect("the path goes from parent to child");
            if level > 0 {
                let moved = match side {
                    Side::Before => &siblings[..chosen],
                    Side::Behind => &siblings[chosen + 1..],
                };
                self.move_all(moved, side, given, Direction::Inwards);
                self.narrow(parent, side, given - helping);
                continue;
            }
            let own = position(at).expect("the side branch is a child of the path's first block");
            let (between, rest) = match side {
                Side::Before => (&siblings[own + 1..chosen], &siblings[..=own]),
                Side::Behind => (&siblings[chosen + 1..own], &siblings[own..]),
            };
            self.move_all(between, side, given, Direction::Inwards);
            self.move_all(rest, side, refill, Direction::Inwards);
            self.widen(at, side, extra, Direction::Inwards);
        }
    }

    /// Takes `extra` from the root's interval, and a helping for each of `levels` chain blocks if
    /// it has that much. Returns the helping.
    fn shrink_root(&mut self, extra: u64, levels: u64, side: Side) -> Option<u64> {
        let root = self.reindex_root;
        let mut sizes = Sizes::new();
        let needed = enough(self.measure(root, &mut sizes)).saturating_mul(2);
        let spare = self.node(root).interval.size().checked_sub(needed)?;
        let slack = self.layout.slack;
        let taken = |helping: u64| helping.saturating_mul(levels).saturating_add(extra);
        let helping = [slack, 0].into_iter().find(|helping| taken(*helping) <= spare)?;
        let fits = self.slack(root, side) >= taken(helping);
        self.narrow(root, side, taken(helping));
        if !fits {
            self.deal_out(root, &sizes);
        }
        Some(helping)
    }

    /// What is free between a block's children and this end of its interval.
    fn slack(&self, block: BlockId, side: Side) -> u64 {
        let node = self.node(block);
        let end = match side {
            Side::Before => node.children.first(),
            Side::Behind => node.children.last(),
        };
        match end.map(|child| (side, self.node(*child).interval)) {
            Some((Side::Before, child)) => child.start - node.interval.start,
            Some((Side::Behind, child)) => node.interval.end - 1 - child.end,
            None => node.interval.size() - 1,
        }
    }

    fn narrow(&mut self, block: BlockId, side: Side, by: u64) {
        let interval = &mut self.node_mut(block).interval;
        match side {
            Side::Before => interval.start += by,
            Side::Behind => interval.end -= by,
        }
        self.rewritten += 1;
    }

    /// Widens a side branch, away from the chain or towards it.
    fn widen(&mut self, block: BlockId, side: Side, by: u64, direction: Direction) {
        let interval = &mut self.node_mut(block).interval;
        match is_upwards(side, direction) {
            true => interval.end += by,
            false => interval.start -= by,
        }
    }

    fn move_all(&mut self, blocks: &[BlockId], side: Side, by: u64, direction: Direction) {
        for block in blocks {
            match is_upwards(side, direction) {
                true => self.shift(*block, 0, by),
                false => self.shift(*block, by, 0),
            }
        }
    }
}

/// What a side branch and the chain blocks above it get.
#[derive(Clone, Copy)]
struct Taken {
    /// For the branch itself.
    extra: u64,
    /// New slack for the chain block that it leaves.
    refill: u64,
    /// New slack for each chain block on the way.
    helping: u64,
}

/// Away from the chain, or towards it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Outwards,
    Inwards,
}

/// Whether that is towards greater numbers.
fn is_upwards(side: Side, direction: Direction) -> bool {
    (side == Side::Behind) == (direction == Direction::Outwards)
}
