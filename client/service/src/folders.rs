//! Where a node keeps what.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::ServiceError;

/// LIMIT: bytes of a chain's id, which names a folder.
const ID_BYTES_MAX: usize = 128;

/// Where a node keeps what of one chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folders {
    base: PathBuf,
    chain: PathBuf,
}

impl Folders {
    /// The folders of the chain with this id.
    ///
    /// # Errors
    /// When the id cannot name a folder.
    pub fn new(base: &Path, chain_id: &str) -> Result<Self, ServiceError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
        let is_name =
            chain_id.chars().all(is_plain) && !chain_id.trim_matches(['.', ' ']).is_empty();
        if !is_name || chain_id.len() > ID_BYTES_MAX {
            return Err(ServiceError::ChainId(chain_id.to_owned()));
        }
        Ok(Self { base: base.to_owned(), chain: base.join("chains").join(chain_id) })
    }

    /// All that is kept of the chain.
    pub fn chain(&self) -> &Path {
        &self.chain
    }

    /// Blocks and states.
    pub fn database(&self) -> PathBuf {
        self.chain.join("db")
    }

    /// Session keys.
    pub fn keystore(&self) -> PathBuf {
        self.chain.join("keystore")
    }

    /// The node's network identity.
    pub fn network(&self) -> PathBuf {
        self.chain.join("network")
    }

    /// Models and other large files, of all chains.
    pub fn artifacts(&self) -> PathBuf {
        self.base.join("artifacts")
    }
}

/// The folders of a node that may have none.
#[derive(Debug)]
pub(crate) struct Places {
    /// `None` for a node that forgets.
    pub(crate) folders: Option<Folders>,
    /// The artifacts' folder.
    pub(crate) artifacts: PathBuf,
    /// Removed when the node is dropped.
    _temporary: Option<TempDir>,
}

impl Places {
    pub(crate) fn new(
        base: Option<&Path>,
        chain_id: &str,
        artifacts: Option<&Path>,
    ) -> Result<Self, ServiceError> {
        let folders = base.map(|base| Folders::new(base, chain_id)).transpose()?;
        let given = artifacts.map(Path::to_owned);
        let kept = given.or_else(|| folders.as_ref().map(Folders::artifacts));
        let (artifacts, temporary) = match kept {
            Some(path) => (path, None),
            None => {
                let temporary = tempfile::Builder::new().prefix("citrate-").tempdir();
                let temporary = temporary.map_err(ServiceError::folder(std::env::temp_dir()))?;
                (temporary.path().join("artifacts"), Some(temporary))
            }
        };
        Ok(Self { folders, artifacts, _temporary: temporary })
    }
}
