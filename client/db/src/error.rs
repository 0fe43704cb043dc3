//! What can go wrong, and whose fault it is.

use citrate_core::H256;
use std::path::PathBuf;

/// Why the database could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DbError {
    /// Another process has the database open.
    #[error("database {} is in use by another process", path.display())]
    Locked {
        /// The database's folder.
        path: PathBuf,
    },
    /// What is on disk is not what this program wrote.
    #[error("database is corrupted: {0}")]
    Corrupted(String),
    /// The database belongs to another chain.
    #[error("database belongs to the chain with genesis {found:?}, not {expected:?}")]
    WrongChain {
        /// Genesis block that was asked for.
        expected: H256,
        /// Genesis block of the database.
        found: H256,
    },
    /// The database was written in another format.
    #[error("database has format {found}, this program reads {expected}")]
    VersionMismatch {
        /// The format that this program reads.
        expected: u32,
        /// The format on disk.
        found: String,
    },
    /// An archive was opened as a pruned database or the other way round.
    #[error("database was created with another pruning mode")]
    PruningMismatch,
    /// The disk failed.
    #[error("database input or output: {0}")]
    Io(#[from] std::io::Error),
    /// An earlier write failed half-way: the database takes no further ones until it is reopened.
    #[error("database is closed for writing after a failed write")]
    Closed,
    /// The block is not in the database.
    #[error("block {0:?} is unknown")]
    UnknownBlock(H256),
    /// The block's state was there, but is not kept any more.
    #[error("state of block {0:?} is pruned")]
    StatePruned(H256),
    /// The block has not been executed.
    #[error("block {0:?} has not been executed")]
    NotExecuted(H256),
    /// The block does not continue what is finalised.
    #[error("block {0:?} does not descend from the finalised block")]
    NotOnFinalizedChain(H256),
    /// Only blocks of the selected chain can be finalised.
    #[error("block {0:?} is not on the selected chain")]
    NotSelected(H256),
    /// The first block of a database has to be a genesis block.
    #[error("database has no genesis block")]
    NoGenesis,
}

impl From<parity_db::Error> for DbError {
    fn from(error: parity_db::Error) -> Self {
        match error {
            parity_db::Error::Io(error) => Self::Io(error),
            parity_db::Error::Background(error) => {
                Self::Io(std::io::Error::other(error.to_string()))
            }
            other => Self::Corrupted(other.to_string()),
        }
    }
}
