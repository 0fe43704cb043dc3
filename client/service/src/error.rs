//! Why a node does not start, or does not go on.

use std::io;
use std::path::PathBuf;

use citrate_artifacts::StoreError;
use citrate_chain::ChainError;
use citrate_chain_spec::ChainSpecError;
use citrate_core::H256;
use citrate_db::DbError;
use citrate_executor::ExecutorError;
use citrate_keystore::KeystoreError;
use citrate_network::NetworkError;
use citrate_rpc::RpcError;

/// Why a node does not start, or does not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// A folder cannot be made or read.
    #[error("{}: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The chain's id would lead out of the base folder.
    #[error("the chain's id `{0}` is no name of a folder")]
    ChainId(String),
    /// The chain specification cannot be used.
    #[error("chain specification: {0}")]
    ChainSpec(#[from] ChainSpecError),
    /// The network cannot be opened.
    #[error("network: {0}")]
    Network(#[from] NetworkError),
    /// The WASM engine cannot be set up.
    #[error("executor: {0}")]
    Executor(#[from] ExecutorError),
    /// Another node runs on the same data.
    #[error(
        "another process uses the data in {}; stop it, or choose another folder with --base-path",
        path.display()
    )]
    InUse {
        /// The database's folder.
        path: PathBuf,
    },
    /// The folder holds another chain.
    #[error(
        "the data in {} belong to another chain: their genesis block is {found:?}, the chain \
         specification's is {expected:?}. Choose another folder with --base-path, or remove this \
         one with `purge-chain`",
        path.display()
    )]
    WrongChain {
        /// The database's folder.
        path: PathBuf,
        /// Genesis block of the chain specification.
        expected: H256,
        /// Genesis block of the database.
        found: H256,
    },
    /// Archive or not cannot be changed later.
    #[error(
        "the data in {} were created with another pruning mode; use the same, or remove them with \
         `purge-chain`",
        path.display()
    )]
    Pruning {
        /// The database's folder.
        path: PathBuf,
    },
    /// What is on disk is not what a node wrote.
    #[error(
        "the data in {} are damaged: {reason}. Put back a copy, or remove them with `purge-chain` \
         and import the blocks again",
        path.display()
    )]
    Corrupted {
        /// The database's folder.
        path: PathBuf,
        /// What is wrong with them.
        reason: String,
    },
    /// The database failed.
    #[error("the database in {}: {source}", path.display())]
    Db {
        /// The database's folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: DbError,
    },
    /// The chain cannot be opened.
    #[error("chain: {0}")]
    Chain(#[source] ChainError),
    /// The keystore cannot be opened.
    #[error("{0}{hint}", hint = cure(.0))]
    Keystore(#[from] KeystoreError),
    /// The artifact store cannot be opened.
    #[error("artifacts: {0}")]
    Artifacts(#[from] StoreError),
    /// The file with the node's network key holds something else.
    #[error("{} does not hold a network key: 64 hexadecimal digits", path.display())]
    NetworkKey {
        /// The file.
        path: PathBuf,
    },
    /// The RPC server does not start.
    #[error("{0}")]
    Rpc(#[from] RpcError),
    /// A thread cannot be started.
    #[error("cannot start {what}: {source}")]
    Thread {
        /// What it was for.
        what: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A part without which the node is of no use has ended.
    #[error("{part} has failed: {reason}")]
    Failed {
        /// The part.
        part: &'static str,
        /// What it said.
        reason: String,
    },
}

impl ServiceError {
    pub(crate) fn failed(part: &'static str, reason: impl Into<String>) -> Self {
        Self::Failed { part, reason: reason.into() }
    }
}

/// What an operator can do about it.
fn cure(error: &KeystoreError) -> &'static str {
    match error {
        KeystoreError::Locked { .. } | KeystoreError::WrongPassword { .. } => {
            "; give its password with --password or in CITRATE_KEYSTORE_PASSWORD"
        }
        _ => "",
    }
}

impl ServiceError {
    /// An error about a folder or file.
    pub(crate) fn folder(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Folder { path, source }
    }
}
