//! Forgetting old blocks.

use citrate_dag_types::{DagDigest, Slot};
use citrate_db::Pruning;

use crate::chain::Chain;
use crate::error::ChainError;

/// How much deeper than necessary the DAG may be before it is pruned, in blue score.
const PRUNE_EVERY: u64 = 256;
/// How much deeper than necessary the DAG stays, in blue score: whoever starts at a finalised block, which is
/// a little below the tip, needs as much below it as this node needs below the tip.
const PRUNE_MARGIN: u64 = 256;

impl Chain {
    /// The lowest block of the selected chain that can be served whole, with what it merged and all payloads.
    pub fn bodies_from(&self) -> citrate_core::BlockNumber {
        self.db.bodies_from()
    }

    /// Whether this is a block of the selected chain that was executed, here or elsewhere, and whose
    /// accepted list is not kept.
    ///
    /// # Errors
    /// The database failed.
    pub fn is_body_pruned(&self, hash: &citrate_core::H256) -> Result<bool, ChainError> {
        let Some(header) = self.db.header(hash)? else { return Ok(false) };
        let is_old = header.number > 0 && header.number < self.bodies_from();
        Ok(is_old && self.db.hash_at(header.number)? == Some(*hash))
    }

    /// Forgets the part of the DAG that nobody can merge any more, when there is enough of it.
    pub(crate) fn prune_dag(&self) -> Result<(), ChainError> {
        let mut dag = self.dag.write();
        let depth = dag.rules().pruning_depth.saturating_add(PRUNE_MARGIN);
        let Some(deep) = dag.chain_block_at_depth(depth) else { return Ok(()) };
        let finalised = dag.finalised();
        let point = if dag.is_chain_ancestor(&deep, &finalised) { deep } else { finalised };
        let score = |hash| dag.block(&hash).map_or(0, |block| block.blue_score);
        if score(point) < score(dag.pruning_point()).saturating_add(PRUNE_EVERY) {
            return Ok(());
        }
        match dag.prune(&point) {
            Ok(gone) => Ok(self.db.prune_dag(&point, &gone)?),
            // What is final is not deep enough yet.
            Err(error) => {
                tracing::debug!(target: "chain", %error, "the DAG is not pruned");
                Ok(())
            }
        }
    }

    /// Forgets some of the blocks that are older than the operator wants to keep, and that the DAG has
    /// forgotten. What there is more of is left for the next finalised block.
    pub(crate) fn prune_blocks(&self) -> Result<(), ChainError> {
        let Pruning::Keep(keep) = self.db.blocks_pruning() else { return Ok(()) };
        let (root, window) = self.with_dag(|dag| {
            let root = dag.block(&dag.pruning_point()).map_or(0, |block| block.number);
            (root, dag.rules().merge_slots_max)
        });
        let last = self.finalized().number.saturating_sub(keep);
        let last = last.min(u32::try_from(root).unwrap_or(u32::MAX));
        let mut count = self.db.forget_bodies(last)?;
        // A block of so long before what is forgotten was merged by it, and is gone, or never will be.
        let slot = self.slot_at(self.db.bodies_from().saturating_sub(1))?;
        if let (Some(slot), Some(window)) = (slot, window) {
            count += self.db.forget_side_blocks(|header| {
                DagDigest::from_header(header)
                    .is_ok_and(|digest| digest.slot.0.saturating_add(window) < slot.0)
            })?;
        }
        if count > 0 {
            tracing::debug!(target: "chain", count, from = self.db.bodies_from(), "old blocks are forgotten");
        }
        Ok(())
    }

    /// The slot of the selected chain's block of this number; genesis has none.
    fn slot_at(&self, number: citrate_core::BlockNumber) -> Result<Option<Slot>, ChainError> {
        if number == 0 {
            return Ok(None);
        }
        let Some(hash) = self.db.hash_at(number)? else { return Ok(None) };
        Ok(Some(self.digest(&hash)?.slot))
    }
}
