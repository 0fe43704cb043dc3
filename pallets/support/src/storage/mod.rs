//! Storage items of pallets: single values and maps, with FRAME's keys.
//!
//! A key is `twox_128(pallet) ++ twox_128(item) ++ hasher(map key)..`. The typed items are thin
//! shells over [`unhashed`].

#![expect(clippy::needless_pass_by_value, reason = "FRAME's signatures: keys and values are owned")]

mod append;
mod at_key;
mod counted_map;
mod counted_n_map;
mod double_map;
mod hasher;
mod iter;
mod key;
mod map;
mod metadata;
mod n_map;
mod query;
mod transactional;
pub mod unhashed;
mod value;

#[cfg(test)]
mod tests;

pub use self::{
    append::{StorageAppend, StorageDecodeLength, TryAppendValue},
    counted_map::{CountedStorageMap, CountedStorageMapInstance},
    counted_n_map::CountedStorageNMap,
    double_map::StorageDoubleMap,
    hasher::{
        Blake2_128, Blake2_128Concat, Blake2_256, Hashable, Identity, ReversibleStorageHasher,
        StorageHasher, Twox64Concat, Twox128, Twox256,
    },
    iter::{KeyPrefixIterator, PrefixIterator},
    key::{
        EncodeLikeTuple, HasKeyPrefix, HasReversibleKeyPrefix, Key, KeyGenerator, NMapKey,
        ReversibleKeyGenerator, TupleToEncodedIter,
    },
    map::StorageMap,
    metadata::StorageEntryMetadataBuilder,
    n_map::StorageNMap,
    query::{OptionQuery, QueryKindTrait, ResultQuery, ValueQuery},
    transactional::{
        TRANSACTIONAL_LIMIT, TransactionOutcome, in_storage_layer, is_transactional,
        with_storage_layer, with_transaction, with_transaction_unchecked,
    },
    unhashed::MultiRemovalResults,
    value::StorageValue,
};

/// FRAME's module of this name, for pallets that spell paths out.
pub mod types {
    pub use super::{
        CountedStorageMap, CountedStorageMapInstance, CountedStorageNMap, Key, NMapKey,
        OptionQuery, QueryKindTrait, ResultQuery, StorageDoubleMap, StorageEntryMetadataBuilder,
        StorageMap, StorageNMap, StorageValue, ValueQuery,
    };
}

use citrate_core::hashing::twox_128;

/// Where an item lives: the pallet's prefix and the item's own.
///
/// `#[pallet::storage]` generates one of these for every item.
pub trait StorageInstance {
    /// The item's name in the storage key and in metadata.
    const STORAGE_PREFIX: &'static str;
    /// The pallet's name in the runtime.
    fn pallet_prefix() -> &'static str;
    /// The 32 bytes that every key of this item starts with.
    fn prefix_hash() -> [u8; 32] {
        storage_prefix(Self::pallet_prefix().as_bytes(), Self::STORAGE_PREFIX.as_bytes())
    }
}

/// The 32 bytes that every key of an item starts with.
pub fn storage_prefix(pallet_name: &[u8], storage_name: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    key[..16].copy_from_slice(&twox_128(pallet_name));
    key[16..].copy_from_slice(&twox_128(storage_name));
    key
}

/// A map's prefix, as bytes; implemented by every map.
pub trait StoragePrefixedMap<Value> {
    /// The pallet's name.
    fn pallet_prefix() -> &'static [u8];
    /// The item's name.
    fn storage_prefix() -> &'static [u8];
    /// The 32 bytes that every key of this map starts with.
    fn final_prefix() -> [u8; 32] {
        storage_prefix(Self::pallet_prefix(), Self::storage_prefix())
    }
}

/// Removes at most `limit` keys that start with `prefix`.
pub fn clear_storage_prefix(
    prefix: &[u8],
    limit: u32,
    maybe_cursor: Option<&[u8]>,
) -> MultiRemovalResults {
    unhashed::clear_prefix(prefix, limit, maybe_cursor)
}
