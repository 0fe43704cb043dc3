//! The chain of a node.

use std::sync::Arc;

use citrate_chain::{BlockRef, Chain, ChainError, ChainEvent, MergedInfo, RuntimeError, TxRecord};
use citrate_core::{H256, Header, OpaqueExtrinsic, RuntimeVersion, well_known_keys};
use citrate_db::DbError;
use citrate_host::{Keystore, KeystoreExt};
use citrate_trie::StateView;
use tokio::sync::broadcast;

use super::{Backend, BackendError, Result};

/// The chain of a node, and its keys.
pub struct NodeBackend {
    chain: Arc<Chain>,
    keystore: Arc<dyn Keystore>,
}

impl std::fmt::Debug for NodeBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeBackend").field("chain", &self.chain).finish_non_exhaustive()
    }
}

impl NodeBackend {
    /// Answers from this chain; calls that make keys put them into this keystore.
    pub fn new(chain: Arc<Chain>, keystore: Arc<dyn Keystore>) -> Self {
        Self { chain, keystore }
    }
}

impl From<ChainError> for BackendError {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::Db(DbError::UnknownBlock(hash)) => Self::UnknownBlock(hash),
            ChainError::Db(DbError::StatePruned(hash) | DbError::NotExecuted(hash)) => {
                Self::Pruned(hash)
            }
            ChainError::Runtime(RuntimeError::NoSuchMethod(method)) => Self::NoSuchMethod(method),
            ChainError::Runtime(error) => Self::Execution(error.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl Backend for NodeBackend {
    fn genesis_hash(&self) -> H256 {
        self.chain.genesis_hash()
    }

    fn best(&self) -> BlockRef {
        self.chain.best()
    }

    fn finalized(&self) -> BlockRef {
        self.chain.finalized()
    }

    fn header(&self, hash: &H256) -> Result<Option<Header>> {
        Ok(self.chain.header(hash)?)
    }

    fn body(&self, hash: &H256) -> Result<Option<Vec<OpaqueExtrinsic>>> {
        match self.chain.accepted(hash).map_err(BackendError::from) {
            // A block that was never executed has no accepted list.
            Err(BackendError::Pruned(_) | BackendError::UnknownBlock(_)) => Ok(None),
            // What was executed and is forgotten is not the same as what never was.
            Ok(None) if self.chain.is_body_pruned(hash)? => Err(BackendError::BodyPruned(*hash)),
            other => other,
        }
    }

    fn payload(&self, hash: &H256) -> Result<Option<Vec<OpaqueExtrinsic>>> {
        Ok(self.chain.payload(hash)?)
    }

    fn hash_at(&self, number: u32) -> Result<Option<H256>> {
        let hash = self.chain.hash_at(number)?;
        if hash.is_none() && number <= self.chain.finalized().number {
            return Err(BackendError::BeforeStart(number));
        }
        Ok(hash)
    }

    fn tips(&self) -> Vec<H256> {
        self.chain.with_dag(|dag| dag.tips())
    }

    fn mergeset(&self, hash: &H256) -> Result<Option<Vec<MergedInfo>>> {
        let merged = self.chain.mergeset(hash)?;
        if merged.is_none() && self.chain.is_body_pruned(hash)? {
            return Err(BackendError::BodyPruned(*hash));
        }
        Ok(merged)
    }

    fn leaves(&self) -> Result<Vec<BlockRef>> {
        Ok(self.chain.leaves()?)
    }

    fn unfinalized(&self) -> Result<Vec<BlockRef>> {
        Ok(self.chain.unfinalized()?)
    }

    fn state_at(&self, hash: &H256) -> Result<StateView> {
        Ok(self.chain.state_at(hash)?)
    }

    fn call(&self, at: &H256, method: &str, data: &[u8]) -> Result<Vec<u8>> {
        Ok(self.chain.call(at, method, data)?)
    }

    fn call_with_keystore(&self, at: &H256, method: &str, data: &[u8]) -> Result<Vec<u8>> {
        let mut setup = |extensions: &mut citrate_host::Extensions| {
            extensions.register(KeystoreExt(self.keystore.clone()));
        };
        Ok(self.chain.call_with(at, method, data, &mut setup, well_known_keys::CODE)?)
    }

    fn runtime_version(&self, at: &H256) -> Result<Arc<RuntimeVersion>> {
        Ok(self.chain.runtime_version(at)?)
    }

    fn transaction(&self, hash: &H256) -> Result<Option<TxRecord>> {
        Ok(self.chain.transaction(hash)?)
    }

    fn offchain_get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.chain.offchain_get(key)?)
    }

    fn offchain_set(&self, key: &[u8], value: Option<&[u8]>) -> Result<()> {
        Ok(self.chain.offchain_set(key, value)?)
    }

    fn subscribe(&self) -> broadcast::Receiver<ChainEvent> {
        self.chain.subscribe()
    }
}
