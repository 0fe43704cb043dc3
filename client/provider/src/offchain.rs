//! The worker's way into the node.

use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use citrate_chain::Chain;
use citrate_core::{OpaqueExtrinsic, TransactionSource};
use citrate_host::{Offchain, StorageKind};
use citrate_txpool::TxPool;

/// LIMIT: longest key and value of the off-chain database.
const VALUE_BYTES_MAX: usize = 1 << 20;

/// The pool for transactions, the node's database for what the worker keeps.
pub(crate) struct NodeOffchain {
    pub(crate) chain: Arc<Chain>,
    pub(crate) pool: Arc<TxPool>,
    pub(crate) is_validator: bool,
}

impl fmt::Debug for NodeOffchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeOffchain").finish_non_exhaustive()
    }
}

/// Where a value of this kind lies in the database.
fn stored(kind: StorageKind, key: &[u8]) -> Vec<u8> {
    let prefix: &[u8] = match kind {
        StorageKind::Persistent => b"persistent/",
        StorageKind::Local => b"local/",
    };
    [prefix, key].concat()
}

fn fits(key: &[u8], value: &[u8]) -> bool {
    let fits = key.len() <= VALUE_BYTES_MAX && value.len() <= VALUE_BYTES_MAX;
    if !fits {
        tracing::warn!(key = key.len(), value = value.len(), "the worker's value is too large");
    }
    fits
}

impl Offchain for NodeOffchain {
    fn is_validator(&self) -> bool {
        self.is_validator
    }

    fn submit_transaction(&self, extrinsic: Vec<u8>) -> Result<(), ()> {
        let extrinsic = OpaqueExtrinsic::from_encoded(&extrinsic).map_err(|error| {
            tracing::warn!(%error, "the worker's transaction is malformed");
        })?;
        match self.pool.submit(TransactionSource::Local, extrinsic) {
            Ok(hash) => {
                tracing::debug!(?hash, "the worker sent a transaction");
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "the pool does not take the worker's transaction");
                Err(())
            }
        }
    }

    fn timestamp(&self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
    }

    fn random_seed(&self) -> [u8; 32] {
        rand::random()
    }

    fn local_storage_set(&self, kind: StorageKind, key: &[u8], value: &[u8]) {
        if !fits(key, value) {
            return;
        }
        if let Err(error) = self.chain.offchain_set(&stored(kind, key), Some(value)) {
            tracing::error!(%error, "the off-chain database cannot be written");
        }
    }

    fn local_storage_get(&self, kind: StorageKind, key: &[u8]) -> Option<Vec<u8>> {
        self.chain.offchain_get(&stored(kind, key)).unwrap_or_else(|error| {
            tracing::error!(%error, "the off-chain database cannot be read");
            None
        })
    }

    fn local_storage_clear(&self, kind: StorageKind, key: &[u8]) {
        if let Err(error) = self.chain.offchain_set(&stored(kind, key), None) {
            tracing::error!(%error, "the off-chain database cannot be written");
        }
    }

    fn local_storage_compare_and_set(
        &self,
        kind: StorageKind,
        key: &[u8],
        old: Option<&[u8]>,
        new: &[u8],
    ) -> bool {
        if !fits(key, new) {
            return false;
        }
        let result = self.chain.db().offchain_compare_and_set(&stored(kind, key), old, new);
        result.unwrap_or_else(|error| {
            tracing::error!(%error, "the off-chain database cannot be written");
            false
        })
    }
}
