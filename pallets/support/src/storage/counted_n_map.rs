//! A storage map with any number of keys that knows how many entries it has.

use super::{
    CountedStorageMapInstance, EncodeLikeTuple, HasKeyPrefix, HasReversibleKeyPrefix, KeyGenerator,
    KeyPrefixIterator, MultiRemovalResults, OptionQuery, PrefixIterator, QueryKindTrait,
    ReversibleKeyGenerator, StorageEntryMetadataBuilder, StorageNMap, StorageValue,
    TupleToEncodedIter, ValueQuery,
    at_key::{self, sure},
};
use crate::parts::require::Stored;
use crate::traits::{Get, GetDefault};
use alloc::{vec, vec::Vec};
use codec::{EncodeLike, FullCodec};
use core::marker::PhantomData;
use scale_info::StaticTypeInfo;
use sp_metadata_ir::{ItemDeprecationInfoIR, StorageEntryMetadataIR};

/// A map of tuples of keys with a counter of its entries beside it.
#[derive(Debug)]
pub struct CountedStorageNMap<
    Prefix,
    Key,
    Value,
    QueryKind = OptionQuery,
    OnEmpty = GetDefault,
    MaxValues = GetDefault,
>(PhantomData<(Prefix, Key, Value, QueryKind, OnEmpty, MaxValues)>);

type Counter<P> = StorageValue<<P as CountedStorageMapInstance>::CounterPrefix, u32, ValueQuery>;

impl<P, K, V, Q, D, M> CountedStorageNMap<P, K, V, Q, D, M>
where
    P: CountedStorageMapInstance,
    K: KeyGenerator,
    V: FullCodec,
    Q: QueryKindTrait<V, D>,
    D: Get<Q::Query> + 'static,
{
    /// The number of entries.
    pub fn count() -> u32 {
        Counter::<P>::get()
    }

    /// The full storage key of an entry.
    pub fn hashed_key_for<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A) -> Vec<u8> {
        StorageNMap::<P, K, V, Q, D, M>::hashed_key_for(key)
    }

    /// Whether the key has a value.
    pub fn contains_key<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A) -> bool {
        StorageNMap::<P, K, V, Q, D, M>::contains_key(key)
    }

    /// Whether any key starts with these parts.
    pub fn contains_prefix<KP: TupleToEncodedIter>(partial: KP) -> bool
    where
        K: HasKeyPrefix<KP>,
    {
        StorageNMap::<P, K, V, Q, D, M>::contains_prefix(partial)
    }

    /// A value, as the query kind presents it.
    pub fn get<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A) -> Q::Query {
        StorageNMap::<P, K, V, Q, D, M>::get(key)
    }

    /// A stored value.
    ///
    /// # Errors
    /// Nothing is stored.
    #[expect(clippy::result_unit_err, reason = "the signature of FRAME")]
    pub fn try_get<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A) -> Result<V, ()> {
        StorageNMap::<P, K, V, Q, D, M>::try_get(key)
    }

    /// Stores a value.
    pub fn insert<A, Arg>(key: A, value: Arg)
    where
        A: EncodeLikeTuple<K::Key> + TupleToEncodedIter,
        Arg: EncodeLike<V>,
    {
        let key = Self::hashed_key_for(key);
        if !super::unhashed::exists(&key) {
            Counter::<P>::mutate(|count| *count = count.saturating_add(1));
        }
        super::unhashed::put(&key, &value);
    }

    /// Stores what a read may return; `None` removes.
    pub fn set<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A, value: Q::Query) {
        Self::mutate_exists(key, |stored| *stored = Q::from_query_to_optional_value(value));
    }

    /// Removes a value.
    pub fn remove<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A) {
        Self::mutate_exists(key, |stored| *stored = None);
    }

    /// Removes a value and returns it.
    pub fn take<A: EncodeLikeTuple<K::Key> + TupleToEncodedIter>(key: A) -> Q::Query {
        Q::from_optional_value_to_query(Self::mutate_exists(key, Option::take))
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
        Self::try_mutate_exists(key, |stored| {
            let mut query = Q::from_optional_value_to_query(stored.take());
            let result = f(&mut query)?;
            *stored = Q::from_query_to_optional_value(query);
            Ok(result)
        })
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
        let (mut existed, mut exists) = (false, false);
        let result = at_key::try_mutate_exists(&Self::hashed_key_for(key), |value| {
            existed = Option::is_some(value);
            let result = f(value)?;
            exists = value.is_some();
            Ok(result)
        })?;
        match (existed, exists) {
            (false, true) => Counter::<P>::mutate(|count| *count = count.saturating_add(1)),
            (true, false) => Counter::<P>::mutate(|count| *count = count.saturating_sub(1)),
            _ => {}
        }
        Ok(result)
    }

    /// Removes at most `limit` entries, going on from a cursor.
    pub fn clear(limit: u32, maybe_cursor: Option<&[u8]>) -> MultiRemovalResults {
        Self::uncount(StorageNMap::<P, K, V, Q, D, M>::clear(limit, maybe_cursor))
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
        Self::uncount(StorageNMap::<P, K, V, Q, D, M>::clear_prefix(partial, limit, maybe_cursor))
    }

    fn uncount(result: MultiRemovalResults) -> MultiRemovalResults {
        Counter::<P>::mutate(|count| *count = count.saturating_sub(result.unique));
        result
    }

    /// Counts the entries anew, for migrations.
    pub fn initialize_counter() -> u32 {
        let count = u32::try_from(Self::iter_values().count()).unwrap_or(u32::MAX);
        Counter::<P>::put(count);
        count
    }

    /// Goes through all values.
    pub fn iter_values() -> PrefixIterator<V> {
        StorageNMap::<P, K, V, Q, D, M>::iter_values()
    }
}

impl<P, K, V, Q, D, M> CountedStorageNMap<P, K, V, Q, D, M>
where
    P: CountedStorageMapInstance,
    K: ReversibleKeyGenerator,
    V: FullCodec,
    Q: QueryKindTrait<V, D>,
    D: Get<Q::Query> + 'static,
{
    /// Goes through all entries, in no particular order.
    pub fn iter() -> PrefixIterator<(K::Key, V)> {
        StorageNMap::<P, K, V, Q, D, M>::iter()
    }

    /// Goes through the entries whose keys start with these parts.
    pub fn iter_prefix<KP: TupleToEncodedIter>(
        partial: KP,
    ) -> PrefixIterator<(<K as HasKeyPrefix<KP>>::Suffix, V)>
    where
        K: HasReversibleKeyPrefix<KP>,
    {
        StorageNMap::<P, K, V, Q, D, M>::iter_prefix(partial)
    }

    /// Goes through all keys, in no particular order.
    pub fn iter_keys() -> KeyPrefixIterator<K::Key> {
        StorageNMap::<P, K, V, Q, D, M>::iter_keys()
    }

    /// Removes all entries and returns them.
    pub fn drain() -> vec::IntoIter<(K::Key, V)> {
        let all: Vec<_> = StorageNMap::<P, K, V, Q, D, M>::drain().collect();
        Counter::<P>::kill();
        all.into_iter()
    }
}

impl<P, K, V, Q, D, M> StorageEntryMetadataBuilder for CountedStorageNMap<P, K, V, Q, D, M>
where
    P: CountedStorageMapInstance,
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
        StorageNMap::<P, K, V, Q, D, M>::build_metadata(deprecation_info.clone(), docs, entries);
        Counter::<P>::build_metadata(
            deprecation_info,
            vec!["Counter for the related counted storage map"],
            entries,
        );
    }
}
