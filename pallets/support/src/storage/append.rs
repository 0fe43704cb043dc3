//! Collections that can grow, or tell their length, without being decoded.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use bounded_collections::{BoundedBTreeMap, BoundedBTreeSet, BoundedVec, WeakBoundedVec};
use citrate_core::Digest;
use codec::{Compact, Decode, Encode, EncodeLike};

/// A collection to which the host can append an encoded item in place.
pub trait StorageAppend<Item: Encode> {}

/// A collection whose encoding starts with its compact length.
pub trait StorageDecodeLength {
    /// The length read from the start of the stored bytes.
    fn decode_len(key: &[u8]) -> Option<usize> {
        let mut head = [0_u8; 5];
        let stored = citrate_host::storage::read(key, &mut head, 0)?;
        let available = usize::try_from(stored).unwrap_or(usize::MAX).min(head.len());
        let length = Compact::<u32>::decode(&mut &head[..available]).ok()?;
        usize::try_from(length.0).ok()
    }
}

/// A collection with a bound, to which items can be appended while there is room.
pub trait TryAppendValue<Item: Encode>: StorageDecodeLength {
    /// The largest number of items.
    fn bound() -> usize;
}

impl<T: Encode> StorageAppend<T> for Vec<T> {}
impl<T: Encode> StorageAppend<T> for BTreeSet<T> {}
impl StorageAppend<citrate_core::DigestItem> for Digest {}
impl<T> StorageDecodeLength for Vec<T> {}
impl<T> StorageDecodeLength for BTreeSet<T> {}
impl<K, V> StorageDecodeLength for BTreeMap<K, V> {}
impl<T, S> StorageDecodeLength for BoundedVec<T, S> {}
impl<T, S> StorageDecodeLength for WeakBoundedVec<T, S> {}
impl<T, S> StorageDecodeLength for BoundedBTreeSet<T, S> {}
impl<K, V, S> StorageDecodeLength for BoundedBTreeMap<K, V, S> {}
impl StorageDecodeLength for Digest {}

impl<T: Encode, S: bounded_collections::Get<u32>> TryAppendValue<T> for BoundedVec<T, S> {
    fn bound() -> usize {
        Self::bound()
    }
}

impl<T: Encode, S: bounded_collections::Get<u32>> TryAppendValue<T> for WeakBoundedVec<T, S> {
    fn bound() -> usize {
        Self::bound()
    }
}

/// Appends `item` to the collection under `key`.
pub(super) fn append<Item: Encode>(key: &[u8], item: &Item) {
    item.using_encoded(|bytes| citrate_host::storage::append(key, bytes));
}

/// Appends `item` unless the collection under `key` is full.
pub(super) fn try_append_like<Collection, Item, Arg>(key: &[u8], item: &Arg) -> Result<(), ()>
where
    Collection: TryAppendValue<Item>,
    Item: Encode,
    Arg: EncodeLike<Item>,
{
    if Collection::decode_len(key).unwrap_or(0) >= Collection::bound() {
        return Err(());
    }
    append(key, item);
    Ok(())
}
