//! Choosing the parents of a new block.

use std::collections::BTreeSet;

use citrate_core::H256;

use super::block::{DagError, Order, Producer};
use super::dag::Dag;
use crate::reachability::BlockId;

/// LIMIT: how many blocks are looked at for each parent that a block may have.
const TRIES_PER_PARENT: usize = 3;
/// LIMIT: how many blocks are replaced by their parents; what is left then is not merged this time.
const DESCENT_MAX: usize = 1024;

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
        let with_order = |id: BlockId| Some((self.get(id)?.order, id));
        let tips = self.payload_tips.iter().copied().filter(|tip| *tip != sink);
        let is_ready = |(order, id): &(Order, BlockId)| *order < limit && is_early(*id);
        // Sets, because two blocks may have the same parent.
        let (mut ready, mut above): (BTreeSet<_>, BTreeSet<_>) =
            tips.filter_map(with_order).partition(is_ready);
        for _ in 0..DESCENT_MAX {
            let Some((_, replaced)) = above.pop_last() else { break };
            let parents = self.entry(replaced).parents.iter().copied();
            let unmerged = parents.filter(|id| !self.reachability.is_ancestor(*id, sink));
            for parent in unmerged.filter_map(with_order) {
                if is_ready(&parent) {
                    ready.insert(parent)
                } else {
                    above.insert(parent)
                };
            }
        }
        let mut parents = vec![sink];
        let mut tries = TRIES_PER_PARENT * self.rules.parents_max;
        while parents.len() < self.rules.parents_max && tries > 0 {
            let Some((_, tip)) = ready.pop_last() else { break };
            if parents.iter().any(|parent| self.reachability.is_ancestor(tip, *parent)) {
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
