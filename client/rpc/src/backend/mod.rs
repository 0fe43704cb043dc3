//! What the methods need of a chain.
//!
//! The seam exists for the tests: they run every namespace over a chain made by hand, with forks,
//! pruned states and failing calls at will.

mod node;

use std::sync::Arc;

use citrate_chain::{BlockRef, ChainEvent, MergedInfo, TxRecord};
use citrate_core::{H256, Header, OpaqueExtrinsic, RuntimeVersion};
use citrate_trie::StateView;
use tokio::sync::broadcast;

pub use node::NodeBackend;

#[cfg(test)]
pub(crate) mod fake;

/// Why the chain has no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// No such block.
    #[error("UnknownBlock: Header was not found in the database: {0:?}")]
    UnknownBlock(H256),
    /// The block's state is not kept.
    #[error("UnknownBlock: State already discarded for {0:?}")]
    Pruned(H256),
    /// The block's body is not kept.
    #[error("UnknownBlock: Body already discarded for {0:?}")]
    BodyPruned(H256),
    /// The chain of this node begins higher up.
    #[error("UnknownBlock: This node started at a later block and has no block {0}")]
    BeforeStart(u32),
    /// The runtime has no such function.
    #[error("Execution failed: Other: Exported method {0} is not found")]
    NoSuchMethod(String),
    /// The runtime trapped, or ran into a limit.
    #[error("Execution failed: {0}")]
    Execution(String),
    /// The node's own trouble.
    #[error("{0}")]
    Internal(String),
}

/// A result of the chain.
pub(crate) type Result<T> = std::result::Result<T, BackendError>;

/// What the methods need of a chain. Every method may block.
pub trait Backend: Send + Sync + 'static {
    /// Hash of block 0.
    fn genesis_hash(&self) -> H256;
    /// Tip of the selected chain.
    fn best(&self) -> BlockRef;
    /// Last final block.
    fn finalized(&self) -> BlockRef;
    /// Header of a block.
    fn header(&self, hash: &H256) -> Result<Option<Header>>;
    /// Extrinsics that a block executed, in order.
    fn body(&self, hash: &H256) -> Result<Option<Vec<OpaqueExtrinsic>>>;
    /// Extrinsics that a block proposes.
    fn payload(&self, hash: &H256) -> Result<Option<Vec<OpaqueExtrinsic>>>;
    /// The block of the selected chain at a height.
    fn hash_at(&self, number: u32) -> Result<Option<H256>>;
    /// Blocks of the DAG that no other names as a parent, executed or not.
    fn tips(&self) -> Vec<H256>;
    /// What a block merged, in consensus order, its selected parent first.
    fn mergeset(&self, hash: &H256) -> Result<Option<Vec<MergedInfo>>>;
    /// Executed blocks without an executed child.
    fn leaves(&self) -> Result<Vec<BlockRef>>;
    /// Blocks above the last final one, parents first.
    fn unfinalized(&self) -> Result<Vec<BlockRef>>;
    /// State after a block.
    fn state_at(&self, hash: &H256) -> Result<StateView>;
    /// Result of a runtime function on the state after a block.
    fn call(&self, at: &H256, method: &str, data: &[u8]) -> Result<Vec<u8>>;
    /// As [`Self::call`], with the node's keystore at hand.
    fn call_with_keystore(&self, at: &H256, method: &str, data: &[u8]) -> Result<Vec<u8>>;
    /// Version of the runtime after a block.
    fn runtime_version(&self, at: &H256) -> Result<Arc<RuntimeVersion>>;
    /// What became of a transaction.
    fn transaction(&self, hash: &H256) -> Result<Option<TxRecord>>;
    /// A value of the off-chain storage.
    fn offchain_get(&self, key: &[u8]) -> Result<Option<Vec<u8>>>;
    /// Sets or, with `None`, clears a value of the off-chain storage.
    fn offchain_set(&self, key: &[u8], value: Option<&[u8]>) -> Result<()>;
    /// Events from now on.
    fn subscribe(&self) -> broadcast::Receiver<ChainEvent>;
}
