//! The DAG in memory.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use citrate_core::H256;

use super::block::{BlockInfo, DagError, Entry, NewBlock, Order, Producer, Repeated, Root, Status};
use super::chain::SelectedChain;
use super::rules::DagRules;
use super::sink::Search;
use crate::arena::Arena;
use crate::reachability::{BlockId, IndexError, ORIGIN, Reachability};

/// LIMIT: how many invalid blocks are remembered; the oldest is forgotten first.
pub const INVALID_REMEMBERED_MAX: usize = 4096;

/// The blocks above the pruning point, coloured, and the selected chain through them. The rules are in the
/// [module's](crate::ghostdag) words.
#[derive(Clone, Debug)]
pub struct Dag {
    pub(super) rules: DagRules,
    pub(super) reachability: Reachability,
    /// Looked up only, never iterated: its order depends on nothing that is agreed on.
    ids: HashMap<H256, BlockId>,
    entries: Arena<Entry>,
    /// Blocks by election; more than one of one election is an equivocation.
    pub(super) elections: HashMap<Producer, Vec<BlockId>>,
    invalid: Invalid,
    /// Blocks that no other names as a parent, payload or not.
    pub(super) tips: BTreeSet<BlockId>,
    /// Blocks with a payload that no other block with a payload names as a parent.
    pub(super) payload_tips: BTreeSet<BlockId>,
    /// The greatest in the order, whatever its status.
    best_header: BlockId,
    pub(super) pruning_point: BlockId,
    pub(super) finalised: BlockId,
    pub(super) sink: BlockId,
    pub(super) chain: SelectedChain,
    pub(super) search: Option<Search>,
    /// Whether a search could find another sink than the last one did.
    pub(super) is_stale: bool,
}

/// The last blocks that broke a rule.
#[derive(Clone, Debug, Default)]
struct Invalid {
    set: HashSet<H256>,
    queue: VecDeque<H256>,
}

impl Invalid {
    fn remember(&mut self, hash: H256) {
        if self.set.insert(hash) {
            self.queue.push_back(hash);
        }
        if self.queue.len() > INVALID_REMEMBERED_MAX {
            self.queue.pop_front().map(|oldest| self.set.remove(&oldest));
        }
    }
}

impl Dag {
    /// A DAG of one block, which is valid and final.
    pub fn new(root: Root, rules: DagRules) -> Self {
        let mut dag = Self::blank(rules);
        let mut disabled = root.disabled;
        disabled.sort_unstable();
        disabled.dedup();
        let (tie_break, hash) = (root.tie_break, root.hash);
        let entry = Entry {
            order: Order { blue_work: root.blue_work, stall: 0, tie_break, hash },
            parents: Box::default(),
            selected_parent: None,
            number: root.number,
            blue_score: root.blue_score,
            weight: root.weight,
            producer: root.producer,
            blues: Box::default(),
            reds: Box::default(),
            repeated: Box::default(),
            anticones: Box::default(),
            disabled: disabled.into(),
            merge_root: None,
            children: 0,
            status: Status::Valid,
        };
        let id = dag.push(entry).expect("an empty index has room");
        (dag.pruning_point, dag.finalised, dag.sink) = (id, id, id);
        dag.chain = SelectedChain::new(root.number, id);
        dag
    }

    /// No block, and no mark that points to one.
    pub(super) fn blank(rules: DagRules) -> Self {
        Self {
            rules,
            reachability: Reachability::new(),
            ids: HashMap::new(),
            entries: Arena::new(ORIGIN.0 + 1),
            elections: HashMap::new(),
            invalid: Invalid::default(),
            tips: BTreeSet::new(),
            payload_tips: BTreeSet::new(),
            best_header: ORIGIN,
            pruning_point: ORIGIN,
            finalised: ORIGIN,
            sink: ORIGIN,
            chain: SelectedChain::new(0, ORIGIN),
            search: None,
            is_stale: false,
        }
    }

    /// Stores a block whose parents are here, or pruned.
    pub(super) fn push(&mut self, entry: Entry) -> Result<BlockId, IndexError> {
        let merged: Vec<BlockId> = entry.merged().collect();
        let id = self.reachability.insert(entry.selected_parent.unwrap_or(ORIGIN), &merged)?;
        for parent in &entry.parents {
            self.entry_mut(*parent).children += 1;
            self.tips.remove(parent);
            if entry.status != Status::Header {
                self.payload_tips.remove(parent);
            }
        }
        self.tips.insert(id);
        if entry.status != Status::Header {
            self.payload_tips.insert(id);
        }
        if let Some(producer) = entry.producer {
            self.elections.entry(producer).or_default().push(id);
        }
        let is_best = self.get(self.best_header).is_none_or(|best| entry.order > best.order);
        self.ids.insert(entry.hash(), id);
        debug_assert_eq!(self.entries.next_id(), Some(id), "both lists grow together");
        self.entries.push(entry);
        if is_best {
            self.best_header = id;
            self.reachability.hint_tip(id);
        }
        Ok(id)
    }

    /// The limits.
    pub fn rules(&self) -> &DagRules {
        &self.rules
    }

    /// How many blocks are here.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// False: there is always a block.
    pub fn is_empty(&self) -> bool {
        self.entries.len() == 0
    }

    /// The reachability index, to look at.
    pub fn reachability(&self) -> &Reachability {
        &self.reachability
    }

    /// Whether the block is here.
    pub fn contains(&self, hash: &H256) -> bool {
        self.ids.contains_key(hash)
    }

    /// What is known of a block.
    pub fn block(&self, hash: &H256) -> Option<BlockInfo> {
        Some(self.info(self.get(self.id(hash)?)?))
    }

    /// How far a block was verified.
    pub fn status(&self, hash: &H256) -> Option<Status> {
        Some(self.get(self.id(hash)?)?.status)
    }

    /// Who made a block.
    pub fn producer(&self, hash: &H256) -> Option<Producer> {
        self.get(self.id(hash)?)?.producer
    }

    /// Where a block stands in the order.
    pub fn order(&self, hash: &H256) -> Option<Order> {
        Some(self.get(self.id(hash)?)?.order)
    }

    /// Whether `ancestor` is `block` or in its past.
    pub fn is_ancestor(&self, ancestor: &H256, block: &H256) -> bool {
        match (self.id(ancestor), self.id(block)) {
            (Some(ancestor), Some(block)) => self.reachability.is_ancestor(ancestor, block),
            _ => false,
        }
    }

    /// Whether `ancestor` is `block` or on its chain of selected parents.
    pub fn is_chain_ancestor(&self, ancestor: &H256, block: &H256) -> bool {
        match (self.id(ancestor), self.id(block)) {
            (Some(ancestor), Some(block)) => self.reachability.is_chain_ancestor(ancestor, block),
            _ => false,
        }
    }

    /// The selected parent, then the rest of the mergeset in order, whatever its colour: the order in
    /// which payloads are executed. Pruned blocks are left out.
    pub fn consensus_order(&self, hash: &H256) -> Vec<H256> {
        let Some(block) = self.id(hash).and_then(|id| self.get(id)) else { return Vec::new() };
        let first = block.selected_parent.and_then(|id| self.get(id)).map(Entry::hash);
        let mut rest: Vec<Order> =
            block.merged().filter_map(|id| Some(self.get(id)?.order)).collect();
        rest.sort_unstable();
        first.into_iter().chain(rest.into_iter().map(|order| order.hash)).collect()
    }

    /// Blocks that no other names as a parent, in ascending order of their hashes.
    pub fn tips(&self) -> Vec<H256> {
        let mut tips = self.hashes(&self.tips);
        tips.sort_unstable();
        tips
    }

    /// The block of the greatest order, whatever its status.
    pub fn best_header(&self) -> H256 {
        self.entry(self.best_header).hash()
    }

    /// What a block would be if it were inserted now. Nothing changes.
    ///
    /// # Errors
    /// See [`DagError`].
    pub fn preview(&self, block: &NewBlock) -> Result<BlockInfo, DagError> {
        self.judge(block).map(|entry| self.info(&entry))
    }

    /// Adds a block's header and colours its mergeset.
    ///
    /// # Errors
    /// See [`DagError`]; the DAG is as before, but that the block is remembered if it is invalid.
    pub fn insert(&mut self, block: &NewBlock) -> Result<(), DagError> {
        let entry = match self.judge(block) {
            Ok(entry) => entry,
            Err(error) => {
                if error.is_invalid() {
                    self.invalid.remember(block.hash);
                }
                return Err(error);
            }
        };
        // Its parents and what it merges were looked up; only room can lack.
        self.push(entry).map(|_| ()).map_err(|error| match error {
            IndexError::Full | IndexError::Unknown(_) => DagError::Full,
        })
    }

    /// Notes that a block's payload is here and fits its header. False if the block is not here, or
    /// the payload of a parent is not.
    pub fn add_payload(&mut self, hash: &H256) -> bool {
        let Some(id) = self.id(hash) else { return false };
        let entry = self.entry(id);
        if entry.status != Status::Header {
            return true;
        }
        let parents = entry.parents.clone();
        // A parent that is gone was pruned, payload and all.
        let here = |id: &BlockId| self.get(*id).is_none_or(|p| p.status != Status::Header);
        if !parents.iter().all(here) {
            return false;
        }
        for parent in &parents {
            self.payload_tips.remove(parent);
        }
        self.entry_mut(id).status = Status::Unverified;
        // A child's payload comes after its parents', so that nobody names this one yet.
        self.payload_tips.insert(id);
        self.is_stale = true;
        true
    }

    /// Everything that the rules say of a block.
    fn judge(&self, block: &NewBlock) -> Result<Entry, DagError> {
        if self.ids.contains_key(&block.hash) {
            return Err(DagError::Known(block.hash));
        }
        if self.invalid.set.contains(&block.hash) {
            return Err(DagError::KnownInvalid(block.hash));
        }
        let got = block.parents.len();
        if got == 0 {
            return Err(DagError::NoParent);
        }
        if got > self.rules.parents_max {
            return Err(DagError::TooManyParents { got, max: self.rules.parents_max });
        }
        if let Some(parent) = block.parents.iter().find(|p| self.invalid.set.contains(p)) {
            return Err(DagError::InvalidParent(*parent));
        }
        let known = |hash: &H256| self.id(hash).ok_or(DagError::UnknownParent(*hash));
        let parents = block.parents.iter().map(known).collect::<Result<Vec<BlockId>, _>>()?;
        let merge = self.assess(&parents, block.producer)?;
        self.check_claims(block, &merge)?;
        self.check_merge(&merge)?;
        let (tie_break, hash) = (block.tie_break, block.hash);
        Ok(Entry { order: Order { tie_break, hash, ..merge.order }, weight: block.weight, ..merge })
    }

    fn check_claims(&self, block: &NewBlock, merge: &Entry) -> Result<(), DagError> {
        let selected = merge.selected_parent.and_then(|id| self.get(id)).map(Entry::hash);
        match (selected, block.claims.selected_parent) {
            (Some(expected), Some(got)) if expected != got => {
                return Err(DagError::SelectedParent { expected, got });
            }
            _ => {}
        }
        let expected = merge.blue_score;
        if let Some(got) = block.claims.blue_score.filter(|got| *got != expected) {
            return Err(DagError::BlueScore { expected, got });
        }
        let expected = merge.order.blue_work;
        if let Some(got) = block.claims.blue_work.filter(|got| *got != expected) {
            return Err(DagError::BlueWork { expected, got });
        }
        Ok(())
    }

    fn info(&self, entry: &Entry) -> BlockInfo {
        let hash = |id: BlockId| self.get(id).map(Entry::hash);
        let repeated = |pair: &(BlockId, BlockId)| {
            Some(Repeated { block: hash(pair.0)?, first: hash(pair.1)? })
        };
        BlockInfo {
            parents: self.hashes(&entry.parents),
            selected_parent: entry.selected_parent.and_then(hash),
            number: entry.number,
            blues: self.hashes(&entry.blues),
            reds: self.hashes(&entry.reds),
            repeated: entry.repeated.iter().filter_map(repeated).collect(),
            disabled: Arc::clone(&entry.disabled),
            blue_score: entry.blue_score,
            blue_work: entry.order.blue_work,
            status: entry.status,
        }
    }

    /// All blocks in the order of insertion.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().map(|(_, entry)| entry)
    }

    pub(super) fn hashes<'a>(&self, ids: impl IntoIterator<Item = &'a BlockId>) -> Vec<H256> {
        ids.into_iter().filter_map(|id| self.get(*id)).map(Entry::hash).collect()
    }

    /// The block's id in the [index](Self::reachability).
    pub fn id(&self, hash: &H256) -> Option<BlockId> {
        self.ids.get(hash).copied()
    }

    pub(super) fn get(&self, id: BlockId) -> Option<&Entry> {
        self.entries.get(id)
    }

    pub(super) fn entry(&self, id: BlockId) -> &Entry {
        self.entries.get(id).expect("the block was looked up, and is not pruned meanwhile")
    }

    pub(super) fn entry_mut(&mut self, id: BlockId) -> &mut Entry {
        self.entries.get_mut(id).expect("the block was looked up, and is not pruned meanwhile")
    }

    pub(super) fn entries_mut(&mut self, id: BlockId) -> Option<&mut Entry> {
        self.entries.get_mut(id)
    }

    /// Forgets a block.
    pub(super) fn remove(&mut self, id: BlockId) -> Option<H256> {
        let entry = self.entries.remove(id)?;
        let hash = entry.hash();
        self.ids.remove(&hash);
        if let Some(producer) = entry.producer {
            let blocks = self.elections.entry(producer).or_default();
            blocks.retain(|other| *other != id);
            if blocks.is_empty() {
                self.elections.remove(&producer);
            }
        }
        self.tips.remove(&id);
        self.payload_tips.remove(&id);
        self.reachability.delete(id);
        Some(hash)
    }

    /// Sets the best header anew, when the old one is gone.
    pub(super) fn refresh_best_header(&mut self) {
        if self.get(self.best_header).is_none() {
            let best = self.tips.iter().max_by_key(|tip| self.entry(**tip).order);
            self.best_header = best.copied().unwrap_or(self.sink);
        }
    }
}
