//! The selected chain by number.

use std::collections::VecDeque;

use citrate_core::H256;

use super::block::Entry;
use super::dag::Dag;
use crate::reachability::BlockId;

/// The blocks of the selected chain that are here, by number.
#[derive(Clone, Debug)]
pub(super) struct SelectedChain {
    first: u64,
    blocks: VecDeque<BlockId>,
}

impl SelectedChain {
    pub(super) fn new(number: u64, block: BlockId) -> Self {
        Self { first: number, blocks: VecDeque::from([block]) }
    }

    pub(super) fn at(&self, number: u64) -> Option<BlockId> {
        let position = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.blocks.get(position).copied()
    }

    pub(super) fn push(&mut self, block: BlockId) {
        self.blocks.push_back(block);
    }

    pub(super) fn pop(&mut self) {
        self.blocks.pop_back();
    }

    /// Forgets what is below this number.
    pub(super) fn drop_below(&mut self, number: u64) {
        while self.first < number && self.blocks.pop_front().is_some() {
            self.first += 1;
        }
    }
}

impl Dag {
    /// The block of this number on the selected chain, unless it is pruned.
    pub fn chain_block(&self, number: u64) -> Option<H256> {
        self.chain.at(number).and_then(|id| self.get(id)).map(Entry::hash)
    }

    /// The highest block of the selected chain whose blue score is at least `depth` below the sink's,
    /// unless that is pruned.
    pub fn chain_block_at_depth(&self, depth: u64) -> Option<H256> {
        let score = self.entry(self.sink).blue_score.checked_sub(depth)?;
        let is_deep = |id: &BlockId| self.get(*id).is_none_or(|entry| entry.blue_score <= score);
        let above = self.chain.blocks.partition_point(is_deep);
        let id = *self.chain.blocks.get(above.checked_sub(1)?)?;
        self.get(id).map(Entry::hash)
    }
}
