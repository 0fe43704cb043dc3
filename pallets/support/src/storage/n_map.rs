//! A storage map with any number of keys.

use super::{
    EncodeLikeTuple, HasKeyPrefix, HasReversibleKeyPrefix, KeyGenerator, KeyPrefixIterator,
    MultiRemovalResults, OptionQuery, PrefixIterator, QueryKindTrait, ReversibleKeyGenerator,
    StorageAppend, StorageEntryMetadataBuilder, StorageInstance, StoragePrefixedMap,
    TupleToEncodedIter, append,
    at_key::{self, sure},
    metadata, unhashed,
};
use crate::parts::require::Stored;
use crate::traits::{Get, GetDefault};
use alloc::vec::Vec;
use codec::{Decode, Encode, EncodeLike, FullCodec};
use core::marker::PhantomData;
use scale_info::StaticTypeInfo;
use sp_metadata_ir::{ItemDeprecationInfoIR, StorageEntryMetadataIR};

/// One value for each tuple of keys; iterable by any leading part of the tuple.
#[derive(Debug)]
pub struct StorageNMap<
    Prefix,
    Key,
    Value,
    QueryKind = OptionQuery,
    OnEmpty = GetDefault,
    MaxValues = GetDefault,
>(PhantomData<(Prefix, Key, Value, QueryKind, OnEmpty, MaxValues)>);

impl<P: StorageInstance, K, V, Q, D, M> StoragePrefixedMap<V> for StorageNMap<P, K, V, Q, D, M> {
    fn pallet_prefix() -> &'static [u8] {
        P::pallet_prefix().as_bytes()
    }
    fn storage_prefix() -> &'static [u8] {
        P::STORAGE_PREFIX.as_bytes()
    }
}

impl<P, K, V, Q, D, M> StorageNMap<P, K, V, Q, D, M>
where
    P: StorageInstance,
    K: KeyGenerator,
    V: FullCodec,
    Q: QueryKindTrait<V, D>,
    D: Get<Q::Query> + 'static,
{
    fn key_of(parts: &[Vec<u8>]) -> Vec<u8> {
        let mut key = P::prefix_hash().to_vec();
        K::hash_parts(parts, &mut key);
        key
    }

    /// The full storage key of an entry.
    pub fn hashed_key_for<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A) -> Vec<u8> {
        Self::key_of(&key.to_encoded_parts())
    }

    /// Whether the key has a value.
    pub fn contains_key<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A) -> bool {
        unhashed::exists(&Self::hashed_key_for(key))
    }

    /// Whether any key starts with these parts.
    pub fn contains_prefix<KP: TupleToEncodedIter>(partial: KP) -> bool
    where
        K: HasKeyPrefix<KP>,
    {
        unhashed::contains_prefixed_key(&Self::key_of(&partial.to_encoded_parts()))
    }

    /// A value, as the query kind presents it.
    pub fn get<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A) -> Q::Query {
        at_key::get::<V, Q, D>(&Self::hashed_key_for(key))
    }

    /// A stored value.
    ///
    /// # Errors
    /// Nothing is stored.
    #[expect(clippy::result_unit_err, reason = "the signature of FRAME")]
    pub fn try_get<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A) -> Result<V, ()> {
        unhashed::get(&Self::hashed_key_for(key)).ok_or(())
    }

    /// Removes a value and returns it.
    pub fn take<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A) -> Q::Query {
        at_key::take::<V, Q, D>(&Self::hashed_key_for(key))
    }

    /// Stores a value.
    pub fn insert<A, Arg>(key: A, value: Arg)
    where
        A: EncodeLikeTuple<K::Key> + TupleToEncodedIter,
        Arg: EncodeLike<V>,
    {
        unhashed::put(&Self::hashed_key_for(key), &value);
    }

    /// Stores what a read may return; `None` removes.
    pub fn set<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A, value: Q::Query) {
        at_key::set::<V, Q, D>(&Self::hashed_key_for(key), value);
    }

    /// Removes a value.
    pub fn remove<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A) {
        unhashed::kill(&Self::hashed_key_for(key));
    }

    /// Changes a value in place.
    pub fn mutate<A, R, F>(key: A, f: F) -> R
    where
        A: EncodeLikeTuple<K::Key> + TupleToEncodedIter,
        F: FnOnce(&mut Q::Query) -> R,
    {
        sure(Self::try_mutate(key, |query| Ok(f(query))))
    }

    /// Changes a value in place, and only if `f` succeeds.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_mutate<A, R, E, F>(key: A, f: F) -> Result<R, E>
    where
        A: EncodeLikeTuple<K::Key> + TupleToEncodedIter,
        F: FnOnce(&mut Q::Query) -> Result<R, E>,
    {
        at_key::try_mutate::<V, Q, D, R, E>(&Self::hashed_key_for(key), f)
    }

    /// Changes, creates or removes a value.
    pub fn mutate_exists<A, R, F>(key: A, f: F) -> R
    where
        A: EncodeLikeTuple<K::Key> + TupleToEncodedIter,
        F: FnOnce(&mut Option<V>) -> R,
    {
        sure(Self::try_mutate_exists(key, |value| Ok(f(value))))
    }

    /// Changes, creates or removes a value, and only if `f` succeeds.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_mutate_exists<A, R, E, F>(key: A, f: F) -> Result<R, E>
    where
        A: EncodeLikeTuple<K::Key> + TupleToEncodedIter,
        F: FnOnce(&mut Option<V>) -> Result<R, E>,
    {
        at_key::try_mutate_exists(&Self::hashed_key_for(key), f)
    }

    /// Appends an item to a value without decoding it.
    pub fn append<Item, ItemArg, A>(key: A, item: ItemArg)
    where
        A: EncodeLikeTuple<K::Key> + TupleToEncodedIter,
        Item: Encode,
        ItemArg: EncodeLike<Item>,
        V: StorageAppend<Item>,
    {
        append::append(&Self::hashed_key_for(key), &item);
    }

    /// Removes at most `limit` entries, going on from a cursor.
    pub fn clear(limit: u32, maybe_cursor: Option<&[u8]>) -> MultiRemovalResults {
        unhashed::clear_prefix(&P::prefix_hash(), limit, maybe_cursor)
    }

    /// Removes at most `limit` entries whose keys start with these parts.
    pub fn clear_prefix<KP: TupleToEncodedIter>(
        partial: KP,
        limit: u32,
        maybe_cursor: Option<&[u8]>,
    ) -> MultiRemovalResults
    where
        K: HasKeyPrefix<KP>,
    {
        unhashed::clear_prefix(&Self::key_of(&partial.to_encoded_parts()), limit, maybe_cursor)
    }

    /// Goes through all values.
    pub fn iter_values() -> PrefixIterator<V> {
        let prefix = P::prefix_hash().to_vec();
        PrefixIterator::new(prefix.clone(), prefix, |_, mut value| V::decode(&mut value))
    }
}

impl<P, K, V, Q, D, M> StorageNMap<P, K, V, Q, D, M>
where
    P: StorageInstance,
    K: ReversibleKeyGenerator,
    V: FullCodec,
    Q: QueryKindTrait<V, D>,
    D: Get<Q::Query> + 'static,
{
    /// Goes through the entries whose keys start with these parts.
    pub fn iter_prefix<KP: TupleToEncodedIter>(
        partial: KP,
    ) -> PrefixIterator<(<K as HasKeyPrefix<KP>>::Suffix, V)>
    where
        K: HasReversibleKeyPrefix<KP>,
    {
        let prefix = Self::key_of(&partial.to_encoded_parts());
        PrefixIterator::new(prefix.clone(), prefix, |tail, mut value| {
            Ok((K::decode_partial_key(tail)?, V::decode(&mut value)?))
        })
    }

    /// Goes through the entries whose keys start with these parts and removes each.
    pub fn drain_prefix<KP: TupleToEncodedIter>(
        partial: KP,
    ) -> PrefixIterator<(<K as HasKeyPrefix<KP>>::Suffix, V)>
    where
        K: HasReversibleKeyPrefix<KP>,
    {
        Self::iter_prefix(partial).drain()
    }

    /// Goes through all entries, in no particular order.
    pub fn iter() -> PrefixIterator<(K::Key, V)> {
        let prefix = P::prefix_hash().to_vec();
        PrefixIterator::new(prefix.clone(), prefix, |tail, mut value| {
            Ok((K::decode_key(tail)?, V::decode(&mut value)?))
        })
    }

    /// Goes through all keys, in no particular order.
    pub fn iter_keys() -> KeyPrefixIterator<K::Key> {
        let prefix = P::prefix_hash().to_vec();
        KeyPrefixIterator::new(prefix.clone(), prefix, K::decode_key)
    }

    /// Goes through all entries and removes each.
    pub fn drain() -> PrefixIterator<(K::Key, V)> {
        Self::iter().drain()
    }

    /// Re-encodes every value after its type has changed; `None` removes the entry.
    pub fn translate<Old: Decode, F: FnMut(K::Key, Old) -> Option<V>>(mut f: F) {
        at_key::translate::<Old, V>(&P::prefix_hash(), |tail, old| {
            let key = K::decode_key(tail).ok()?;
            Some(f(key, old))
        });
    }
}

impl<P, K, V, Q, D, M> StorageEntryMetadataBuilder for StorageNMap<P, K, V, Q, D, M>
where
    P: StorageInstance,
    K: KeyGenerator,
    K::Key: StaticTypeInfo,
    V: Stored,
    Q: QueryKindTrait<V, D>,
    D: Get<Q::Query> + 'static,
{
    fn build_metadata(
        deprecation_info: ItemDeprecationInfoIR,
        docs: Vec<&'static str>,
        entries: &mut Vec<StorageEntryMetadataIR>,
    ) {
        entries.push(metadata::map::<K::Key, V, Q, D>(
            P::STORAGE_PREFIX,
            K::hashers(),
            deprecation_info,
            docs,
        ));
    }
}
