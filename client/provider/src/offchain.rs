//! The way of runtime code that runs beside the chain into the node.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use citrate_chain::Chain;
use citrate_core::{OpaqueExtrinsic, TransactionSource};
use citrate_host::{Offchain, StorageKind};
use citrate_txpool::TxPool;

/// LIMIT: longest key and value of the off-chain database.
const VALUE_BYTES_MAX: usize = 1 << 20;

/// LIMIT: values that are kept until the node stops.
const LOCAL_VALUES_MAX: usize = 4096;
/// Where the persistent values lie in the database.
const PERSISTENT_PREFIX: &[u8] = b"persistent/";

/// The pool for transactions, the node's database and memory for what the worker keeps.
pub struct NodeOffchain {
    chain: Arc<Chain>,
    pool: Arc<TxPool>,
    is_validator: bool,
    local: Local,
}

impl NodeOffchain {
    /// Services over a chain and its pool; `is_validator` is what the runtime is told when it asks.
    pub fn new(chain: Arc<Chain>, pool: Arc<TxPool>, is_validator: bool) -> Self {
        Self { chain, pool, is_validator, local: Local::default() }
    }
}

/// Values that are gone when the node stops.
#[derive(Default)]
struct Local(Mutex<BTreeMap<Vec<u8>, Vec<u8>>>);

impl Local {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Vec<u8>, Vec<u8>>> {
        // Every change is one insertion or removal, so a panic elsewhere leaves the map whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.lock().get(key).cloned()
    }

    fn clear(&self, key: &[u8]) {
        self.lock().remove(key);
    }

    /// Sets a value if `expected` agrees with the present one; whether it did.
    fn set_if(&self, key: &[u8], new: &[u8], expected: impl FnOnce(Option<&[u8]>) -> bool) -> bool {
        let mut values = self.lock();
        let present = values.get(key).map(Vec::as_slice);
        let is_new = present.is_none();
        if !expected(present) {
            return false;
        }
        if is_new && values.len() >= LOCAL_VALUES_MAX {
            tracing::warn!("the worker keeps too many values");
            return false;
        }
        values.insert(key.to_vec(), new.to_vec());
        true
    }
}

impl fmt::Debug for NodeOffchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeOffchain").finish_non_exhaustive()
    }
}

/// Where a persistent value lies in the database.
fn stored(key: &[u8]) -> Vec<u8> {
    [PERSISTENT_PREFIX, key].concat()
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
            tracing::warn!(%error, "the runtime's transaction is malformed");
        })?;
        match self.pool.submit(TransactionSource::Local, extrinsic) {
            Ok(hash) => {
                tracing::debug!(?hash, "the runtime sent a transaction");
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "the pool does not take the runtime's transaction");
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
        match kind {
            StorageKind::Local => {
                self.local.set_if(key, value, |_| true);
            }
            StorageKind::Persistent => {
                if let Err(error) = self.chain.offchain_set(&stored(key), Some(value)) {
                    tracing::error!(%error, "the off-chain database cannot be written");
                }
            }
        }
    }

    fn local_storage_get(&self, kind: StorageKind, key: &[u8]) -> Option<Vec<u8>> {
        match kind {
            StorageKind::Local => self.local.get(key),
            StorageKind::Persistent => {
                self.chain.offchain_get(&stored(key)).unwrap_or_else(|error| {
                    tracing::error!(%error, "the off-chain database cannot be read");
                    None
                })
            }
        }
    }

    fn local_storage_clear(&self, kind: StorageKind, key: &[u8]) {
        match kind {
            StorageKind::Local => self.local.clear(key),
            StorageKind::Persistent => {
                if let Err(error) = self.chain.offchain_set(&stored(key), None) {
                    tracing::error!(%error, "the off-chain database cannot be written");
                }
            }
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
        match kind {
            StorageKind::Local => self.local.set_if(key, new, |present| present == old),
            StorageKind::Persistent => {
                let result = self.chain.db().offchain_compare_and_set(&stored(key), old, new);
                result.unwrap_or_else(|error| {
                    tracing::error!(%error, "the off-chain database cannot be written");
                    false
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_many_sets_a_value() {
        let local = Local::default();
        let winners: usize = std::thread::scope(|scope| {
            let claim = || usize::from(local.set_if(b"job", b"claimed", |old| old.is_none()));
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(claim)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(winners, 1);
        assert!(!local.set_if(b"job", b"later", |old| old == Some(b"other")));
        assert!(local.set_if(b"job", b"later", |old| old == Some(b"claimed")));
        assert_eq!(local.get(b"job").as_deref(), Some(&b"later"[..]));
        local.clear(b"job");
        assert_eq!(local.get(b"job"), None);
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let local = Local::default();
        for number in 0..LOCAL_VALUES_MAX {
            assert!(local.set_if(&(number as u64).to_le_bytes(), b"", |_| true));
        }
        assert!(!local.set_if(b"one more", b"", |_| true));
        assert!(local.set_if(&0u64.to_le_bytes(), b"changed", |_| true), "a known one may change");
        local.clear(&1u64.to_le_bytes());
        assert!(local.set_if(b"one more", b"", |_| true));
    }
}
