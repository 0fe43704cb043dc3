//! A storage map with one key.

use super::{
    KeyPrefixIterator, MultiRemovalResults, OptionQuery, PrefixIterator, QueryKindTrait,
    ReversibleStorageHasher, StorageAppend, StorageDecodeLength, StorageEntryMetadataBuilder,
    StorageHasher, StorageInstance, StoragePrefixedMap, TryAppendValue, append,
    at_key::{self, sure},
    metadata, unhashed,
};
use crate::parts::require::Stored;
use crate::traits::{Get, GetDefault};
use alloc::vec::Vec;
use codec::{Decode, Encode, EncodeLike, FullCodec};
use core::marker::PhantomData;
use sp_metadata_ir::{ItemDeprecationInfoIR, StorageEntryMetadataIR};

/// One value for each key.
#[derive(Debug)]
pub struct StorageMap<
    Prefix,
    Hasher,
    Key,
    Value,
    QueryKind = OptionQuery,
    OnEmpty = GetDefault,
    MaxValues = GetDefault,
>(PhantomData<(Prefix, Hasher, Key, Value, QueryKind, OnEmpty, MaxValues)>);

impl<Prefix, Hasher, Key, Value, QueryKind, OnEmpty, MaxValues> StoragePrefixedMap<Value>
    for StorageMap<Prefix, Hasher, Key, Value, QueryKind, OnEmpty, MaxValues>
where
    Prefix: StorageInstance,
{
    fn pallet_prefix() -> &'static [u8] {
        Prefix::pallet_prefix().as_bytes()
    }
    fn storage_prefix() -> &'static [u8] {
        Prefix::STORAGE_PREFIX.as_bytes()
    }
}

impl<Prefix, Hasher, Key, Value, QueryKind, OnEmpty, MaxValues>
    StorageMap<Prefix, Hasher, Key, Value, QueryKind, OnEmpty, MaxValues>
where
    Prefix: StorageInstance,
    Hasher: StorageHasher,
    Key: FullCodec,
    Value: FullCodec,
    QueryKind: QueryKindTrait<Value, OnEmpty>,
    OnEmpty: Get<QueryKind::Query> + 'static,
{
    /// The full storage key of an entry.
    pub fn hashed_key_for<KeyArg: EncodeLike<Key>>(key: KeyArg) -> Vec<u8> {
        let mut full = Vec::with_capacity(32 + 16 + key.size_hint());
        full.extend_from_slice(&Prefix::prefix_hash());
        key.using_encoded(|bytes| full.extend_from_slice(Hasher::hash(bytes).as_ref()));
        full
    }

    /// Whether the key has a value.
    pub fn contains_key<KeyArg: EncodeLike<Key>>(key: KeyArg) -> bool {
        unhashed::exists(&Self::hashed_key_for(key))
    }

    /// The value of a key, as the query kind presents it.
    pub fn get<KeyArg: EncodeLike<Key>>(key: KeyArg) -> QueryKind::Query {
        at_key::get::<Value, QueryKind, OnEmpty>(&Self::hashed_key_for(key))
    }

    /// The stored value of a key.
    ///
    /// # Errors
    /// Nothing is stored.
    #[expect(clippy::result_unit_err, reason = "the signature of FRAME")]
    pub fn try_get<KeyArg: EncodeLike<Key>>(key: KeyArg) -> Result<Value, ()> {
        unhashed::get(&Self::hashed_key_for(key)).ok_or(())
    }

    /// Moves a value from the place that another hasher gave it, and returns it.
    pub fn migrate_key<OldHasher: StorageHasher, KeyArg: EncodeLike<Key>>(
        key: KeyArg,
    ) -> Option<Value> {
        let mut old = Prefix::prefix_hash().to_vec();
        key.using_encoded(|bytes| old.extend_from_slice(OldHasher::hash(bytes).as_ref()));
        let value = unhashed::take::<Value>(&old)?;
        unhashed::put(&Self::hashed_key_for(key), &value);
        Some(value)
    }

    /// Exchanges the values of two keys.
    pub fn swap<A: EncodeLike<Key>, B: EncodeLike<Key>>(a: A, b: B) {
        at_key::swap_values(&Self::hashed_key_for(a), &Self::hashed_key_for(b));
    }

    /// Moves the value of `from` to `to`, replacing what is there.
    pub fn rename<A: EncodeLike<Key>, B: EncodeLike<Key>>(from: A, to: B) {
        at_key::move_value(&Self::hashed_key_for(from), &Self::hashed_key_for(to));
    }

    /// Stores a value.
    pub fn insert<KeyArg: EncodeLike<Key>, ValArg: EncodeLike<Value>>(key: KeyArg, value: ValArg) {
        unhashed::put(&Self::hashed_key_for(key), &value);
    }

    /// Stores what a read may return; `None` removes.
    pub fn set<KeyArg: EncodeLike<Key>>(key: KeyArg, value: QueryKind::Query) {
        at_key::set::<Value, QueryKind, OnEmpty>(&Self::hashed_key_for(key), value);
    }

    /// Removes the value of a key.
    pub fn remove<KeyArg: EncodeLike<Key>>(key: KeyArg) {
        unhashed::kill(&Self::hashed_key_for(key));
    }

    /// Changes a value in place.
    pub fn mutate<KeyArg: EncodeLike<Key>, R, F: FnOnce(&mut QueryKind::Query) -> R>(
        key: KeyArg,
        f: F,
    ) -> R {
        sure(Self::try_mutate(key, |query| Ok(f(query))))
    }

    /// Changes a value in place, and only if `f` succeeds.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_mutate<KeyArg, R, E, F>(key: KeyArg, f: F) -> Result<R, E>
    where
        KeyArg: EncodeLike<Key>,
        F: FnOnce(&mut QueryKind::Query) -> Result<R, E>,
    {
        at_key::try_mutate::<Value, QueryKind, OnEmpty, R, E>(&Self::hashed_key_for(key), f)
    }

    /// Changes, creates or removes a value.
    pub fn mutate_exists<KeyArg: EncodeLike<Key>, R, F: FnOnce(&mut Option<Value>) -> R>(
        key: KeyArg,
        f: F,
    ) -> R {
        sure(Self::try_mutate_exists(key, |value| Ok(f(value))))
    }

    /// Changes, creates or removes a value, and only if `f` succeeds.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_mutate_exists<KeyArg, R, E, F>(key: KeyArg, f: F) -> Result<R, E>
    where
        KeyArg: EncodeLike<Key>,
        F: FnOnce(&mut Option<Value>) -> Result<R, E>,
    {
        at_key::try_mutate_exists(&Self::hashed_key_for(key), f)
    }

    /// Removes the value of a key and returns it.
    pub fn take<KeyArg: EncodeLike<Key>>(key: KeyArg) -> QueryKind::Query {
        at_key::take::<Value, QueryKind, OnEmpty>(&Self::hashed_key_for(key))
    }

    /// Appends an item to a value without decoding it.
    pub fn append<Item, ItemArg, KeyArg>(key: KeyArg, item: ItemArg)
    where
        KeyArg: EncodeLike<Key>,
        Item: Encode,
        ItemArg: EncodeLike<Item>,
        Value: StorageAppend<Item>,
    {
        append::append(&Self::hashed_key_for(key), &item);
    }

    /// Appends an item to a value if there is room for it.
    ///
    /// # Errors
    /// The collection is full.
    #[expect(clippy::result_unit_err, reason = "the signature of FRAME")]
    pub fn try_append<KeyArg, Item, ItemArg>(key: KeyArg, item: ItemArg) -> Result<(), ()>
    where
        KeyArg: EncodeLike<Key> + Clone,
        Item: Encode,
        ItemArg: EncodeLike<Item>,
        Value: TryAppendValue<Item>,
    {
        append::try_append_like::<Value, Item, ItemArg>(&Self::hashed_key_for(key), &item)
    }

    /// The length of a collection, without decoding its items.
    pub fn decode_len<KeyArg: EncodeLike<Key>>(key: KeyArg) -> Option<usize>
    where
        Value: StorageDecodeLength,
    {
        Value::decode_len(&Self::hashed_key_for(key))
    }

    /// Removes at most `limit` entries, going on from a cursor.
    pub fn clear(limit: u32, maybe_cursor: Option<&[u8]>) -> MultiRemovalResults {
        unhashed::clear_prefix(&Prefix::prefix_hash(), limit, maybe_cursor)
    }

    /// Goes through the values, in no particular order.
    pub fn iter_values() -> PrefixIterator<Value> {
        let prefix = Prefix::prefix_hash().to_vec();
        PrefixIterator::new(prefix.clone(), prefix, |_, mut value| Value::decode(&mut value))
    }

    /// Re-encodes every value after its type has changed; `None` removes the entry.
    pub fn translate_values<Old: Decode, F: FnMut(Old) -> Option<Value>>(mut f: F) {
        at_key::translate::<Old, Value>(&Prefix::prefix_hash(), |_, old| Some(f(old)));
    }
}

impl<Prefix, Hasher, Key, Value, QueryKind, OnEmpty, MaxValues>
    StorageMap<Prefix, Hasher, Key, Value, QueryKind, OnEmpty, MaxValues>
where
    Prefix: StorageInstance,
    Hasher: ReversibleStorageHasher,
    Key: FullCodec,
    Value: FullCodec,
    QueryKind: QueryKindTrait<Value, OnEmpty>,
    OnEmpty: Get<QueryKind::Query> + 'static,
{
    /// Goes through the entries, in no particular order.
    pub fn iter() -> PrefixIterator<(Key, Value)> {
        Self::iter_from(Prefix::prefix_hash().to_vec())
    }

    /// Goes through the entries after a storage key.
    pub fn iter_from(starting_raw_key: Vec<u8>) -> PrefixIterator<(Key, Value)> {
        PrefixIterator::new(Prefix::prefix_hash().to_vec(), starting_raw_key, |key, mut value| {
            Ok((decode_key::<Hasher, Key>(key)?, Value::decode(&mut value)?))
        })
    }

    /// Goes through the entries after the one of `key`.
    pub fn iter_from_key<KeyArg: EncodeLike<Key>>(key: KeyArg) -> PrefixIterator<(Key, Value)> {
        Self::iter_from(Self::hashed_key_for(key))
    }

    /// Goes through the keys, in no particular order.
    pub fn iter_keys() -> KeyPrefixIterator<Key> {
        Self::iter_keys_from(Prefix::prefix_hash().to_vec())
    }

    /// Goes through the keys after a storage key.
    pub fn iter_keys_from(starting_raw_key: Vec<u8>) -> KeyPrefixIterator<Key> {
        KeyPrefixIterator::new(
            Prefix::prefix_hash().to_vec(),
            starting_raw_key,
            decode_key::<Hasher, Key>,
        )
    }

    /// Goes through the keys after `key`.
    pub fn iter_keys_from_key<KeyArg: EncodeLike<Key>>(key: KeyArg) -> KeyPrefixIterator<Key> {
        Self::iter_keys_from(Self::hashed_key_for(key))
    }

    /// Goes through the entries and removes each.
    pub fn drain() -> PrefixIterator<(Key, Value)> {
        Self::iter().drain()
    }

    /// Re-encodes every value after its type has changed; `None` removes the entry.
    pub fn translate<Old: Decode, F: FnMut(Key, Old) -> Option<Value>>(mut f: F) {
        at_key::translate::<Old, Value>(&Prefix::prefix_hash(), |tail, old| {
            let key = decode_key::<Hasher, Key>(tail).ok()?;
            Some(f(key, old))
        });
    }
}

/// The map key inside the tail of a storage key.
fn decode_key<Hasher: ReversibleStorageHasher, Key: Decode>(
    tail: &[u8],
) -> Result<Key, codec::Error> {
    Key::decode(&mut Hasher::reverse(tail))
}

impl<Prefix, Hasher, Key, Value, QueryKind, OnEmpty, MaxValues> StorageEntryMetadataBuilder
    for StorageMap<Prefix, Hasher, Key, Value, QueryKind, OnEmpty, MaxValues>
where
    Prefix: StorageInstance,
    Hasher: StorageHasher,
    Key: Stored,
    Value: Stored,
    QueryKind: QueryKindTrait<Value, OnEmpty>,
    OnEmpty: Get<QueryKind::Query> + 'static,
{
    fn build_metadata(
        deprecation_info: ItemDeprecationInfoIR,
        docs: Vec<&'static str>,
        entries: &mut Vec<StorageEntryMetadataIR>,
    ) {
        entries.push(metadata::map::<Key, Value, QueryKind, OnEmpty>(
            Prefix::STORAGE_PREFIX,
            metadata::one::<Hasher>(),
            deprecation_info,
            docs,
        ));
    }
}
