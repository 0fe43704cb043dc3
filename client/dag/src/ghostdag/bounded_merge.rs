//! How old a merged block may be.

use super::block::{DagError, Entry};
use super::dag::Dag;
use crate::reachability::BlockId;

impl Dag {
    /// The highest block on the chain of `selected` whose blue score is below `blue_score` by more
    /// than the merge depth; `None` if that is not above the pruning point, where nothing needs to be
    /// checked any more. The walk starts at the selected parent's own merge root.
    pub(super) fn merge_root(&self, selected: BlockId, blue_score: u64) -> Option<BlockId> {
        let lowest = self.entry(self.pruning_point).blue_score;
        let required = blue_score.checked_sub(self.rules.merge_depth)?;
        if required < lowest || !self.reachability.is_chain_ancestor(self.pruning_point, selected) {
            return None;
        }
        let known = self.entry(selected).merge_root.filter(|root| {
            // One that is not above the pruning point is as good as none.
            self.reachability.is_chain_ancestor(self.pruning_point, *root)
        });
        let mut root = known.unwrap_or(self.pruning_point);
        while let Some(next) = self.reachability.next_chain_block(root, selected) {
            if self.entry(next).blue_score >= required {
                break;
            }
            root = next;
        }
        Some(root)
    }

    /// Checks that nothing that a block merges is too old.
    pub(super) fn check_merge(&self, block: &Entry) -> Result<(), DagError> {
        self.check_window(block)?;
        let Some(root) = block.merge_root else { return Ok(()) };
        let mut kosherising: Option<Vec<BlockId>> = None;
        for red in &block.reds {
            if self.reachability.is_ancestor(root, *red) {
                continue;
            }
            let blues = kosherising.get_or_insert_with(|| {
                let has_root = |blue: &BlockId| self.reachability.is_chain_ancestor(root, *blue);
                block.blues.iter().copied().filter(has_root).collect()
            });
            if !blues.iter().any(|blue| self.reachability.is_ancestor(*red, *blue)) {
                return Err(DagError::MergeDepth(self.entry(*red).hash()));
            }
        }
        Ok(())
    }

    /// Where blocks have slots, nothing is merged after the window's number of slots.
    fn check_window(&self, block: &Entry) -> Result<(), DagError> {
        let (Some(producer), Some(max)) = (block.producer, self.rules.merge_slots_max) else {
            return Ok(());
        };
        let first = producer.slot.saturating_sub(max);
        for id in block.merged() {
            let merged = self.entry(id);
            if let Some(old) = merged.producer.filter(|producer| producer.slot < first) {
                let (merged, slot) = (merged.hash(), old.slot);
                return Err(DagError::MergeWindow { merged, slot, first });
            }
        }
        Ok(())
    }
}
