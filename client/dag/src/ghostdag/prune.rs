//! Forgetting what is below a finalised block.

use std::collections::HashSet;

use citrate_core::H256;

use super::dag::Dag;
use crate::reachability::BlockId;

/// Why the DAG is not pruned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PruneError {
    /// It is not on the selected chain, or not final.
    #[error("block {0:?} is not a finalised block of the selected chain")]
    NotFinal(H256),
    /// New blocks may still merge what is below it.
    #[error("the block is {depth} below the sink; the pruning depth is {needed}")]
    NotDeep {
        /// Its depth.
        depth: u64,
        /// The pruning depth.
        needed: u64,
    },
}

impl Dag {
    /// The lowest block: everything here is in its future, or was merged by it or by the sink.
    pub fn pruning_point(&self) -> H256 {
        self.entry(self.pruning_point).hash()
    }

    /// Makes `point` the lowest block. Deletes its past, and what nobody can merge any more: blocks
    /// beside it that the sink has not merged, and what builds on them only. Returns what was
    /// deleted. The time is in what is deleted.
    ///
    /// # Errors
    /// See [`PruneError`]; nothing changes.
    pub fn prune(&mut self, point: &H256) -> Result<Vec<H256>, PruneError> {
        let not_final = PruneError::NotFinal(*point);
        let id = self.id(point).ok_or(not_final)?;
        let entry = self.entry(id);
        let is_final = self.reachability.is_chain_ancestor(id, self.finalised);
        if !is_final || self.chain.at(entry.number) != Some(id) {
            return Err(not_final);
        }
        let depth = self.entry(self.sink).blue_score.saturating_sub(entry.blue_score);
        let needed = self.rules.pruning_depth;
        if depth < needed {
            return Err(PruneError::NotDeep { depth, needed });
        }
        let number = entry.number;
        let mut gone = self.past(id);
        gone.extend(self.dead_branches(id));
        self.pruning_point = id;
        self.chain.drop_below(number);
        let hashes = gone.into_iter().filter_map(|id| self.remove(id)).collect();
        self.refresh_best_header();
        self.restart_search();
        Ok(hashes)
    }

    /// What is left of a block's past.
    fn past(&self, id: BlockId) -> Vec<BlockId> {
        let mut seen = HashSet::new();
        let mut past = Vec::new();
        let mut queue = self.entry(id).parents.to_vec();
        while let Some(id) = queue.pop() {
            let Some(entry) = self.get(id) else { continue };
            if seen.insert(id) {
                past.push(id);
                queue.extend(&entry.parents);
            }
        }
        past
    }

    /// Blocks that neither build on the pruning point nor were merged by the sink, nor are in the
    /// past of one that does. Such a block is deleted after all that build on it.
    fn dead_branches(&mut self, point: BlockId) -> Vec<BlockId> {
        let is_dead = |dag: &Self, id: BlockId| {
            !dag.reachability.is_ancestor(point, id) && !dag.reachability.is_ancestor(id, dag.sink)
        };
        let mut dead = Vec::new();
        let mut queue: Vec<BlockId> =
            self.tips.iter().copied().filter(|tip| is_dead(self, *tip)).collect();
        while let Some(id) = queue.pop() {
            for parent in self.entry(id).parents.clone() {
                let Some(entry) = self.entries_mut(parent) else { continue };
                entry.children -= 1;
                if entry.children == 0 && is_dead(self, parent) {
                    queue.push(parent);
                }
            }
            dead.push(id);
        }
        dead
    }
}
