use std::{io, path::PathBuf};

use citrate_core::H256;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing under this hash, CID or name.
    #[error("no artifact {0}")]
    Unknown(String),
    /// A name that several artifacts have.
    #[error("several artifacts are named {0}; use the hash")]
    Ambiguous(String),
    /// The file on disk is not what its name says.
    #[error("artifact {0:?} is damaged on disk: its content does not match its hash")]
    Corrupted(H256),
    /// The artifact's description on disk cannot be read.
    #[error("the description {path} is damaged")]
    CorruptedDescription {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it; nothing but that it describes another artifact, if absent.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// Larger than the reader allows.
    #[error("artifact of {bytes} bytes, over the limit of {bytes_max}")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// It does not fit into the store, even without all that may leave it.
    #[error(
        "the store is full: {bytes} more bytes do not fit into {bytes_max} beside what is pinned"
    )]
    Full {
        /// What was to be added.
        bytes: u64,
        /// The store's size.
        bytes_max: u64,
    },
    /// As many artifacts as there may be.
    #[error("the store is full: it takes {count_max} artifacts at most")]
    TooMany {
        /// The limit.
        count_max: usize,
    },
    /// It is being fetched, maybe by another process.
    #[error("artifact {0:?} is being fetched")]
    Held(H256),
    /// A pinned artifact is not removed.
    #[error("artifact {0:?} is pinned")]
    Pinned(H256),
    /// The disk.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// What.
        #[source]
        source: io::Error,
    },
}

impl StoreError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
