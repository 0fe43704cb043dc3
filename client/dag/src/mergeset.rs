//! What a block merges, in consensus order.

use citrate_core::H256;
use citrate_dag_types::{Colour, DagDigest, Merged, MergedBlock};

use crate::ghostdag::{BlockInfo, Dag};

/// What a block merges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mergeset {
    /// The blocks in consensus order, the selected parent first.
    pub blocks: Vec<(H256, Colour)>,
    /// Those of them whose payloads are executed: not what repeats another block's election.
    pub executed: Vec<H256>,
}

impl Mergeset {
    /// The mergeset of a block that is in the DAG or could be.
    pub fn of(dag: &Dag, block: &BlockInfo) -> Self {
        let mut rest: Vec<(H256, Colour)> = Vec::new();
        let others = block.blues.iter().filter(|blue| Some(**blue) != block.selected_parent);
        rest.extend(others.map(|blue| (*blue, Colour::Blue)));
        rest.extend(block.reds.iter().map(|red| (*red, Colour::Red)));
        rest.sort_unstable_by_key(|(hash, _)| dag.order(hash));
        let first = block.selected_parent.map(|parent| (parent, Colour::Blue));
        let blocks: Vec<_> = first.into_iter().chain(rest).collect();
        let repeats = |hash: &H256| block.repeated.iter().any(|repeated| repeated.block == *hash);
        let executed = blocks.iter().map(|(hash, _)| *hash).filter(|hash| !repeats(hash));
        Self { executed: executed.collect(), blocks }
    }

    /// What a digest lists: the blocks besides the selected parent. `digest_of` gives the digest of
    /// a merged block.
    ///
    /// # Errors
    /// Those of `digest_of`.
    pub fn merged<E>(
        &self,
        mut digest_of: impl FnMut(&H256) -> Result<DagDigest, E>,
    ) -> Result<Merged, E> {
        let mut list = Vec::new();
        for (hash, colour) in self.blocks.iter().skip(1) {
            let DagDigest { author, slot, vrf, .. } = digest_of(hash)?;
            let (colour, pre_output) = (*colour, vrf.pre_output);
            list.push(MergedBlock { author, slot, colour, pre_output });
        }
        Ok(Merged::new(list))
    }
}
