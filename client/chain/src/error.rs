//! What can go wrong, and whose fault it is.

use citrate_core::{BlockNumber, H256, TransactionValidityError};
use citrate_dag::HeaderError;
use citrate_dag::ghostdag::{DagError, FinaliseError, KError, RestoreError};
use citrate_dag_types::{AuthorityIndex, DigestError};
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
    /// What was downloaded of the DAG is not what belongs to its block.
    #[error("the window of the block to start at: {0}")]
    Window(#[from] citrate_sync::WindowError),
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
    /// A record of the DAG is not readable.
    #[error("a record of the DAG is unreadable: {source}")]
    DagRecord {
        /// Why.
        source: codec::Error,
    },
    /// The records of the DAG contradict each other.
    #[error("the records of the DAG make no DAG: {0}")]
    Restore(#[from] RestoreError),
    /// The chain's parameters allow more blocks at once than a DAG can order.
    #[error("the chain's parameters are unusable: {0}")]
    Parameters(#[from] KError),
    /// The block cannot become final.
    #[error(transparent)]
    Finalise(#[from] FinaliseError),
    /// A final block does not execute to what its header says: this node and the network disagree.
    #[error("block {0:?} is final, and its chain does not execute to what its headers say")]
    Diverged(H256),
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
    /// A block of these parents would break a rule of the DAG.
    #[error(transparent)]
    Dag(#[from] DagError),
    /// There is no such authority.
    #[error("there is no authority {0}")]
    UnknownAuthority(AuthorityIndex),
}

impl BuildError {
    /// Whether every node fails here alike: it follows from the block and the state it builds on.
    pub(crate) fn is_outcome(&self) -> bool {
        match self {
            Self::Inherent { .. } | Self::NumberOverflow(_) => true,
            Self::Chain(ChainError::Runtime(error)) => {
                matches!(error, RuntimeError::Trapped(_) | RuntimeError::NoSuchMethod(_))
            }
            Self::Chain(ChainError::Undecodable { .. }) => true,
            _ => false,
        }
    }
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
    /// One of its parents is not here yet.
    #[error("parent {0:?} is unknown")]
    UnknownParent(H256),
    /// Who may author in its slot follows from blocks of its chain that are not executed here.
    #[error("the authors of block {0:?}'s epoch are not known here")]
    UnknownEpoch(H256),
    /// Nothing that will be built can merge it any more, or it builds on what is forgotten.
    #[error("block {0:?} is too old to be merged")]
    TooOld(H256),
    /// Its header or payload breaks a rule.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// It breaks a rule of the DAG.
    #[error(transparent)]
    Dag(DagError),
    /// Our side failed.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl ImportError {
    /// Whether the block can never become valid, whoever looks at it and when.
    pub fn is_invalid(&self) -> bool {
        match self {
            Self::Header(HeaderError::SlotInFuture { .. }) => false,
            Self::Header(_) => true,
            Self::Dag(error) => error.is_invalid(),
            Self::AlreadyKnown(_)
            | Self::UnknownParent(_)
            | Self::UnknownEpoch(_)
            | Self::TooOld(_)
            | Self::Build(_) => false,
        }
    }

    pub(crate) fn of_dag(hash: H256, error: DagError) -> Self {
        match error {
            DagError::Known(hash) => Self::AlreadyKnown(hash),
            DagError::UnknownParent(parent) => Self::UnknownParent(parent),
            DagError::BelowPruningPoint => Self::TooOld(hash),
            other => Self::Dag(other),
        }
    }
}

impl From<ChainError> for ImportError {
    fn from(error: ChainError) -> Self {
        Self::Build(error.into())
    }
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        Self::Build(error.into())
    }
}
