//! What the DAG has to know of the blocks around the one that is begun at.

use std::collections::{BTreeMap, BTreeSet};

use citrate_core::{H256, Header};
use citrate_dag::Mergeset;
use citrate_dag::ghostdag::{
    Claims, Dag, DagRules, Marks, NewBlock, Root, Status, Step, StoredBlock, Verdict, Work,
};
use citrate_dag_types::{DagDigest, DigestError};
use codec::{Decode, Encode};

/// LIMIT: blocks of a window.
pub(super) const WINDOW_BLOCKS_MAX: u32 = 1 << 18;

/// A block of the window: its header, and the DAG's record of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct WindowEntry {
    /// The header.
    pub header: Header,
    /// The record, as whoever served it has it.
    pub record: StoredBlock,
}

/// Why a window is not that of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WindowError {
    /// An entry is not in the block's past, or the block itself is missing.
    #[error("block {0:?} does not belong to the window")]
    Foreign(H256),
    /// A record is not its header's.
    #[error("the record of block {0:?} contradicts its header")]
    Record(H256),
    /// A block has no digest.
    #[error("block {0:?} has no digest")]
    Digest(H256),
    /// The rules give something else than the header says.
    #[error("the DAG gives something else for block {0:?} than its header says")]
    Contradiction(H256),
    /// It does not go down far enough.
    #[error("the window is {depth} deep; {needed} are needed")]
    Shallow {
        /// Its depth in blue score.
        depth: u64,
        /// The pruning depth.
        needed: u64,
    },
    /// The records make no DAG.
    #[error("the records make no DAG")]
    NoDag,
}

/// The blocks that the window of a final block has: the block and its past, each after its own past. `None` if
/// the block is not final or not here, or if too little of its past is.
pub fn window_of(dag: &Dag, block: &H256) -> Option<Vec<H256>> {
    if !dag.is_chain_ancestor(block, &dag.finalised()) {
        return None;
    }
    let score = |hash: &H256| dag.block(hash).map(|block| block.blue_score);
    let root = dag.block(&dag.pruning_point())?;
    if root.number > 0 && score(block)?.saturating_sub(root.blue_score) < dag.rules().pruning_depth
    {
        return None;
    }
    let hashes = dag.all_stored().map(|stored| stored.hash);
    Some(hashes.filter(|hash| dag.is_ancestor(hash, block)).collect())
}

/// The DAG that a node begins with at the block `target`, whose hash is proven to be that of a final block.
///
/// The headers are proven by the target, because each is named by one above it. In the upper half of
/// the window the DAG is built anew, and must give what the headers say: colours, order, blue
/// score. In the lower half, where what blocks merged reaches below the window, the
/// records are compared with the headers, which leaves sizes of anticones and tie breaks on trust: if
/// they are wrong, the upper half or the blocks that come later contradict them.
/// `is_sealed` says whether the record's author sealed the header.
///
/// # Errors
/// The first contradiction.
pub fn check_window(
    rules: DagRules,
    genesis: H256,
    target: &Header,
    entries: &[WindowEntry],
    is_sealed: &dyn Fn(&Header, &StoredBlock) -> bool,
) -> Result<Dag, WindowError> {
    let window = Window::new(target, entries)?;
    for entry in entries {
        window.check_record(entry, genesis, is_sealed)?;
    }
    let chain = window.chain();
    let score = |hash: &H256| window.entries.get(hash).map_or(0, |entry| entry.record.blue_score);
    let Some(root) = chain.last().copied() else { return Err(WindowError::NoDag) };
    let (low, high) = (score(&root), score(&window.target));
    let depth = high.saturating_sub(low);
    if root != genesis && depth < rules.pruning_depth {
        return Err(WindowError::Shallow { depth, needed: rules.pruning_depth });
    }
    let is_whole = root == genesis;
    let middle = low + depth / 2;
    let base = chain.iter().find(|hash| score(hash) <= middle && !is_whole).unwrap_or(&root);
    let below = window.past(base);
    let mut dag = if is_whole {
        Dag::new(Root::genesis(genesis, Work::one()), rules)
    } else {
        let on_chain: BTreeSet<&H256> = chain.iter().collect();
        let lower = entries.iter().filter(|entry| below.contains(&entry.record.hash));
        let stored = lower.map(|entry| {
            let is_valid = on_chain.contains(&entry.record.hash);
            let status = if is_valid { Status::Valid } else { Status::Unverified };
            StoredBlock { status, ..entry.record.clone() }
        });
        let marks = Marks { pruning_point: root, finalised: *base, sink: *base };
        Dag::restore(rules, stored, marks).map_err(|_error| WindowError::NoDag)?
    };
    for entry in entries.iter().filter(|entry| !below.contains(&entry.record.hash)) {
        window.insert(&mut dag, entry)?;
    }
    settle(&mut dag, &window.target)?;
    Ok(dag)
}

/// Makes the target the tip of the selected chain, and final.
fn settle(dag: &mut Dag, target: &H256) -> Result<(), WindowError> {
    loop {
        match dag.next_step() {
            Step::Execute(hash) => {
                // It was final elsewhere, and so it is valid.
                dag.report(&hash, Verdict::Matches).map_err(|_error| WindowError::NoDag)?;
            }
            Step::Moved(_) => {}
            Step::Idle => break,
            Step::FinalisedFails(_) => return Err(WindowError::NoDag),
        }
    }
    if dag.sink() != *target {
        return Err(WindowError::Contradiction(*target));
    }
    if dag.finalised() != *target {
        dag.finalise(target).map_err(|_error| WindowError::NoDag)?;
    }
    Ok(())
}

struct Window<'a> {
    target: H256,
    entries: BTreeMap<H256, &'a WindowEntry>,
    digests: BTreeMap<H256, DagDigest>,
}

impl<'a> Window<'a> {
    /// The entries by the hashes of their headers, if all are in the target's past.
    fn new(target: &Header, entries: &'a [WindowEntry]) -> Result<Self, WindowError> {
        let target = target.hash();
        let (mut by_hash, mut digests) = (BTreeMap::new(), BTreeMap::new());
        for entry in entries {
            let hash = entry.header.hash();
            if hash != entry.record.hash {
                return Err(WindowError::Record(entry.record.hash));
            }
            if by_hash.insert(hash, entry).is_some() {
                return Err(WindowError::Foreign(hash));
            }
            match DagDigest::from_header(&entry.header) {
                Ok(digest) => drop(digests.insert(hash, digest)),
                Err(_) if entry.header.number == 0 => {}
                Err(_) => return Err(WindowError::Digest(hash)),
            }
        }
        let window = Self { target, entries: by_hash, digests };
        let past = window.past(&target);
        match window.entries.keys().find(|hash| !past.contains(hash)) {
            Some(foreign) => Err(WindowError::Foreign(*foreign)),
            None if past.is_empty() => Err(WindowError::Foreign(target)),
            None => Ok(window),
        }
    }

    /// The parents that are in the window, the selected one first.
    fn parents(&self, hash: &H256) -> Vec<H256> {
        let Some(entry) = self.entries.get(hash) else { return Vec::new() };
        let others = self.digests.get(hash).map(|digest| digest.other_parents.clone());
        let named = std::iter::once(entry.header.parent_hash).chain(others.unwrap_or_default());
        named.filter(|parent| self.entries.contains_key(parent)).collect()
    }

    /// A block of the window and its past.
    fn past(&self, hash: &H256) -> BTreeSet<H256> {
        let mut past = BTreeSet::new();
        let mut queue: Vec<H256> =
            self.entries.contains_key(hash).then_some(*hash).into_iter().collect();
        while let Some(hash) = queue.pop() {
            if past.insert(hash) {
                queue.extend(self.parents(&hash));
            }
        }
        past
    }

    /// The target's chain of selected parents, from it down.
    fn chain(&self) -> Vec<H256> {
        let mut chain = Vec::new();
        let mut at = self.target;
        while let Some(entry) = self.entries.get(&at) {
            chain.push(at);
            at = entry.header.parent_hash;
        }
        chain
    }

    /// What a record says and the header says too.
    fn check_record(
        &self,
        entry: &WindowEntry,
        genesis: H256,
        is_sealed: &dyn Fn(&Header, &StoredBlock) -> bool,
    ) -> Result<(), WindowError> {
        let WindowEntry { header, record } = entry;
        let wrong = WindowError::Record(record.hash);
        if record.hash == genesis {
            return Ok(());
        }
        let digest = self.digests.get(&record.hash).ok_or(WindowError::Digest(record.hash))?;
        let named: BTreeSet<H256> = self.parents(&record.hash).into_iter().collect();
        let stored: BTreeSet<H256> = record.parents.iter().copied().collect();
        let selected = Some(header.parent_hash).filter(|hash| self.entries.contains_key(hash));
        let is_its = named == stored
            && record.selected_parent == selected
            && record.number == u64::from(header.number)
            && record.blue_score == digest.blue_score
            && record.weight == Work::one()
            && record.producer.is_some_and(|producer| producer.slot == digest.slot.0);
        if is_its && is_sealed(header, record) { Ok(()) } else { Err(wrong) }
    }

    /// Inserts a block by the rules; it has to be what its header says.
    fn insert(&self, dag: &mut Dag, entry: &WindowEntry) -> Result<(), WindowError> {
        let WindowEntry { header, record } = entry;
        let hash = record.hash;
        let wrong = WindowError::Contradiction(hash);
        let Some(digest) = self.digests.get(&hash) else {
            // The first block is there already.
            return if dag.contains(&hash) { Ok(()) } else { Err(WindowError::Digest(hash)) };
        };
        let others = digest.other_parents.iter().copied();
        let new = NewBlock {
            hash,
            parents: std::iter::once(header.parent_hash).chain(others).collect(),
            tie_break: record.tie_break,
            weight: Work::one(),
            producer: record.producer,
            claims: Claims {
                selected_parent: Some(header.parent_hash),
                blue_score: Some(digest.blue_score),
                blue_work: None,
            },
        };
        dag.insert(&new).map_err(|_error| wrong)?;
        let info = dag.block(&hash).ok_or(wrong)?;
        let digest_of = |hash: &H256| self.digests.get(hash).cloned().ok_or(DigestError::Missing);
        let merged = Mergeset::of(dag, &info).merged(digest_of).map_err(|_error| wrong)?;
        let is_its = merged == digest.merged && info.number == u64::from(header.number);
        if is_its && dag.add_payload(&hash) { Ok(()) } else { Err(wrong) }
    }
}
