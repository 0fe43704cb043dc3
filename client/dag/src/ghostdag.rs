//! GHOSTDAG: which blocks of a DAG are well connected, and in which order all of them count.
//!
//! Each block is coloured once, when it is inserted, from what its past holds: its selected parent is
//! the parent of the greatest order, and the rest of what it newly sees (its mergeset) is blue as
//! long as no blue block then has more than `k` blue blocks in its anticone. The order of blocks is
//! (blue work, tie-break, hash). The tie-break and the weight of a block are the caller's: Kaspa's
//! are the hash and the proven work, ours the VRF output (a hash could be ground) and 1 per won slot.

use std::collections::{BTreeMap, BTreeSet};

use citrate_core::H256;

use crate::reachability::Reachability;

/// What breaks ties between blocks of equal blue work.
pub type TieBreak = [u8; 32];

/// A block as GHOSTDAG sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coloured {
    /// The parent of the greatest order; `None` for the first block.
    pub selected_parent: Option<H256>,
    /// The selected parent, then the blue blocks of the mergeset in order.
    pub blues: Vec<H256>,
    /// The red blocks of the mergeset in order.
    pub reds: Vec<H256>,
    /// Blue blocks in the past.
    pub blue_score: u64,
    /// Weight of the blue blocks in the past.
    pub blue_work: u128,
    parents: Vec<H256>,
    tie_break: TieBreak,
    weight: u64,
    /// Sizes of blue anticones that this block set or changed.
    anticones: BTreeMap<H256, usize>,
}

/// Why a block cannot be inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GhostdagError {
    /// It is here already.
    #[error("block {0:?} is already in the DAG")]
    Known(H256),
    /// A parent is not here.
    #[error("parent {0:?} is not in the DAG")]
    UnknownParent(H256),
    /// It names no parent.
    #[error("a block needs a parent")]
    NoParent,
    /// One parent is in another's past.
    #[error("parent {0:?} is in the past of another parent")]
    RelatedParents(H256),
    /// It merges more blocks than allowed.
    #[error("the mergeset has more than {max} blocks")]
    MergesetTooLarge {
        /// The limit.
        max: usize,
    },
}

/// The order of blocks.
pub type Order = (u128, TieBreak, H256);

/// A DAG in memory, coloured.
#[derive(Clone, Debug)]
pub struct Ghostdag {
    k: usize,
    mergeset_max: usize,
    blocks: BTreeMap<H256, Coloured>,
    reachability: Reachability,
}

impl Ghostdag {
    /// A DAG of one block. LIMIT: `mergeset_max` blocks in a mergeset, the selected parent included.
    pub fn new(genesis: H256, k: usize, mergeset_max: usize) -> Self {
        let coloured = Coloured {
            selected_parent: None,
            blues: Vec::new(),
            reds: Vec::new(),
            blue_score: 0,
            blue_work: 0,
            parents: Vec::new(),
            tie_break: [0; 32],
            weight: 1,
            anticones: BTreeMap::new(),
        };
        let blocks = BTreeMap::from([(genesis, coloured)]);
        Self { k, mergeset_max, blocks, reachability: Reachability::new(genesis) }
    }

    /// A block.
    pub fn get(&self, hash: &H256) -> Option<&Coloured> {
        self.blocks.get(hash)
    }

    /// Which blocks are in which one's past.
    pub fn reachability(&self) -> &Reachability {
        &self.reachability
    }

    /// Where a block stands in the order.
    pub fn order(&self, hash: &H256) -> Order {
        match self.blocks.get(hash) {
            Some(block) => (block.blue_work, block.tie_break, *hash),
            None => (0, [0; 32], *hash),
        }
    }

    /// The selected parent, then the rest of the mergeset in order, whatever its colour: the order in
    /// which payloads are executed.
    pub fn consensus_order(&self, hash: &H256) -> Vec<H256> {
        let Some(block) = self.blocks.get(hash) else { return Vec::new() };
        let mut rest: Vec<H256> = block.blues.iter().skip(1).chain(&block.reds).copied().collect();
        rest.sort_by_key(|hash| self.order(hash));
        block.selected_parent.into_iter().chain(rest).collect()
    }

    /// Adds a block and colours its mergeset.
    ///
    /// # Errors
    /// See [`GhostdagError`]; the DAG is as before.
    pub fn insert(
        &mut self,
        hash: H256,
        parents: &[H256],
        tie_break: TieBreak,
        weight: u64,
    ) -> Result<&Coloured, GhostdagError> {
        let selected = self.check(&hash, parents)?;
        let candidates = self.mergeset(&selected, parents)?;
        let mut block = Coloured {
            selected_parent: Some(selected),
            blues: vec![selected],
            reds: Vec::new(),
            blue_score: 0,
            blue_work: 0,
            parents: parents.to_vec(),
            tie_break,
            weight,
            anticones: BTreeMap::from([(selected, 0)]),
        };
        for candidate in &candidates {
            match self.anticone_if_blue(&block, candidate) {
                Some(anticone) => {
                    block.anticones.insert(*candidate, anticone.len());
                    for (blue, size) in anticone {
                        block.anticones.insert(blue, size + 1);
                    }
                    block.blues.push(*candidate);
                }
                None => block.reds.push(*candidate),
            }
        }
        let base = self.blocks.get(&selected).map_or((0, 0), |b| (b.blue_score, b.blue_work));
        let work = block.blues.iter().filter_map(|blue| self.blocks.get(blue));
        block.blue_score = base.0 + block.blues.len() as u64;
        block.blue_work = base.1 + work.map(|blue| u128::from(blue.weight)).sum::<u128>();
        self.reachability.insert(hash, selected, &candidates);
        Ok(self.blocks.entry(hash).or_insert(block))
    }

    /// The selected parent among known parents, none of which is in another's past.
    fn check(&self, hash: &H256, parents: &[H256]) -> Result<H256, GhostdagError> {
        if self.blocks.contains_key(hash) {
            return Err(GhostdagError::Known(*hash));
        }
        if let Some(unknown) = parents.iter().find(|parent| !self.blocks.contains_key(parent)) {
            return Err(GhostdagError::UnknownParent(*unknown));
        }
        for (index, parent) in parents.iter().enumerate() {
            let mut others = parents.iter().enumerate().filter(|(other, _)| *other != index);
            if others.any(|(_, other)| self.reachability.is_ancestor(parent, other)) {
                return Err(GhostdagError::RelatedParents(*parent));
            }
        }
        let best = parents.iter().max_by_key(|parent| self.order(parent));
        best.copied().ok_or(GhostdagError::NoParent)
    }

    /// What the parents have in their past and the selected one has not, in order.
    fn mergeset(&self, selected: &H256, parents: &[H256]) -> Result<Vec<H256>, GhostdagError> {
        let mut found: BTreeSet<H256> = BTreeSet::new();
        let mut queue: Vec<H256> = parents.iter().filter(|p| *p != selected).copied().collect();
        while let Some(block) = queue.pop() {
            if self.reachability.is_ancestor(&block, selected) || !found.insert(block) {
                continue;
            }
            if found.len() >= self.mergeset_max {
                return Err(GhostdagError::MergesetTooLarge { max: self.mergeset_max });
            }
            queue.extend(self.blocks.get(&block).into_iter().flat_map(|b| &b.parents));
        }
        let mut mergeset: Vec<H256> = found.into_iter().collect();
        mergeset.sort_by_key(|hash| self.order(hash));
        Ok(mergeset)
    }

    /// The blue blocks in the candidate's anticone with the sizes of their own blue anticones, if
    /// the candidate may be blue: at most `k` of them, and each with fewer than `k`.
    fn anticone_if_blue(&self, new: &Coloured, candidate: &H256) -> Option<Vec<(H256, usize)>> {
        if new.blues.len() > self.k {
            return None;
        }
        let mut anticone = Vec::new();
        // Down the selected chain, until a chain block is in the candidate's past: all blue blocks
        // below it are as well.
        let mut at = new;
        loop {
            for blue in &at.blues {
                if self.reachability.is_ancestor(blue, candidate) {
                    continue;
                }
                let size = self.blue_anticone(new, blue);
                if anticone.len() >= self.k || size >= self.k {
                    return None;
                }
                anticone.push((*blue, size));
            }
            let Some(parent) = at.selected_parent else { break };
            if self.reachability.is_ancestor(&parent, candidate) {
                break;
            }
            let Some(next) = self.blocks.get(&parent) else { break };
            at = next;
        }
        Some(anticone)
    }

    /// The size of a blue block's blue anticone as the new block sees it so far.
    fn blue_anticone(&self, new: &Coloured, blue: &H256) -> usize {
        let mut at = new;
        loop {
            if let Some(size) = at.anticones.get(blue) {
                return *size;
            }
            match at.selected_parent.and_then(|parent| self.blocks.get(&parent)) {
                Some(next) => at = next,
                None => return 0,
            }
        }
    }
}
