//! A storage map that knows how many entries it has.

use super::{
    KeyPrefixIterator, MultiRemovalResults, OptionQuery, PrefixIterator, QueryKindTrait,
    ReversibleStorageHasher, StorageEntryMetadataBuilder, StorageHasher, StorageInstance,
    StorageMap, StorageValue, ValueQuery, at_key::sure,
};
use crate::parts::require::Stored;
use crate::traits::{Get, GetDefault};
use alloc::{vec, vec::Vec};
use codec::{EncodeLike, FullCodec};
use core::marker::PhantomData;
use sp_metadata_ir::{ItemDeprecationInfoIR, StorageEntryMetadataIR};

/// Where a counted map lives: the map's place and the counter's.
pub trait CountedStorageMapInstance: StorageInstance {
    /// The counter's place, named `CounterFor` and the map's name.
    type CounterPrefix: StorageInstance;
}

/// A map with a counter of its entries beside it.
#[derive(Debug)]
pub struct CountedStorageMap<
    Prefix,
    Hasher,
    Key,
    Value,
    QueryKind = OptionQuery,
    OnEmpty = GetDefault,
    MaxValues = GetDefault,
>(PhantomData<(Prefix, Hasher, Key, Value, QueryKind, OnEmpty, MaxValues)>);

type Counter<P> = StorageValue<<P as CountedStorageMapInstance>::CounterPrefix, u32, ValueQuery>;

impl<P, H, K, V, Q, D, M> CountedStorageMap<P, H, K, V, Q, D, M>
where
    P: CountedStorageMapInstance,
    H: StorageHasher,
    K: FullCodec,
    V: FullCodec,
    Q: QueryKindTrait<V, D>,
    D: Get<Q::Query> + 'static,
{
    /// The number of entries.
    pub fn count() -> u32 {
        Counter::<P>::get()
    }

    /// Brings the counter in step after the entry at `key` may have come or gone.
    fn recount(existed: bool, exists: bool) {
        match (existed, exists) {
            (false, true) => Counter::<P>::mutate(|n| *n = n.saturating_add(1)),
            (true, false) => Counter::<P>::mutate(|n| *n = n.saturating_sub(1)),
            _ => {}
        }
    }

    /// The full storage key of an entry.
    pub fn hashed_key_for<A: EncodeLike<K>>(key: A) -> Vec<u8> {
        StorageMap::<P, H, K, V, Q, D, M>::hashed_key_for(key)
    }

    /// Whether the key has a value.
    pub fn contains_key<A: EncodeLike<K>>(key: A) -> bool {
        StorageMap::<P, H, K, V, Q, D, M>::contains_key(key)
    }

    /// The value of a key, as the query kind presents it.
    pub fn get<A: EncodeLike<K>>(key: A) -> Q::Query {
        StorageMap::<P, H, K, V, Q, D, M>::get(key)
    }

    /// The stored value of a key.
    ///
    /// # Errors
    /// Nothing is stored.
    #[expect(clippy::result_unit_err, reason = "the signature of FRAME")]
    pub fn try_get<A: EncodeLike<K>>(key: A) -> Result<V, ()> {
        StorageMap::<P, H, K, V, Q, D, M>::try_get(key)
    }

    /// Stores a value.
    pub fn insert<A: EncodeLike<K>, B: EncodeLike<V>>(key: A, value: B) {
        let key = Self::hashed_key_for(key);
        Self::recount(super::unhashed::exists(&key), true);
        super::unhashed::put(&key, &value);
    }

    /// Stores what a read may return; `None` removes.
    pub fn set<A: EncodeLike<K>>(key: A, value: Q::Query) {
        let key = Self::hashed_key_for(key);
        let value = Q::from_query_to_optional_value(value);
        Self::recount(super::unhashed::exists(&key), value.is_some());
        match value {
            Some(value) => super::unhashed::put(&key, &value),
            None => super::unhashed::kill(&key),
        }
    }

    /// Removes the value of a key.
    pub fn remove<A: EncodeLike<K>>(key: A) {
        let key = Self::hashed_key_for(key);
        Self::recount(super::unhashed::exists(&key), false);
        super::unhashed::kill(&key);
    }

    /// Removes the value of a key and returns it.
    pub fn take<A: EncodeLike<K>>(key: A) -> Q::Query {
        let key = Self::hashed_key_for(key);
        let value = super::unhashed::take::<V>(&key);
        Self::recount(value.is_some(), false);
        Q::from_optional_value_to_query(value)
    }

    /// Changes a value in place.
    pub fn mutate<A: EncodeLike<K>, R, F: FnOnce(&mut Q::Query) -> R>(key: A, f: F) -> R {
        sure(Self::try_mutate(key, |query| Ok(f(query))))
    }

    /// Changes a value in place, and only if `f` succeeds.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_mutate<A, R, E, F>(key: A, f: F) -> Result<R, E>
    where
        A: EncodeLike<K>,
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
    pub fn mutate_exists<A: EncodeLike<K>, R, F: FnOnce(&mut Option<V>) -> R>(key: A, f: F) -> R {
        sure(Self::try_mutate_exists(key, |value| Ok(f(value))))
    }

    /// Changes, creates or removes a value, and only if `f` succeeds.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_mutate_exists<A, R, E, F>(key: A, f: F) -> Result<R, E>
    where
        A: EncodeLike<K>,
        F: FnOnce(&mut Option<V>) -> Result<R, E>,
    {
        let (mut existed, mut exists) = (false, false);
        let result = super::at_key::try_mutate_exists(&Self::hashed_key_for(key), |value| {
            existed = Option::is_some(value);
            let result = f(value)?;
            exists = value.is_some();
            Ok(result)
        })?;
        Self::recount(existed, exists);
        Ok(result)
    }

    /// Removes at most `limit` entries, going on from a cursor.
    pub fn clear(limit: u32, maybe_cursor: Option<&[u8]>) -> MultiRemovalResults {
        let result = StorageMap::<P, H, K, V, Q, D, M>::clear(limit, maybe_cursor);
        Counter::<P>::mutate(|n| *n = n.saturating_sub(result.unique));
        result
    }

    /// Counts the entries anew, for migrations.
    pub fn initialize_counter() -> u32 {
        let count = u32::try_from(Self::iter_values().count()).unwrap_or(u32::MAX);
        Counter::<P>::put(count);
        count
    }

    /// Goes through the values, in no particular order.
    pub fn iter_values() -> PrefixIterator<V> {
        StorageMap::<P, H, K, V, Q, D, M>::iter_values()
    }
}

impl<P, H, K, V, Q, D, M> CountedStorageMap<P, H, K, V, Q, D, M>
where
    P: CountedStorageMapInstance,
    H: ReversibleStorageHasher,
    K: FullCodec,
    V: FullCodec,
    Q: QueryKindTrait<V, D>,
    D: Get<Q::Query> + 'static,
{
    /// Goes through the entries, in no particular order.
    pub fn iter() -> PrefixIterator<(K, V)> {
        StorageMap::<P, H, K, V, Q, D, M>::iter()
    }

    /// Goes through the entries after a storage key.
    pub fn iter_from(starting_raw_key: Vec<u8>) -> PrefixIterator<(K, V)> {
        StorageMap::<P, H, K, V, Q, D, M>::iter_from(starting_raw_key)
    }

    /// Goes through the keys, in no particular order.
    pub fn iter_keys() -> KeyPrefixIterator<K> {
        StorageMap::<P, H, K, V, Q, D, M>::iter_keys()
    }

    /// Removes all entries and returns them.
    pub fn drain() -> vec::IntoIter<(K, V)> {
        let all: Vec<_> = StorageMap::<P, H, K, V, Q, D, M>::drain().collect();
        Counter::<P>::kill();
        all.into_iter()
    }
}

impl<P, H, K, V, Q, D, M> StorageEntryMetadataBuilder for CountedStorageMap<P, H, K, V, Q, D, M>
where
    P: CountedStorageMapInstance,
    H: StorageHasher,
    K: Stored,
    V: Stored,
    Q: QueryKindTrait<V, D>,
    D: Get<Q::Query> + 'static,
{
    fn build_metadata(
        deprecation_info: ItemDeprecationInfoIR,
        docs: Vec<&'static str>,
        entries: &mut Vec<StorageEntryMetadataIR>,
    ) {
        StorageMap::<P, H, K, V, Q, D, M>::build_metadata(deprecation_info.clone(), docs, entries);
        Counter::<P>::build_metadata(
            deprecation_info,
            vec!["Counter for the related counted storage map"],
            entries,
        );
    }
}
