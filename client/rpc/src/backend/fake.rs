//! A chain made by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use citrate_core::{
    Digest, H256, Header, OpaqueExtrinsic, RuntimeVersion, StateVersion, TransactionSource,
    TransactionValidity, ValidTransaction, hashing::blake2_256,
};
use citrate_trie::{ChangeSet, MemoryNodes, StateView};
use citrate_txpool::PoolApi;
use codec::Encode;
use parking_lot::Mutex;
use tokio::sync::broadcast;

use citrate_chain::{BlockRef, ChainEvent, MergedInfo, TxRecord, TxStatus};
use citrate_dag_types::Colour;

use super::{Backend, BackendError, Result};

type State = BTreeMap<Vec<u8>, Vec<u8>>;

struct Block {
    header: Header,
    body: Vec<OpaqueExtrinsic>,
    state: State,
}

struct Inner {
    blocks: BTreeMap<H256, Block>,
    selected: Vec<H256>,
    finalized: usize,
    pruned_states: BTreeSet<H256>,
    /// Whether blocks merge their parents.
    merges: bool,
    offchain: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// A chain that grows when a test says so.
pub(crate) struct FakeChain {
    inner: Mutex<Inner>,
    events: broadcast::Sender<ChainEvent>,
}

impl FakeChain {
    /// Genesis with these storage entries.
    pub(crate) fn new(state: &[(&[u8], &[u8])]) -> Arc<Self> {
        let state: State =
            state.iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
        let genesis = block(H256::zero(), 0, Vec::new(), state, 0);
        let hash = genesis.header.hash();
        let inner = Inner {
            blocks: BTreeMap::from([(hash, genesis)]),
            selected: vec![hash],
            finalized: 0,
            pruned_states: BTreeSet::new(),
            merges: true,
            offchain: BTreeMap::new(),
        };
        Arc::new(Self { inner: Mutex::new(inner), events: broadcast::channel(4096).0 })
    }

    /// Imports a child of `parent`; the caller's `salt` tells siblings apart.
    pub(crate) fn import(
        &self,
        parent: H256,
        salt: u8,
        body: &[OpaqueExtrinsic],
        changes: &[(&[u8], Option<&[u8]>)],
    ) -> H256 {
        let mut inner = self.inner.lock();
        let parent_block = &inner.blocks[&parent];
        let number = parent_block.header.number + 1;
        let mut state = parent_block.state.clone();
        for (key, value) in changes {
            match value {
                Some(value) => state.insert(key.to_vec(), value.to_vec()),
                None => state.remove(*key),
            };
        }
        let new = block(parent, number, body.to_vec(), state, salt);
        let hash = new.header.hash();
        inner.blocks.insert(hash, new);
        drop(inner);
        let _ = self.events.send(ChainEvent::Added { hash });
        let _ = self.events.send(ChainEvent::Imported { hash, parent, number });
        hash
    }

    /// Makes a block the tip of the selected chain.
    pub(crate) fn set_best(&self, tip: H256) {
        let mut inner = self.inner.lock();
        let mut chain = vec![tip];
        while inner.blocks[chain.last().unwrap()].header.number > 0 {
            let parent = inner.blocks[chain.last().unwrap()].header.parent_hash;
            chain.push(parent);
        }
        chain.reverse();
        let old = std::mem::replace(&mut inner.selected, chain.clone());
        let retracted = old.iter().rev().filter(|hash| !chain.contains(hash)).copied().collect();
        let enacted = chain.iter().filter(|hash| !old.contains(hash)).copied().collect();
        let number = u32::try_from(chain.len() - 1).unwrap();
        drop(inner);
        let block = BlockRef { hash: tip, number };
        let _ = self.events.send(ChainEvent::NewBest { block, retracted, enacted });
    }

    /// Imports a child of the tip and makes it the tip.
    pub(crate) fn extend(
        &self,
        body: &[OpaqueExtrinsic],
        changes: &[(&[u8], Option<&[u8]>)],
    ) -> H256 {
        let hash = self.import(Backend::best(self).hash, 0, body, changes);
        self.set_best(hash);
        hash
    }

    /// Makes the selected chain final up to a height.
    pub(crate) fn finalize(&self, number: u32) {
        let mut inner = self.inner.lock();
        let number = number as usize;
        let blocks = inner.selected[inner.finalized + 1..=number].to_vec();
        inner.finalized = number;
        drop(inner);
        let _ = self.events.send(ChainEvent::Finalized { blocks, pruned: Vec::new() });
    }

    pub(crate) fn prune_state(&self, hash: H256) {
        self.inner.lock().pruned_states.insert(hash);
    }

    /// From now on no block has merged any.
    pub(crate) fn merge_nothing(&self) {
        self.inner.lock().merges = false;
    }

    fn block<T>(&self, hash: &H256, read: impl FnOnce(&Block) -> T) -> Option<T> {
        self.inner.lock().blocks.get(hash).map(read)
    }
}

fn block(parent: H256, number: u32, body: Vec<OpaqueExtrinsic>, state: State, salt: u8) -> Block {
    let view = view(&state);
    let header = Header {
        parent_hash: parent,
        number,
        state_root: view.root,
        extrinsics_root: blake2_256(&(salt, &body).encode()).into(),
        digest: Digest::default(),
    };
    Block { header, body, state }
}

fn view(state: &State) -> StateView {
    let mut changes = ChangeSet::default();
    for (key, value) in state {
        changes.top.insert(key.clone(), Some(value.clone()));
    }
    let (root, delta) = StateView::empty().apply(&changes, StateVersion::V1).unwrap();
    let nodes = MemoryNodes::new();
    nodes.apply(&delta);
    StateView::new(Arc::new(nodes), root)
}

impl Backend for FakeChain {
    fn genesis_hash(&self) -> H256 {
        self.inner.lock().selected[0]
    }

    fn best(&self) -> BlockRef {
        let inner = self.inner.lock();
        let number = inner.selected.len() - 1;
        BlockRef { hash: inner.selected[number], number: u32::try_from(number).unwrap() }
    }

    fn finalized(&self) -> BlockRef {
        let inner = self.inner.lock();
        let number = inner.finalized;
        BlockRef { hash: inner.selected[number], number: u32::try_from(number).unwrap() }
    }

    fn header(&self, hash: &H256) -> Result<Option<Header>> {
        Ok(self.block(hash, |block| block.header.clone()))
    }

    fn body(&self, hash: &H256) -> Result<Option<Vec<OpaqueExtrinsic>>> {
        Ok(self.block(hash, |block| block.body.clone()))
    }

    /// A block's payload is what its child accepts; here, its own body.
    fn payload(&self, hash: &H256) -> Result<Option<Vec<OpaqueExtrinsic>>> {
        self.body(hash)
    }

    fn hash_at(&self, number: u32) -> Result<Option<H256>> {
        Ok(self.inner.lock().selected.get(number as usize).copied())
    }

    fn tips(&self) -> Vec<H256> {
        self.leaves().unwrap().into_iter().map(|block| block.hash).collect()
    }

    fn mergeset(&self, hash: &H256) -> Result<Option<Vec<MergedInfo>>> {
        let inner = self.inner.lock();
        let Some(block) = inner.blocks.get(hash) else { return Ok(None) };
        let merges = inner.merges && block.header.number > 0;
        let parent = merges.then_some(block.header.parent_hash);
        let info = |hash| MergedInfo { hash, colour: Some(Colour::Blue), is_executed: true };
        Ok(Some(parent.into_iter().map(info).collect()))
    }

    fn leaves(&self) -> Result<Vec<BlockRef>> {
        let inner = self.inner.lock();
        let parents: BTreeSet<H256> =
            inner.blocks.values().map(|block| block.header.parent_hash).collect();
        let leaves = inner.blocks.iter().filter(|(hash, _)| !parents.contains(hash));
        let leaves =
            leaves.map(|(hash, block)| BlockRef { hash: *hash, number: block.header.number });
        Ok(leaves.collect())
    }

    fn unfinalized(&self) -> Result<Vec<BlockRef>> {
        let finalized = self.finalized().number;
        let inner = self.inner.lock();
        let mut blocks: Vec<BlockRef> = inner
            .blocks
            .iter()
            .map(|(hash, block)| BlockRef { hash: *hash, number: block.header.number })
            .filter(|block| block.number > finalized)
            .collect();
        blocks.sort_by_key(|block| block.number);
        Ok(blocks)
    }

    fn state_at(&self, hash: &H256) -> Result<StateView> {
        if self.inner.lock().pruned_states.contains(hash) {
            return Err(BackendError::Pruned(*hash));
        }
        self.block(hash, |block| view(&block.state)).ok_or(BackendError::UnknownBlock(*hash))
    }

    fn call(&self, at: &H256, method: &str, data: &[u8]) -> Result<Vec<u8>> {
        self.state_at(at)?;
        match method {
            "Test_echo" => Ok(data.to_vec()),
            "Test_trap" => Err(BackendError::Execution("Runtime panicked: no".to_owned())),
            "Test_panic" => panic!("the node's own bug"),
            "Metadata_metadata" => Ok(b"meta".to_vec().encode()),
            "AccountNonceApi_account_nonce" => Ok(7u32.encode()),
            "TransactionPaymentApi_query_info" => {
                Ok((citrate_core::Weight::from_parts(5, 6), 0u8, u128::MAX).encode())
            }
            "TransactionPaymentApi_query_fee_details" => {
                Ok((Some((1u128, 2u128, 255u128)), 0u128).encode())
            }
            _ => Err(BackendError::NoSuchMethod(method.to_owned())),
        }
    }

    fn call_with_keystore(&self, at: &H256, method: &str, data: &[u8]) -> Result<Vec<u8>> {
        self.call(at, method, data)
    }

    /// The version is the value of the key `version`.
    fn runtime_version(&self, at: &H256) -> Result<Arc<RuntimeVersion>> {
        let version = self.state_at(at)?.get(b"version").unwrap().unwrap_or(vec![0]);
        Ok(Arc::new(RuntimeVersion {
            spec_name: "fake".into(),
            spec_version: u32::from(version[0]),
            apis: vec![(*b"apiapi12", 3)].into(),
            ..RuntimeVersion::default()
        }))
    }

    fn transaction(&self, hash: &H256) -> Result<Option<TxRecord>> {
        let inner = self.inner.lock();
        for block in &inner.selected {
            let body = &inner.blocks[block].body;
            if let Some(index) = body.iter().position(|extrinsic| extrinsic.hash() == *hash) {
                return Ok(Some(TxRecord {
                    payload_block: inner.blocks[block].header.parent_hash,
                    accepting_block: Some(*block),
                    index: Some(u32::try_from(index).unwrap()),
                    status: TxStatus::Accepted,
                }));
            }
        }
        Ok(None)
    }

    fn offchain_get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.inner.lock().offchain.get(key).cloned())
    }

    fn offchain_set(&self, key: &[u8], value: Option<&[u8]>) -> Result<()> {
        let mut inner = self.inner.lock();
        match value {
            Some(value) => inner.offchain.insert(key.to_vec(), value.to_vec()),
            None => inner.offchain.remove(key),
        };
        Ok(())
    }

    fn subscribe(&self) -> broadcast::Receiver<ChainEvent> {
        self.events.subscribe()
    }
}

/// An extrinsic's first byte is its verdict: 0 valid, 1 future, else `Custom`.
impl PoolApi for FakeChain {
    fn validate(
        &self,
        _at: &H256,
        _source: TransactionSource,
        extrinsic: &OpaqueExtrinsic,
    ) -> std::result::Result<TransactionValidity, String> {
        use citrate_core::InvalidTransaction;
        Ok(match extrinsic.0.first() {
            Some(0) => Ok(ValidTransaction {
                priority: 1,
                requires: Vec::new(),
                provides: vec![extrinsic.0.clone()],
                longevity: 64,
                propagate: true,
            }),
            Some(1) => Err(InvalidTransaction::Payment.into()),
            Some(code) => Err(InvalidTransaction::Custom(*code).into()),
            None => return Err("empty".to_owned()),
        })
    }

    fn best(&self) -> (H256, u32) {
        let best = Backend::best(self);
        (best.hash, best.number)
    }
}
