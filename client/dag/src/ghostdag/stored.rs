//! The DAG as it is written to disk, and how it is read again.

use std::collections::HashSet;
use std::sync::Arc;

use citrate_core::H256;
use codec::{Decode, Encode};

use super::block::{Author, Entry, Order, Producer, Status, TieBreak, Work};
use super::chain::SelectedChain;
use super::dag::Dag;
use super::rules::DagRules;
use crate::reachability::{BlockId, IndexError};

/// A block with all that the DAG knows of it. Only the status changes later.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StoredBlock {
    /// Its hash.
    pub hash: H256,
    /// What breaks ties.
    pub tie_break: TieBreak,
    /// What it weighs.
    pub weight: Work,
    /// Who made it.
    pub producer: Option<Producer>,
    /// Its parents, as far as they were here.
    pub parents: Vec<H256>,
    /// The parent of the greatest order.
    pub selected_parent: Option<H256>,
    /// The height on its chain.
    pub number: u64,
    /// Blue blocks in its past.
    pub blue_score: u64,
    /// Their weight.
    pub blue_work: Work,
    /// Chain blocks since blue work grew last.
    pub stall: u32,
    /// The selected parent, then the blue blocks of the mergeset in order.
    pub blues: Vec<H256>,
    /// The red blocks of the mergeset in order.
    pub reds: Vec<H256>,
    /// The reds that repeat an election, each with the block that it repeats.
    pub repeated: Vec<(H256, H256)>,
    /// Sizes of blue anticones that it set or changed.
    pub anticones: Vec<(H256, u16)>,
    /// Authors that equivocated in its past.
    pub disabled: Vec<Author>,
    /// Its merge root.
    pub merge_root: Option<H256>,
    /// How far it was verified.
    pub status: Status,
}

/// The blocks that a DAG points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Marks {
    /// The lowest block.
    pub pruning_point: H256,
    /// The block finalised last.
    pub finalised: H256,
    /// The tip of the selected chain.
    pub sink: H256,
}

/// Why stored blocks do not make a DAG: the disk is corrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// There is no such block.
    #[error("block {0:?} is not among the stored ones")]
    Missing(H256),
    /// A block is there twice.
    #[error("block {0:?} is stored twice")]
    Twice(H256),
    /// A block comes before one that it builds on or merges.
    #[error("block {0:?} is stored before its past")]
    OutOfOrder(H256),
    /// The marks are not on one valid chain, in their order.
    #[error("block {0:?} is not on the selected chain, or not valid")]
    OffChain(H256),
    /// The reachability index is full.
    #[error("the reachability index is full")]
    Full,
}

impl Dag {
    /// A block as it is to be written.
    pub fn stored(&self, hash: &H256) -> Option<StoredBlock> {
        Some(self.store(self.get(self.id(hash)?)?))
    }

    /// All blocks as they are to be written, each after its past.
    pub fn all_stored(&self) -> impl Iterator<Item = StoredBlock> + '_ {
        self.entries().map(|entry| self.store(entry))
    }

    /// What the DAG points to.
    pub fn marks(&self) -> Marks {
        let (pruning_point, finalised) = (self.pruning_point(), self.finalised());
        Marks { pruning_point, finalised, sink: self.sink() }
    }

    /// The DAG of stored blocks, each of which comes after its past. What a block names and is not
    /// stored is pruned.
    ///
    /// # Errors
    /// See [`RestoreError`].
    pub fn restore(
        rules: DagRules,
        blocks: impl IntoIterator<Item = StoredBlock>,
        marks: Marks,
    ) -> Result<Self, RestoreError> {
        let mut dag = Self::blank(rules);
        let mut absent: HashSet<H256> = HashSet::new();
        for block in blocks {
            let hash = block.hash;
            if dag.contains(&hash) {
                return Err(RestoreError::Twice(hash));
            }
            if absent.contains(&hash) {
                return Err(RestoreError::OutOfOrder(hash));
            }
            let named = block.parents.iter().chain(&block.blues).chain(&block.reds);
            absent.extend(named.filter(|named| !dag.contains(named)));
            let entry = dag.load(block);
            dag.push(entry).map_err(|error| match error {
                IndexError::Full | IndexError::Unknown(_) => RestoreError::Full,
            })?;
        }
        dag.set_marks(marks)?;
        Ok(dag)
    }

    fn set_marks(&mut self, marks: Marks) -> Result<(), RestoreError> {
        let id = |hash: H256| self.id(&hash).ok_or(RestoreError::Missing(hash));
        let (lowest, finalised, sink) = (marks.pruning_point, marks.finalised, marks.sink);
        let (pruning_point, finalised_id, sink_id) = (id(lowest)?, id(finalised)?, id(sink)?);
        for mark in [finalised_id, sink_id] {
            if !self.reachability.is_chain_ancestor(pruning_point, mark) {
                return Err(RestoreError::OffChain(self.entry(mark).hash()));
            }
        }
        (self.pruning_point, self.finalised, self.sink) = (pruning_point, finalised_id, sink_id);
        let mut at = pruning_point;
        self.chain = SelectedChain::new(self.entry(at).number, at);
        loop {
            if self.entry(at).status != Status::Valid {
                return Err(RestoreError::OffChain(self.entry(at).hash()));
            }
            let Some(next) = self.reachability.next_chain_block(at, sink_id) else { break };
            self.chain.push(next);
            at = next;
        }
        self.restart_search();
        Ok(())
    }

    fn store(&self, entry: &Entry) -> StoredBlock {
        let hash = |id: BlockId| self.get(id).map(Entry::hash);
        let pairs = entry.repeated.iter();
        let sizes = entry.anticones.iter();
        StoredBlock {
            hash: entry.hash(),
            tie_break: entry.order.tie_break,
            weight: entry.weight,
            producer: entry.producer,
            parents: self.hashes(&entry.parents),
            selected_parent: entry.selected_parent.and_then(hash),
            number: entry.number,
            blue_score: entry.blue_score,
            blue_work: entry.order.blue_work,
            stall: entry.order.stall,
            blues: self.hashes(&entry.blues),
            reds: self.hashes(&entry.reds),
            repeated: pairs.filter_map(|(a, b)| Some((hash(*a)?, hash(*b)?))).collect(),
            anticones: sizes.filter_map(|(id, size)| Some((hash(*id)?, *size))).collect(),
            disabled: entry.disabled.to_vec(),
            merge_root: entry.merge_root.and_then(hash),
            status: entry.status,
        }
    }

    fn load(&self, block: StoredBlock) -> Entry {
        let id = |hash: &H256| self.id(hash);
        let ids = |hashes: &[H256]| hashes.iter().filter_map(id).collect::<Box<[BlockId]>>();
        let (tie_break, hash) = (block.tie_break, block.hash);
        let selected_parent = block.selected_parent.as_ref().and_then(id);
        let pairs = block.repeated.iter().filter_map(|(a, b)| Some((id(a)?, id(b)?)));
        let sizes = block.anticones.iter().filter_map(|(blue, size)| Some((id(blue)?, *size)));
        let mut anticones: Vec<(BlockId, u16)> = sizes.collect();
        anticones.sort_unstable();
        // Shared with the selected parent where they are the same, as when it was inserted.
        let inherited = selected_parent.and_then(|parent| self.get(parent)).map(|p| &p.disabled);
        let disabled = match inherited.filter(|inherited| inherited[..] == block.disabled[..]) {
            Some(inherited) => Arc::clone(inherited),
            None => block.disabled.into(),
        };
        Entry {
            order: Order { blue_work: block.blue_work, stall: block.stall, tie_break, hash },
            parents: ids(&block.parents),
            selected_parent,
            number: block.number,
            blue_score: block.blue_score,
            weight: block.weight,
            producer: block.producer,
            blues: ids(&block.blues),
            reds: ids(&block.reds),
            repeated: pairs.collect(),
            anticones: anticones.into(),
            disabled,
            merge_root: block.merge_root.as_ref().and_then(id),
            children: 0,
            status: block.status,
        }
    }
}
