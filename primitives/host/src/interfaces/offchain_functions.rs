//! Off-chain workers' functions.

use alloc::vec::Vec;
use citrate_host_macros::host_functions;

/// What an off-chain worker may do.
#[host_functions("offchain")]
pub mod offchain {
    #[cfg(feature = "std")]
    use crate::Externalities;
    pub use crate::StorageKind;
    use alloc::vec::Vec;

    pub use super::{
        local_storage_clear, local_storage_compare_and_set, local_storage_get, local_storage_set,
    };

    /// Whether the node authors blocks.
    pub fn is_validator(host: &mut dyn Externalities) -> bool {
        super::super::offchain_ext(host).is_some_and(|offchain| offchain.is_validator())
    }

    /// Submits an extrinsic (SCALE, length-prefixed) to the node's pool.
    pub fn submit_transaction(host: &mut dyn Externalities, data: Vec<u8>) -> Result<(), ()> {
        super::super::offchain_ext(host).ok_or(())?.submit_transaction(data)
    }

    /// Milliseconds since the Unix epoch.
    pub fn timestamp(host: &mut dyn Externalities) -> u64 {
        super::super::offchain_ext(host).map(|offchain| offchain.timestamp()).unwrap_or_default()
    }

    /// Random bytes, different on each node.
    pub fn random_seed(host: &mut dyn Externalities) -> [u8; 32] {
        super::super::offchain_ext(host).map(|offchain| offchain.random_seed()).unwrap_or_default()
    }

    /// As [`local_storage_set`], by the kind's number.
    #[host(name = "local_storage_set")]
    pub fn local_storage_set_raw(
        host: &mut dyn Externalities,
        kind: u32,
        key: &[u8],
        value: &[u8],
    ) {
        if let Some((offchain, kind)) = super::super::database(host, kind) {
            offchain.local_storage_set(kind, key, value);
        }
    }

    /// As [`local_storage_clear`], by the kind's number.
    #[host(name = "local_storage_clear")]
    pub fn local_storage_clear_raw(host: &mut dyn Externalities, kind: u32, key: &[u8]) {
        if let Some((offchain, kind)) = super::super::database(host, kind) {
            offchain.local_storage_clear(kind, key);
        }
    }

    /// As [`local_storage_compare_and_set`], by the kind's number.
    #[host(name = "local_storage_compare_and_set")]
    pub fn local_storage_compare_and_set_raw(
        host: &mut dyn Externalities,
        kind: u32,
        key: &[u8],
        old: Option<Vec<u8>>,
        new: &[u8],
    ) -> bool {
        super::super::database(host, kind).is_some_and(|(offchain, kind)| {
            offchain.local_storage_compare_and_set(kind, key, old.as_deref(), new)
        })
    }

    /// As [`local_storage_get`], by the kind's number.
    #[host(name = "local_storage_get")]
    pub fn local_storage_get_raw(
        host: &mut dyn Externalities,
        kind: u32,
        key: &[u8],
    ) -> Option<Vec<u8>> {
        super::super::database(host, kind)
            .and_then(|(offchain, kind)| offchain.local_storage_get(kind, key))
    }
}

/// Sets a value in the node's off-chain database.
pub fn local_storage_set(kind: crate::StorageKind, key: &[u8], value: &[u8]) {
    offchain::local_storage_set_raw(kind.number(), key, value);
}

/// Removes a value from the node's off-chain database.
pub fn local_storage_clear(kind: crate::StorageKind, key: &[u8]) {
    offchain::local_storage_clear_raw(kind.number(), key);
}

/// A value of the node's off-chain database.
pub fn local_storage_get(kind: crate::StorageKind, key: &[u8]) -> Option<Vec<u8>> {
    offchain::local_storage_get_raw(kind.number(), key)
}

/// Sets a value in the node's off-chain database if the present one is `old`; whether it did.
pub fn local_storage_compare_and_set(
    kind: crate::StorageKind,
    key: &[u8],
    old: Option<Vec<u8>>,
    new: &[u8],
) -> bool {
    offchain::local_storage_compare_and_set_raw(kind.number(), key, old, new)
}

/// What a block leaves in the off-chain databases of nodes that import it.
#[host_functions("offchain_index")]
pub mod offchain_index {
    #[cfg(feature = "std")]
    use crate::Externalities;

    /// Sets a value.
    pub fn set(host: &mut dyn Externalities, key: &[u8], value: &[u8]) {
        host.set_offchain(key, Some(value));
    }

    /// Removes a value.
    pub fn clear(host: &mut dyn Externalities, key: &[u8]) {
        host.set_offchain(key, None);
    }
}

/// Indexed transactions, which this node does not keep: nothing happens.
#[host_functions("transaction_index")]
pub mod transaction_index {
    /// Does nothing.
    pub fn index(extrinsic: u32, size: u32, context_hash: &[u8; 32]) {
        let _ = (extrinsic, size, context_hash);
    }

    /// Does nothing.
    pub fn renew(extrinsic: u32, context_hash: &[u8; 32]) {
        let _ = (extrinsic, context_hash);
    }
}

#[cfg(feature = "std")]
fn offchain_ext(
    host: &mut dyn crate::Externalities,
) -> Option<std::sync::Arc<dyn crate::Offchain>> {
    let offchain = host.extensions().get::<crate::OffchainExt>().map(|ext| ext.0.clone());
    if offchain.is_none() {
        host.fail("off-chain functions are not available in this call".into());
    }
    offchain
}

#[cfg(feature = "std")]
fn database(
    host: &mut dyn crate::Externalities,
    kind: u32,
) -> Option<(std::sync::Arc<dyn crate::Offchain>, crate::StorageKind)> {
    let Some(kind) = crate::StorageKind::from_number(kind) else {
        host.fail(format!("unknown kind of off-chain storage: {kind}"));
        return None;
    };
    Some((offchain_ext(host)?, kind))
}
