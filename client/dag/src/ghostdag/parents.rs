//! Choosing the parents of a new block.

use std::collections::BinaryHeap;

use citrate_core::H256;

use super::block::{DagError, Order, Producer};
use super::dag::Dag;
use crate::reachability::BlockId;

/// LIMIT: how many blocks are looked at for each parent that a block may have.
const TRIES_PER_PARENT: usize = 3;

impl Dag {
    /// The parents of a block that extends the selected chain: the sink, then as many tips as the rules
    /// allow it to merge, in descending order. A tip that would be the selected parent instead of the sink,
    /// because it is disqualified or leaves the finalised chain, or whose slot is not before the
    /// producer's, is replaced by its own parents; one that brings too many blocks by the highest
    /// block of its chain that does not.
    ///
    /// `None` if even the sink is not before the producer's slot.
    pub fn parents_for(&self, producer: Option<Producer>) -> Option<Vec<H256>> {
        let sink = self.sink;
        let is_early = |id: BlockId| match (producer, self.entry(id).producer) {
            (Some(new), Some(old)) => old.slot < new.slot,
            _ => true,
        };
        if !is_early(sink) {
            return None;
        }
        let limit = self.entry(sink).order;
        let mut parents = vec![sink];
        let tips = self.payload_tips.iter().filter(|tip| **tip != sink);
        let mut heap: BinaryHeap<(Order, BlockId)> =
            tips.map(|tip| (self.entry(*tip).order, *tip)).collect();
        let mut tries = TRIES_PER_PARENT * self.rules.parents_max;
        while parents.len() < self.rules.parents_max && tries > 0 {
            let Some((order, tip)) = heap.pop() else { break };
            let is_merged = |id| parents.iter().any(|p| self.reachability.is_ancestor(id, *p));
            if is_merged(tip) {
                continue;
            }
            if order > limit || !is_early(tip) {
                let above = self.entry(tip).parents.iter().filter(|p| !is_merged(**p));
                heap.extend(above.filter_map(|p| Some((self.get(*p)?.order, *p))));
                continue;
            }
            tries -= 1;
            if let Some(parent) = self.mergeable(&parents, tip, producer) {
                parents.push(parent);
            }
        }
        Some(parents.into_iter().map(|parent| self.entry(parent).hash()).collect())
    }

    /// `tip`, or the highest block on its chain, that can be a parent besides these.
    fn mergeable(
        &self,
        parents: &[BlockId],
        tip: BlockId,
        producer: Option<Producer>,
    ) -> Option<BlockId> {
        let with = |id: BlockId| {
            let parents: Vec<BlockId> = parents.iter().copied().chain([id]).collect();
            self.assess(&parents, producer).and_then(|merge| self.check_merge(&merge))
        };
        match with(tip) {
            Ok(()) => return Some(tip),
            Err(DagError::MergesetTooLarge { .. }) => {}
            Err(_) => return None,
        }
        // The chain below the tip as far as it is not merged; the mergeset shrinks on the way down.
        let mut branch = vec![];
        let mut at = self.entry(tip).selected_parent;
        while let Some(id) = at {
            if parents.iter().any(|parent| self.reachability.is_ancestor(id, *parent)) {
                break;
            }
            branch.push(id);
            at = self.get(id)?.selected_parent;
        }
        let too_large = |id: &BlockId| matches!(with(*id), Err(DagError::MergesetTooLarge { .. }));
        let first = branch.partition_point(too_large);
        branch.get(first).copied().filter(|id| with(*id).is_ok())
    }
}
