//! What can go wrong, and whose fault it is.

use citrate_core::{BlockNumber, H256, TransactionValidityError};
use citrate_dag::HeaderError;
use citrate_dag_types::DigestError;
use citrate_db::DbError;
use citrate_trie::TrieError;

/// Why runtime code gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The code does not export the function.
    #[error("Exported method {0} is not found")]
    NoSuchMethod(String),
    /// The code panicked or did what it may not.
    #[error("{0}")]
    Trapped(String),
    /// The call took too long or too much memory.
    #[error("the call exceeded its limit: {0}")]
    Limit(String),
    /// The code cannot be run at all.
    #[error("the runtime code is unusable: {0}")]
    Code(String),
    /// The node itself failed below the runtime.
    #[error("the state could not be read: {0}")]
    State(String),
}

/// Why a question about the chain has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The database failed, or does not have what was asked for.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The state could not be read.
    #[error(transparent)]
    Trie(#[from] TrieError),
    /// The runtime failed.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The state has no code under the key.
    #[error("block {at:?} has no code under {}", String::from_utf8_lossy(key))]
    NoCode {
        /// The block.
        at: H256,
        /// The storage key.
        key: Vec<u8>,
    },
    /// What the runtime returned does not decode.
    #[error("the runtime's answer to {method} does not decode: {source}")]
    Undecodable {
        /// The function that was called.
        method: String,
        /// Why.
        source: codec::Error,
    },
    /// The database holds another chain.
    #[error("the database holds the chain with genesis {found:?}, not {expected:?}")]
    OtherGenesis {
        /// What the chain specification gives.
        expected: H256,
        /// What the database holds.
        found: H256,
    },
    /// A stored block's digest is not readable.
    #[error("the digest of stored block {hash:?} is unreadable: {source}")]
    Digest {
        /// The block.
        hash: H256,
        /// Why.
        source: DigestError,
    },
    /// Something that must be in the database is not.
    #[error("the database lacks {what} of block {hash:?}")]
    Incomplete {
        /// The block.
        hash: H256,
        /// What is missing.
        what: &'static str,
    },
}

/// Why a block could not be built on a parent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The chain could not be read or the runtime failed.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The parent may not be built on.
    #[error("block {0:?} is disqualified or unknown and cannot be a selected parent")]
    BadParent(H256),
    /// The runtime refused an inherent of its own making.
    #[error("inherent {index} was refused: {error:?}")]
    Inherent {
        /// Which inherent.
        index: usize,
        /// The runtime's verdict.
        error: TransactionValidityError,
    },
    /// The runtime computed another state root than the node.
    #[error("the runtime's state root {runtime:?} is not the node's {node:?}")]
    StateRoot {
        /// The runtime's.
        runtime: H256,
        /// The node's.
        node: H256,
    },
    /// The chain has the greatest number that a header can have.
    #[error("the chain cannot grow beyond block {0}")]
    NumberOverflow(BlockNumber),
}

impl From<RuntimeError> for BuildError {
    fn from(error: RuntimeError) -> Self {
        Self::Chain(error.into())
    }
}

impl From<DbError> for BuildError {
    fn from(error: DbError) -> Self {
        Self::Chain(error.into())
    }
}

/// Why a block was not imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It is here already.
    #[error("block {0:?} is already known")]
    AlreadyKnown(H256),
    /// Its selected parent is not here yet.
    #[error("parent {0:?} is unknown")]
    UnknownParent(H256),
    /// It does not descend from the finalised block.
    #[error("block {0:?} does not descend from the finalised block")]
    NotOnFinalizedChain(H256),
    /// Its header or payload breaks a rule.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Our side failed.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl From<ChainError> for ImportError {
    fn from(error: ChainError) -> Self {
        Self::Build(error.into())
    }
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotOnFinalizedChain(hash) => Self::NotOnFinalizedChain(hash),
            other => Self::Build(other.into()),
        }
    }
}
