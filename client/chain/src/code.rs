//! Runtime code out of the state, read once.

use std::num::NonZeroUsize;
use std::sync::Arc;

use citrate_core::{H256, RuntimeVersion};
use citrate_trie::StateView;
use lru::LruCache;
use parking_lot::Mutex;

use crate::error::ChainError;
use crate::machine::{Code, Machine};

/// LIMIT: blobs that are kept; a chain uses two, and four around an upgrade.
const CODES_CACHED: NonZeroUsize = NonZeroUsize::new(8).expect("not zero");

/// Blobs and their versions by hash.
#[derive(Debug)]
pub(crate) struct CodeCache {
    codes: Mutex<LruCache<H256, Code>>,
    versions: Mutex<LruCache<H256, Arc<RuntimeVersion>>>,
}

impl CodeCache {
    pub(crate) fn new() -> Self {
        Self {
            codes: Mutex::new(LruCache::new(CODES_CACHED)),
            versions: Mutex::new(LruCache::new(CODES_CACHED)),
        }
    }

    /// The blob under `key` in the state of block `at`.
    pub(crate) fn get(&self, at: &H256, state: &StateView, key: &[u8]) -> Result<Code, ChainError> {
        let absent = || ChainError::NoCode { at: *at, key: key.to_vec() };
        let hash = state.hash_of(key)?.ok_or_else(absent)?;
        if let Some(code) = self.codes.lock().get(&hash) {
            return Ok(code.clone());
        }
        let bytes = state.get(key)?.ok_or_else(absent)?;
        let code = Code { bytes: bytes.into(), hash };
        self.codes.lock().put(hash, code.clone());
        Ok(code)
    }

    /// The version of a blob.
    pub(crate) fn version(
        &self,
        machine: &dyn Machine,
        code: &Code,
    ) -> Result<Arc<RuntimeVersion>, ChainError> {
        if let Some(version) = self.versions.lock().get(&code.hash) {
            return Ok(Arc::clone(version));
        }
        let version = Arc::new(machine.runtime_version(code)?);
        self.versions.lock().put(code.hash, Arc::clone(&version));
        Ok(version)
    }
}
