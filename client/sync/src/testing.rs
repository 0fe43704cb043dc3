//! A chain in memory: the real DAG rules, without a runtime, and with seals that cost nothing.

use std::collections::{BTreeMap, BTreeSet};

use citrate_core::{
    BlockNumber, Digest, H256, Header, OpaqueExtrinsic, U256, hashing::blake2_256, sr25519,
};
use citrate_dag::ghostdag::Status as BlockStatus;
use citrate_dag::ghostdag::{
    BlockInfo, ChainChange, Claims, Dag, DagRules, FinaliseError, NewBlock, Producer, Root,
    Step as DagStep, Verdict,
};
use citrate_dag::{payload_bytes, payload_root};
use citrate_dag_types::{
    AuthorityIndex, Colour, DagBlock, DagDigest, Election, Merged, MergedBlock, Slot, VrfSignature,
    lottery, seal_item, split_seal,
};
use citrate_trie::{StateView, Step};
use codec::Encode;

use crate::io::ImportOutcome;
use crate::port::{Check, SyncChain};
use crate::walk;
use crate::warp::{WindowEntry, state_nodes, window_of};
use crate::wire::{BlockRef, Depth, HeaderPage, Status, WindowPage};

/// LIMIT: bytes of a payload.
pub const PAYLOAD_BYTES_MAX: usize = 64 * 1024;

/// What all nodes of a test network agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestRules {
    /// The DAG's.
    pub dag: DagRules,
    /// How many authors there are; all weigh the same.
    pub authors: AuthorityIndex,
    /// Who wins slots.
    pub election: Election,
    /// Part of every election.
    pub seed: u64,
    /// How long a slot is.
    pub slot_ms: u64,
}

impl TestRules {
    /// Rules with small limits, where every author wins every slot.
    pub fn small() -> Self {
        let dag = DagRules {
            k: 8,
            parents_max: 8,
            mergeset_max: 64,
            merge_depth: 10_000,
            pruning_depth: 100_000,
            merge_slots_max: None,
        };
        Self { dag, authors: 8, election: Election::EverySlot, seed: 0, slot_ms: 100 }
    }

    /// What stands for the output of the author's VRF.
    pub fn vrf_output(&self, author: AuthorityIndex, slot: Slot) -> [u8; 32] {
        blake2_256(&(self.seed, author, slot).encode())
    }

    /// Whether the author may make a block of this slot.
    pub fn wins(&self, author: AuthorityIndex, slot: Slot) -> bool {
        let threshold = lottery::threshold(self.election, 1, u64::from(self.authors));
        author < self.authors && lottery::wins(&self.vrf_output(author, slot), threshold)
    }

    /// A seal that everybody can make, but that depends on all of the header.
    pub fn seal(&self, unsealed: &Header) -> sr25519::Signature {
        let half = blake2_256(&(self.seed, unsealed.hash()).encode());
        let mut seal = [0; 64];
        for (to, from) in seal.iter_mut().zip(half.iter().cycle()) {
            *to = *from;
        }
        sr25519::Signature(seal)
    }
}

/// A chain in memory. Its state is a hash over what was executed, so that two chains have the same state
/// only if they executed the same in the same order.
#[derive(Clone, Debug)]
pub struct MemoryChain {
    rules: TestRules,
    dag: Dag,
    blocks: BTreeMap<H256, DagBlock>,
    genesis: H256,
    changes: Vec<ChainChange>,
    oldest: BlockNumber,
    /// What stands for the states after blocks that are served.
    states: BTreeMap<H256, StateView>,
    /// Blocks of whose authors the best chain does not tell.
    strangers: BTreeSet<H256>,
}

impl MemoryChain {
    /// A chain with nothing but its first block, which depends on the rules' seed.
    pub fn new(rules: TestRules) -> Self {
        let header = Header {
            parent_hash: H256::zero(),
            number: 0,
            state_root: H256::from_low_u64_be(rules.seed),
            extrinsics_root: H256::zero(),
            digest: Digest::default(),
        };
        let genesis = header.hash();
        let dag = Dag::new(Root::genesis(genesis, U256::one()), rules.dag);
        let blocks = BTreeMap::from([(genesis, DagBlock { header, payload: Vec::new() })]);
        Self {
            rules,
            dag,
            blocks,
            genesis,
            changes: Vec::new(),
            oldest: 1,
            states: BTreeMap::new(),
            strangers: BTreeSet::new(),
        }
    }

    /// From now on this block's author cannot be judged without its parents.
    pub fn doubt_author(&mut self, hash: H256) {
        self.strangers.insert(hash);
    }

    /// The DAG.
    pub fn dag(&self) -> &Dag {
        &self.dag
    }

    /// The rules.
    pub fn rules(&self) -> &TestRules {
        &self.rules
    }

    /// From now on serves nothing below this block of the selected chain.
    pub fn serve_from(&mut self, oldest: BlockNumber) {
        self.oldest = oldest;
    }

    /// Makes a block of the selected chain final, and forgets the DAG more than so deep below it.
    pub fn finalise_and_prune(&mut self, hash: &H256, depth: u64) -> bool {
        let is_final = self.finalise(hash).is_ok();
        let score = |hash: &H256| self.dag.block(hash).map_or(0, |block| block.blue_score);
        let below = score(&self.dag.sink()).saturating_sub(score(hash)).saturating_add(depth);
        if let Some(point) = self.dag.chain_block_at_depth(below) {
            // Refused if that is not deep enough, or is the case already.
            let _ = self.dag.prune(&point);
        }
        is_final
    }

    /// Serves this state as the one after a block.
    pub fn serve_state(&mut self, block: H256, state: StateView) {
        self.states.insert(block, state);
    }

    /// Serves no state any more.
    pub fn forget_states(&mut self) {
        self.states.clear();
    }

    fn is_served(&self, hash: &H256) -> bool {
        self.blocks.get(hash).is_some_and(|block| block.header.number + 1 >= self.oldest)
    }

    /// How the selected chain moved since this was called last.
    pub fn take_changes(&mut self) -> Vec<ChainChange> {
        std::mem::take(&mut self.changes)
    }

    /// A known block.
    pub fn block(&self, hash: &H256) -> Option<&DagBlock> {
        self.blocks.get(hash)
    }

    /// All known blocks.
    pub fn blocks(&self) -> &BTreeMap<H256, DagBlock> {
        &self.blocks
    }

    /// A block on the tips that are here. `None` when the slot is too early, or the author has
    /// not won it.
    pub fn build(
        &self,
        author: AuthorityIndex,
        slot: u64,
        payload: Vec<OpaqueExtrinsic>,
    ) -> Option<DagBlock> {
        self.build_with(author, slot, |_| payload)
    }

    /// As [`Self::build`], with a payload that depends on what the block merges.
    pub fn build_with(
        &self,
        author: AuthorityIndex,
        slot: u64,
        payload: impl FnOnce(&BlockInfo) -> Vec<OpaqueExtrinsic>,
    ) -> Option<DagBlock> {
        let parents = self.dag.parents_for(Some(producer(author, Slot(slot))))?;
        self.build_as(parents, author, slot, payload)
    }

    /// A block on these parents.
    pub fn build_on(
        &self,
        parents: Vec<H256>,
        author: AuthorityIndex,
        slot: u64,
        payload: Vec<OpaqueExtrinsic>,
    ) -> Option<DagBlock> {
        self.build_as(parents, author, slot, |_| payload)
    }

    fn build_as(
        &self,
        parents: Vec<H256>,
        author: AuthorityIndex,
        slot: u64,
        payload: impl FnOnce(&BlockInfo) -> Vec<OpaqueExtrinsic>,
    ) -> Option<DagBlock> {
        let slot = Slot(slot);
        if !self.rules.wins(author, slot) {
            return None;
        }
        let output = self.rules.vrf_output(author, slot);
        let new = NewBlock {
            hash: H256::zero(),
            parents: parents.clone(),
            tie_break: output,
            weight: U256::one(),
            producer: Some(producer(author, slot)),
            claims: Claims::default(),
        };
        let info = self.dag.preview(&new).ok()?;
        let parent = info.selected_parent?;
        let payload = payload(&info);
        let digest = DagDigest {
            slot,
            author,
            vrf: VrfSignature { pre_output: output, proof: [0; 64] },
            other_parents: parents.into_iter().filter(|hash| *hash != parent).collect(),
            blue_score: info.blue_score,
            merged: self.merged(&info),
            payload_root: payload_root(&payload),
        };
        let header = Header {
            parent_hash: parent,
            number: BlockNumber::try_from(info.number).ok()?,
            state_root: self.state_after(&info)?,
            extrinsics_root: H256::zero(),
            digest: Digest { logs: vec![digest.to_item()] },
        };
        Some(self.sealed(header, payload))
    }

    /// Seals what is to be a block.
    pub fn sealed(&self, mut header: Header, payload: Vec<OpaqueExtrinsic>) -> DagBlock {
        let seal = self.rules.seal(&header);
        header.digest.push(seal_item(seal));
        DagBlock { header, payload }
    }

    fn is_by_its_author(&self, header: &Header) -> bool {
        let digest = DagDigest::from_header(header);
        let (Ok(digest), Ok((unsealed, seal))) = (digest, split_seal(header)) else {
            return false;
        };
        let is_output = digest.vrf.pre_output == self.rules.vrf_output(digest.author, digest.slot);
        let is_sealed = seal == self.rules.seal(&unsealed);
        is_output && is_sealed && self.rules.wins(digest.author, digest.slot)
    }

    /// Takes a block and looks for the new sink.
    pub fn import(&mut self, block: DagBlock) -> ImportOutcome {
        let hash = block.hash();
        if self.blocks.contains_key(&hash) {
            return ImportOutcome::Imported;
        }
        let Some(new) = new_block(&block.header) else { return ImportOutcome::Invalid };
        if !new.parents.iter().all(|parent| self.blocks.contains_key(parent)) {
            return ImportOutcome::Failed;
        }
        let checks = [
            self.check_author(&block.header),
            self.check_header(&block.header),
            self.check_payload(&block.header, &block.payload),
        ];
        if checks.contains(&Check::Invalid) {
            return ImportOutcome::Invalid;
        }
        match self.dag.insert(&new) {
            Ok(()) => {}
            Err(error) if error.is_invalid() => return ImportOutcome::Invalid,
            Err(_) => return ImportOutcome::Failed,
        }
        self.blocks.insert(hash, block);
        self.dag.add_payload(&hash);
        self.move_sink();
        ImportOutcome::Imported
    }

    /// Makes a block and its past final.
    ///
    /// # Errors
    /// It contradicts what is final, or is not here.
    pub fn finalise(&mut self, hash: &H256) -> Result<(), FinaliseError> {
        self.dag.finalise(hash)?;
        self.move_sink();
        Ok(())
    }

    /// Executes a block and what it builds on, whether or not its chain is the best. Says whether its
    /// chain is what its headers say.
    pub fn execute(&mut self, hash: &H256) -> bool {
        let mut path = Vec::new();
        let mut at = *hash;
        while self.dag.status(&at) == Some(BlockStatus::Unverified) {
            path.push(at);
            let Some(block) = self.blocks.get(&at) else { return false };
            at = block.header.parent_hash;
        }
        self.dag.status(&at) == Some(BlockStatus::Valid)
            && path.iter().rev().all(|hash| self.judge(hash) == Some(true))
    }

    /// Compares a block's state with its header's and reports whether it is the same.
    fn judge(&mut self, hash: &H256) -> Option<bool> {
        let info = self.dag.block(hash);
        let state = info.and_then(|info| self.state_after(&info));
        let claimed = self.blocks.get(hash).map(|block| block.header.state_root);
        let verdict = if state == claimed { Verdict::Matches } else { Verdict::Differs };
        self.dag.report(hash, verdict).ok().map(|()| verdict == Verdict::Matches)
    }

    fn move_sink(&mut self) {
        loop {
            match self.dag.next_step() {
                DagStep::Execute(hash) => {
                    if self.judge(&hash).is_none() {
                        return;
                    }
                }
                DagStep::Moved(change) => self.changes.push(change),
                DagStep::Idle | DagStep::FinalisedFails(_) => return,
            }
        }
    }

    /// The state after a block with this place in the DAG.
    fn state_after(&self, info: &BlockInfo) -> Option<H256> {
        let parent = info.selected_parent?;
        let mut state = self.blocks.get(&parent)?.header.state_root;
        let merged = self.ordered(info);
        for hash in std::iter::once(parent).chain(merged) {
            if info.repeated.iter().any(|repeated| repeated.block == hash) {
                continue;
            }
            let payload = &self.blocks.get(&hash)?.payload;
            state = blake2_256(&(state, payload).encode()).into();
        }
        Some(state)
    }

    /// What a block merges besides its selected parent, in consensus order.
    fn ordered(&self, info: &BlockInfo) -> Vec<H256> {
        let others = info.blues.iter().chain(&info.reds);
        let others = others.filter(|hash| Some(**hash) != info.selected_parent);
        let mut orders: Vec<_> = others.filter_map(|hash| self.dag.order(hash)).collect();
        orders.sort_unstable();
        orders.into_iter().map(|order| order.hash).collect()
    }

    fn merged(&self, info: &BlockInfo) -> Merged {
        let merged = self.ordered(info).into_iter().filter_map(|hash| {
            let digest = DagDigest::from_header(&self.blocks.get(&hash)?.header).ok()?;
            let is_blue = info.blues.contains(&hash);
            let colour = if is_blue { Colour::Blue } else { Colour::Red };
            let pre_output = digest.vrf.pre_output;
            Some(MergedBlock { author: digest.author, slot: digest.slot, colour, pre_output })
        });
        Merged::new(merged.collect())
    }
}

pub(crate) fn new_block(header: &Header) -> Option<NewBlock> {
    let digest = DagDigest::from_header(header).ok()?;
    let mut parents = digest.other_parents;
    parents.insert(0, header.parent_hash);
    Some(NewBlock {
        hash: header.hash(),
        parents,
        tie_break: digest.vrf.pre_output,
        weight: U256::one(),
        producer: Some(producer(digest.author, digest.slot)),
        claims: Claims {
            selected_parent: Some(header.parent_hash),
            blue_score: Some(digest.blue_score),
            blue_work: None,
        },
    })
}

/// The author's key stands for his index here.
fn producer(author: AuthorityIndex, slot: Slot) -> Producer {
    let mut key = [0; 32];
    key[..4].copy_from_slice(&author.to_le_bytes());
    Producer { slot: slot.0, author: key }
}

fn verdict(is_valid: bool) -> Check {
    if is_valid { Check::Valid } else { Check::Invalid }
}

impl SyncChain for MemoryChain {
    fn status(&self) -> Status {
        let reference = |hash: H256| {
            let number = self.blocks.get(&hash).map_or(0, |block| block.header.number);
            BlockRef { number, hash }
        };
        let sink = self.dag.sink();
        Status {
            genesis: self.genesis,
            finalised: reference(self.dag.finalised()),
            best: reference(sink),
            oldest: self.oldest,
            blue_score: self.dag.block(&sink).map_or(0, |block| block.blue_score),
            tips: walk::tips(&self.dag),
        }
    }

    fn contains(&self, hash: &H256) -> bool {
        self.blocks.contains_key(hash)
    }

    fn locator(&self) -> Vec<H256> {
        walk::locator(&self.dag)
    }

    fn headers_after(&self, locator: &[H256], count_max: usize, bytes_max: usize) -> HeaderPage {
        let header = |hash: &H256| SyncChain::header(self, hash);
        let page = walk::page(&self.dag, locator, count_max, bytes_max, header);
        if page.common.is_some_and(|common| self.is_served(&common)) {
            return page;
        }
        HeaderPage { common: None, headers: Vec::new() }
    }

    fn header(&self, hash: &H256) -> Option<Header> {
        self.blocks.get(hash).map(|block| block.header.clone())
    }

    fn payload(&self, hash: &H256) -> Option<Vec<OpaqueExtrinsic>> {
        let block = self.blocks.get(hash).filter(|_| self.is_served(hash));
        block.map(|block| block.payload.clone())
    }

    fn justification(&self, number: BlockNumber) -> Option<Vec<u8>> {
        (number == 0).then(|| self.genesis.encode())
    }

    /// The last final block's header stands for the proof.
    fn proof(&self, _set: u64) -> Option<Vec<u8>> {
        let header = SyncChain::header(self, &self.dag.finalised())?;
        Some(header.encode())
    }

    fn window(&self, block: &H256, from: usize, bytes_max: usize) -> Option<WindowPage> {
        let hashes = window_of(&self.dag, block)?;
        let (mut entries, mut bytes) = (Vec::new(), 0);
        for hash in hashes.iter().skip(from) {
            let header = SyncChain::header(self, hash)?;
            let entry = WindowEntry { header, record: self.dag.stored(hash)? }.encode();
            bytes += entry.len();
            entries.push(entry);
            if bytes >= bytes_max {
                break;
            }
        }
        Some(WindowPage { total: u32::try_from(hashes.len()).ok()?, entries })
    }

    fn state(
        &self,
        block: &H256,
        steps: &[Step],
        depth: Depth,
        bytes_max: usize,
    ) -> Option<Vec<Vec<u8>>> {
        state_nodes(self.states.get(block)?.nodes.as_ref(), steps, depth, bytes_max)
    }

    fn slot_duration_ms(&self) -> u64 {
        self.rules.slot_ms
    }

    fn check_author(&self, header: &Header) -> Check {
        if self.strangers.contains(&header.hash()) {
            return Check::Unknown;
        }
        verdict(self.is_by_its_author(header))
    }

    fn check_header(&self, header: &Header) -> Check {
        if !self.is_by_its_author(header) {
            return Check::Invalid;
        }
        let Some(new) = new_block(header) else { return Check::Invalid };
        match self.dag.preview(&new) {
            Ok(info) => {
                let digest = DagDigest::from_header(header);
                let is_same = digest.is_ok_and(|digest| digest.merged == self.merged(&info));
                verdict(is_same && u64::from(header.number) == info.number)
            }
            Err(error) if error.is_invalid() => Check::Invalid,
            Err(_) => Check::Unknown,
        }
    }

    fn check_payload(&self, header: &Header, payload: &[OpaqueExtrinsic]) -> Check {
        let digest = DagDigest::from_header(header);
        let fits = payload_bytes(payload) <= PAYLOAD_BYTES_MAX;
        verdict(fits && digest.is_ok_and(|digest| digest.payload_root == payload_root(payload)))
    }
}
