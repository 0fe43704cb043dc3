//! A storage map with two keys.

use super::{
    KeyPrefixIterator, MultiRemovalResults, OptionQuery, PrefixIterator, QueryKindTrait,
    ReversibleStorageHasher, StorageAppend, StorageDecodeLength, StorageEntryMetadataBuilder,
    StorageHasher, StorageInstance, StoragePrefixedMap, TryAppendValue, append,
    at_key::{self, sure},
    metadata, unhashed,
};
use crate::parts::require::Stored;
use crate::traits::{Get, GetDefault};
use alloc::{vec, vec::Vec};
use codec::{Decode, Encode, EncodeLike, FullCodec};
use core::marker::PhantomData;
use sp_metadata_ir::{ItemDeprecationInfoIR, StorageEntryMetadataIR};

/// One value for each pair of keys; iterable by the first.
#[derive(Debug)]
pub struct StorageDoubleMap<
    Prefix,
    Hasher1,
    Key1,
    Hasher2,
    Key2,
    Value,
    QueryKind = OptionQuery,
    OnEmpty = GetDefault,
    MaxValues = GetDefault,
>(
    #[expect(clippy::type_complexity, reason = "one marker for every parameter")]
    PhantomData<(Prefix, Hasher1, Key1, Hasher2, Key2, Value, QueryKind, OnEmpty, MaxValues)>,
);

impl<P, H1, K1, H2, K2, V, Q, D, M> StoragePrefixedMap<V>
    for StorageDoubleMap<P, H1, K1, H2, K2, V, Q, D, M>
where
    P: StorageInstance,
{
    fn pallet_prefix() -> &'static [u8] {
        P::pallet_prefix().as_bytes()
    }
    fn storage_prefix() -> &'static [u8] {
        P::STORAGE_PREFIX.as_bytes()
    }
}

impl<P, H1, K1, H2, K2, V, Q, D, M> StorageDoubleMap<P, H1, K1, H2, K2, V, Q, D, M>
where
    P: StorageInstance,
    H1: StorageHasher,
    K1: FullCodec,
    H2: StorageHasher,
    K2: FullCodec,
    V: FullCodec,
    Q: QueryKindTrait<V, D>,
    D: Get<Q::Query> + 'static,
{
    /// The full storage key of an entry.
    pub fn hashed_key_for<A: EncodeLike<K1>, B: EncodeLike<K2>>(k1: A, k2: B) -> Vec<u8> {
        let mut key = Self::prefix_for(k1);
        k2.using_encoded(|bytes| key.extend_from_slice(H2::hash(bytes).as_ref()));
        key
    }

    /// What the storage keys of all entries with this first key start with.
    fn prefix_for<A: EncodeLike<K1>>(k1: A) -> Vec<u8> {
        let mut key = P::prefix_hash().to_vec();
        k1.using_encoded(|bytes| key.extend_from_slice(H1::hash(bytes).as_ref()));
        key
    }

    /// Whether the keys have a value.
    pub fn contains_key<A: EncodeLike<K1>, B: EncodeLike<K2>>(k1: A, k2: B) -> bool {
        unhashed::exists(&Self::hashed_key_for(k1, k2))
    }

    /// Whether any entry has this first key.
    pub fn contains_prefix<A: EncodeLike<K1>>(k1: A) -> bool {
        unhashed::contains_prefixed_key(&Self::prefix_for(k1))
    }

    /// A value, as the query kind presents it.
    pub fn get<A: EncodeLike<K1>, B: EncodeLike<K2>>(k1: A, k2: B) -> Q::Query {
        at_key::get::<V, Q, D>(&Self::hashed_key_for(k1, k2))
    }

    /// A stored value.
    ///
    /// # Errors
    /// Nothing is stored.
    #[expect(clippy::result_unit_err, reason = "the signature of FRAME")]
    pub fn try_get<A: EncodeLike<K1>, B: EncodeLike<K2>>(k1: A, k2: B) -> Result<V, ()> {
        unhashed::get(&Self::hashed_key_for(k1, k2)).ok_or(())
    }

    /// Removes a value and returns it.
    pub fn take<A: EncodeLike<K1>, B: EncodeLike<K2>>(k1: A, k2: B) -> Q::Query {
        at_key::take::<V, Q, D>(&Self::hashed_key_for(k1, k2))
    }

    /// Exchanges the values of two pairs of keys.
    pub fn swap<A1, B1, A2, B2>(x_k1: A1, x_k2: B1, y_k1: A2, y_k2: B2)
    where
        A1: EncodeLike<K1>,
        B1: EncodeLike<K2>,
        A2: EncodeLike<K1>,
        B2: EncodeLike<K2>,
    {
        at_key::swap_values(&Self::hashed_key_for(x_k1, x_k2), &Self::hashed_key_for(y_k1, y_k2));
    }

    /// Stores a value.
    pub fn insert<A, B, Arg>(k1: A, k2: B, value: Arg)
    where
        A: EncodeLike<K1>,
        B: EncodeLike<K2>,
        Arg: EncodeLike<V>,
    {
        unhashed::put(&Self::hashed_key_for(k1, k2), &value);
    }

    /// Stores what a read may return; `None` removes.
    pub fn set<A: EncodeLike<K1>, B: EncodeLike<K2>>(k1: A, k2: B, value: Q::Query) {
        at_key::set::<V, Q, D>(&Self::hashed_key_for(k1, k2), value);
    }

    /// Removes a value.
    pub fn remove<A: EncodeLike<K1>, B: EncodeLike<K2>>(k1: A, k2: B) {
        unhashed::kill(&Self::hashed_key_for(k1, k2));
    }

    /// Changes a value in place.
    pub fn mutate<A, B, R, F>(k1: A, k2: B, f: F) -> R
    where
        A: EncodeLike<K1>,
        B: EncodeLike<K2>,
        F: FnOnce(&mut Q::Query) -> R,
    {
        sure(Self::try_mutate(k1, k2, |query| Ok(f(query))))
    }

    /// Changes a value in place, and only if `f` succeeds.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_mutate<A, B, R, E, F>(k1: A, k2: B, f: F) -> Result<R, E>
    where
        A: EncodeLike<K1>,
        B: EncodeLike<K2>,
        F: FnOnce(&mut Q::Query) -> Result<R, E>,
    {
        at_key::try_mutate::<V, Q, D, R, E>(&Self::hashed_key_for(k1, k2), f)
    }

    /// Changes, creates or removes a value.
    pub fn mutate_exists<A, B, R, F>(k1: A, k2: B, f: F) -> R
    where
        A: EncodeLike<K1>,
        B: EncodeLike<K2>,
        F: FnOnce(&mut Option<V>) -> R,
    {
        sure(Self::try_mutate_exists(k1, k2, |value| Ok(f(value))))
    }

    /// Changes, creates or removes a value, and only if `f` succeeds.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_mutate_exists<A, B, R, E, F>(k1: A, k2: B, f: F) -> Result<R, E>
    where
        A: EncodeLike<K1>,
        B: EncodeLike<K2>,
        F: FnOnce(&mut Option<V>) -> Result<R, E>,
    {
        at_key::try_mutate_exists(&Self::hashed_key_for(k1, k2), f)
    }

    /// Appends an item to a value without decoding it.
    pub fn append<Item, ItemArg, A, B>(k1: A, k2: B, item: ItemArg)
    where
        A: EncodeLike<K1>,
        B: EncodeLike<K2>,
        Item: Encode,
        ItemArg: EncodeLike<Item>,
        V: StorageAppend<Item>,
    {
        append::append(&Self::hashed_key_for(k1, k2), &item);
    }

    /// Appends an item to a value if there is room for it.
    ///
    /// # Errors
    /// The collection is full.
    #[expect(clippy::result_unit_err, reason = "the signature of FRAME")]
    pub fn try_append<A, B, Item, ItemArg>(k1: A, k2: B, item: ItemArg) -> Result<(), ()>
    where
        A: EncodeLike<K1> + Clone,
        B: EncodeLike<K2> + Clone,
        Item: Encode,
        ItemArg: EncodeLike<Item>,
        V: TryAppendValue<Item>,
    {
        append::try_append_like::<V, Item, ItemArg>(&Self::hashed_key_for(k1, k2), &item)
    }

    /// The length of a collection, without decoding its items.
    pub fn decode_len<A: EncodeLike<K1>, B: EncodeLike<K2>>(k1: A, k2: B) -> Option<usize>
    where
        V: StorageDecodeLength,
    {
        V::decode_len(&Self::hashed_key_for(k1, k2))
    }

    /// Removes at most `limit` entries, going on from a cursor.
    pub fn clear(limit: u32, maybe_cursor: Option<&[u8]>) -> MultiRemovalResults {
        unhashed::clear_prefix(&P::prefix_hash(), limit, maybe_cursor)
    }

    /// Removes at most `limit` entries with this first key, going on from a cursor.
    pub fn clear_prefix<A: EncodeLike<K1>>(
        k1: A,
        limit: u32,
        maybe_cursor: Option<&[u8]>,
    ) -> MultiRemovalResults {
        unhashed::clear_prefix(&Self::prefix_for(k1), limit, maybe_cursor)
    }

    /// Goes through all values.
    pub fn iter_values() -> PrefixIterator<V> {
        let prefix = P::prefix_hash().to_vec();
        PrefixIterator::new(prefix.clone(), prefix, |_, mut value| V::decode(&mut value))
    }

    /// Goes through the values of one first key.
    pub fn iter_prefix_values<A: EncodeLike<K1>>(k1: A) -> PrefixIterator<V> {
        let prefix = Self::prefix_for(k1);
        PrefixIterator::new(prefix.clone(), prefix, |_, mut value| V::decode(&mut value))
    }

    /// Re-encodes every value after its type has changed; `None` removes the entry.
    pub fn translate_values<Old: Decode, F: FnMut(Old) -> Option<V>>(mut f: F) {
        at_key::translate::<Old, V>(&P::prefix_hash(), |_, old| Some(f(old)));
    }
}

impl<P, H1, K1, H2, K2, V, Q, D, M> StorageDoubleMap<P, H1, K1, H2, K2, V, Q, D, M>
where
    P: StorageInstance,
    H1: ReversibleStorageHasher,
    K1: FullCodec,
    H2: ReversibleStorageHasher,
    K2: FullCodec,
    V: FullCodec,
    Q: QueryKindTrait<V, D>,
    D: Get<Q::Query> + 'static,
{
    /// Goes through the entries of one first key.
    pub fn iter_prefix<A: EncodeLike<K1>>(k1: A) -> PrefixIterator<(K2, V)> {
        let prefix = Self::prefix_for(k1);
        PrefixIterator::new(prefix.clone(), prefix, |tail, mut value| {
            Ok((K2::decode(&mut H2::reverse(tail))?, V::decode(&mut value)?))
        })
    }

    /// Goes through the entries of one first key, after a storage key.
    pub fn iter_prefix_from<A: EncodeLike<K1>>(
        k1: A,
        starting_raw_key: Vec<u8>,
    ) -> PrefixIterator<(K2, V)> {
        PrefixIterator::new(Self::prefix_for(k1), starting_raw_key, |tail, mut value| {
            Ok((K2::decode(&mut H2::reverse(tail))?, V::decode(&mut value)?))
        })
    }

    /// Goes through the second keys of one first key.
    pub fn iter_key_prefix<A: EncodeLike<K1>>(k1: A) -> KeyPrefixIterator<K2> {
        let prefix = Self::prefix_for(k1);
        KeyPrefixIterator::new(prefix.clone(), prefix, |tail| K2::decode(&mut H2::reverse(tail)))
    }

    /// Goes through the entries of one first key and removes each.
    pub fn drain_prefix<A: EncodeLike<K1>>(k1: A) -> PrefixIterator<(K2, V)> {
        Self::iter_prefix(k1).drain()
    }

    /// Goes through all entries, in no particular order.
    pub fn iter() -> PrefixIterator<(K1, K2, V)> {
        Self::iter_from(P::prefix_hash().to_vec())
    }

    /// Goes through the entries after a storage key.
    pub fn iter_from(starting_raw_key: Vec<u8>) -> PrefixIterator<(K1, K2, V)> {
        PrefixIterator::new(P::prefix_hash().to_vec(), starting_raw_key, |tail, mut value| {
            let (k1, k2) = Self::decode_keys(tail)?;
            Ok((k1, k2, V::decode(&mut value)?))
        })
    }

    /// Goes through all pairs of keys, in no particular order.
    pub fn iter_keys() -> KeyPrefixIterator<(K1, K2)> {
        let prefix = P::prefix_hash().to_vec();
        KeyPrefixIterator::new(prefix.clone(), prefix, Self::decode_keys)
    }

    /// Goes through all entries and removes each.
    pub fn drain() -> PrefixIterator<(K1, K2, V)> {
        Self::iter().drain()
    }

    /// Re-encodes every value after its type has changed; `None` removes the entry.
    pub fn translate<Old: Decode, F: FnMut(K1, K2, Old) -> Option<V>>(mut f: F) {
        at_key::translate::<Old, V>(&P::prefix_hash(), |tail, old| {
            let (k1, k2) = Self::decode_keys(tail).ok()?;
            Some(f(k1, k2, old))
        });
    }

    fn decode_keys(tail: &[u8]) -> Result<(K1, K2), codec::Error> {
        let mut rest = H1::reverse(tail);
        let k1 = K1::decode(&mut rest)?;
        Ok((k1, K2::decode(&mut H2::reverse(rest))?))
    }
}

impl<P, H1, K1, H2, K2, V, Q, D, M> StorageEntryMetadataBuilder
    for StorageDoubleMap<P, H1, K1, H2, K2, V, Q, D, M>
where
    P: StorageInstance,
    H1: StorageHasher,
    K1: Stored,
    H2: StorageHasher,
    K2: Stored,
    V: Stored,
    Q: QueryKindTrait<V, D>,
    D: Get<Q::Query> + 'static,
{
    fn build_metadata(
        deprecation_info: ItemDeprecationInfoIR,
        docs: Vec<&'static str>,
        entries: &mut Vec<StorageEntryMetadataIR>,
    ) {
        entries.push(metadata::map::<(K1, K2), V, Q, D>(
            P::STORAGE_PREFIX,
            vec![H1::METADATA, H2::METADATA],
            deprecation_info,
            docs,
        ));
    }
}
