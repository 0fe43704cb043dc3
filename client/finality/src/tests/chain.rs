//! A chain, a store and keys in memory.

use crate::{AuthoritySet, VoterChain, VoterKeys, VoterStore};
use citrate_core::{BlockNumber, Digest, H256, Header, ed25519};
use citrate_grandpa_types::{
    AuthorityId, AuthorityList, AuthoritySignature, ConsensusLog, ScheduledChange, scheduled_change,
};
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, Ordering},
};

/// A header below `parent`; `salt` tells siblings apart, `next` are the authorities from here on.
pub(crate) fn block(parent: &Header, salt: u8, next: Option<AuthorityList>) -> Header {
    let change = |next_authorities| {
        ConsensusLog::ScheduledChange(ScheduledChange { next_authorities, delay: 0 }).to_item()
    };
    Header {
        parent_hash: parent.hash(),
        number: parent.number + 1,
        state_root: H256::repeat_byte(salt),
        extrinsics_root: H256::zero(),
        digest: Digest { logs: next.map(change).into_iter().collect() },
    }
}

pub(crate) fn genesis() -> Header {
    Header {
        parent_hash: H256::zero(),
        number: 0,
        state_root: H256::zero(),
        extrinsics_root: H256::zero(),
        digest: Digest::default(),
    }
}

/// Key pairs of this many voters, by index.
pub(crate) fn pairs(count: u8) -> Vec<ed25519::Pair> {
    (0..count)
        .map(|index| {
            ed25519::Pair::from_suri(&format!("//Voter{index}"), None).expect("a development key")
        })
        .collect()
}

/// Equal weights for these keys.
pub(crate) fn equal(pairs: &[ed25519::Pair]) -> AuthorityList {
    pairs.iter().map(|pair| (pair.public(), 1)).collect()
}

/// A tree of blocks whose tip is the highest executed one, the first to come among equals.
pub(crate) struct TestChain(Mutex<Tree>);

struct Tree {
    headers: BTreeMap<H256, Header>,
    executed: Vec<H256>,
    sets: BTreeMap<H256, AuthoritySet>,
    finalized: H256,
    justifications: Vec<(H256, Vec<u8>)>,
    preferred: Option<H256>,
    fails: bool,
}

impl TestChain {
    pub(crate) fn new(authorities: AuthorityList) -> Self {
        let genesis = genesis();
        let hash = genesis.hash();
        Self(Mutex::new(Tree {
            headers: BTreeMap::from([(hash, genesis)]),
            executed: vec![hash],
            sets: BTreeMap::from([(hash, AuthoritySet { id: 0, authorities })]),
            finalized: hash,
            justifications: Vec::new(),
            preferred: None,
            fails: false,
        }))
    }

    /// Imports a block without executing it.
    pub(crate) fn import_only(&self, header: &Header) {
        let mut tree = self.0.lock();
        assert!(tree.headers.contains_key(&header.parent_hash), "parents come first");
        tree.headers.insert(header.hash(), header.clone());
    }

    /// Executes an imported block and what is below it.
    pub(crate) fn execute(&self, hash: &H256) {
        let mut tree = self.0.lock();
        if tree.executed.contains(hash) {
            return;
        }
        let header = tree.headers[hash].clone();
        let mut set = tree.sets[&header.parent_hash].clone();
        if let Some(change) = scheduled_change(&header) {
            set = AuthoritySet { id: set.id + 1, authorities: change.next_authorities };
        }
        tree.sets.insert(*hash, set);
        tree.executed.push(*hash);
    }

    pub(crate) fn import(&self, header: &Header) {
        self.import_only(header);
        self.execute(&header.hash());
    }

    /// Makes this block the best of those that contain it.
    pub(crate) fn prefer(&self, hash: H256) {
        self.0.lock().preferred = Some(hash);
    }

    pub(crate) fn set_fails(&self, fails: bool) {
        self.0.lock().fails = fails;
    }

    pub(crate) fn justifications(&self) -> Vec<(H256, Vec<u8>)> {
        self.0.lock().justifications.clone()
    }

    pub(crate) fn headers(&self) -> Vec<Header> {
        let mut headers: Vec<_> = self.0.lock().headers.values().cloned().collect();
        headers.sort_by_key(|header| header.number);
        headers
    }
}

impl Tree {
    fn contains(&self, block: &H256, ancestor: &H256) -> bool {
        let Some(end) = self.headers.get(ancestor).map(|header| header.number) else {
            return false;
        };
        let mut hash = *block;
        while let Some(header) = self.headers.get(&hash).filter(|header| header.number > end) {
            hash = header.parent_hash;
        }
        hash == *ancestor
    }
}

impl VoterChain for TestChain {
    fn best_containing(&self, base: &H256) -> Option<(H256, BlockNumber)> {
        let tree = self.0.lock();
        let candidates = tree.executed.iter().filter(|hash| tree.contains(hash, base));
        candidates
            .rev()
            .max_by_key(|hash| {
                let preferred = tree.preferred.is_some_and(|block| tree.contains(hash, &block));
                (preferred, tree.headers[*hash].number)
            })
            .map(|hash| (*hash, tree.headers[hash].number))
    }

    fn ancestry(&self, base: &H256, block: &H256) -> Option<Vec<H256>> {
        let tree = self.0.lock();
        if base == block || !tree.contains(block, base) {
            return None;
        }
        let mut hashes = Vec::new();
        let mut hash = tree.headers[block].parent_hash;
        while hash != *base {
            hashes.push(hash);
            hash = tree.headers[&hash].parent_hash;
        }
        Some(hashes)
    }

    fn header(&self, hash: &H256) -> Option<Header> {
        self.0.lock().headers.get(hash).cloned()
    }

    fn is_executed(&self, hash: &H256) -> bool {
        self.0.lock().executed.contains(hash)
    }

    fn finalized(&self) -> (H256, BlockNumber) {
        let tree = self.0.lock();
        (tree.finalized, tree.headers[&tree.finalized].number)
    }

    fn authorities_at(&self, hash: &H256) -> Result<AuthoritySet, String> {
        self.0.lock().sets.get(hash).cloned().ok_or_else(|| "not executed".into())
    }

    fn finalize(&self, hash: &H256, justification: Vec<u8>) -> Result<(), String> {
        let mut tree = self.0.lock();
        if tree.fails {
            return Err("the disk is full".into());
        }
        assert!(tree.executed.contains(hash), "only executed blocks become final");
        assert!(tree.contains(hash, &tree.finalized), "what is final stays");
        tree.finalized = *hash;
        tree.justifications.push((*hash, justification));
        Ok(())
    }
}

/// Records in memory, which can be told to fail.
#[derive(Default)]
pub(crate) struct TestStore {
    records: Mutex<BTreeMap<Vec<u8>, Vec<u8>>>,
    fails: AtomicBool,
}

impl TestStore {
    pub(crate) fn set_fails(&self, fails: bool) {
        self.fails.store(fails, Ordering::Relaxed);
    }

    pub(crate) fn keys(&self) -> BTreeSet<Vec<u8>> {
        self.records.lock().keys().cloned().collect()
    }

    /// Takes over another one's newest justification.
    pub(crate) fn copy_latest(&self, other: &Self) {
        let key = b"CITRATE/finality/latest".to_vec();
        let latest = other.records.lock().get(&key).cloned().expect("something is final");
        self.records.lock().insert(key, latest);
    }

    /// Overwrites every record with what no record is.
    pub(crate) fn corrupt(&self) {
        self.records.lock().values_mut().for_each(|value| *value = vec![0xff]);
    }
}

impl VoterStore for TestStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, String> {
        Ok(self.records.lock().get(key).cloned())
    }

    fn set(&self, records: &[(&[u8], Option<&[u8]>)]) -> Result<(), String> {
        if self.fails.load(Ordering::Relaxed) {
            return Err("the disk is full".into());
        }
        let mut all = self.records.lock();
        for (key, value) in records {
            match value {
                Some(value) => all.insert(key.to_vec(), value.to_vec()),
                None => all.remove(*key),
            };
        }
        Ok(())
    }
}

/// The keys of one node.
pub(crate) struct TestKeys(pub(crate) Vec<ed25519::Pair>);

impl VoterKeys for TestKeys {
    fn has(&self, id: &AuthorityId) -> bool {
        self.0.iter().any(|pair| pair.public() == *id)
    }

    fn sign(&self, id: &AuthorityId, payload: &[u8]) -> Option<AuthoritySignature> {
        self.0.iter().find(|pair| pair.public() == *id).map(|pair| pair.sign(payload))
    }
}
