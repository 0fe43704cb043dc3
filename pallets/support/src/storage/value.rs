//! A storage item with one value.

use super::{
    OptionQuery, QueryKindTrait, StorageAppend, StorageDecodeLength, StorageEntryMetadataBuilder,
    StorageInstance, TryAppendValue, append, metadata, unhashed,
};
use crate::parts::require::Stored;
use crate::traits::{Get, GetDefault};
use alloc::vec::Vec;
use codec::{Decode, Encode, EncodeLike, FullCodec};
use core::marker::PhantomData;
use sp_metadata_ir::{ItemDeprecationInfoIR, StorageEntryMetadataIR};

/// One value under one key.
#[derive(Debug)]
pub struct StorageValue<Prefix, Value, QueryKind = OptionQuery, OnEmpty = GetDefault>(
    PhantomData<(Prefix, Value, QueryKind, OnEmpty)>,
);

impl<Prefix, Value, QueryKind, OnEmpty> StorageValue<Prefix, Value, QueryKind, OnEmpty>
where
    Prefix: StorageInstance,
    Value: FullCodec,
    QueryKind: QueryKindTrait<Value, OnEmpty>,
    OnEmpty: Get<QueryKind::Query> + 'static,
{
    /// The full storage key.
    pub fn hashed_key() -> [u8; 32] {
        Prefix::prefix_hash()
    }

    /// Whether a value is stored.
    pub fn exists() -> bool {
        unhashed::exists(&Self::hashed_key())
    }

    /// The value, as the query kind presents it.
    pub fn get() -> QueryKind::Query {
        QueryKind::from_optional_value_to_query(unhashed::get(&Self::hashed_key()))
    }

    /// The stored value, or an error if there is none.
    ///
    /// # Errors
    /// Nothing is stored.
    #[expect(clippy::result_unit_err, reason = "the signature of FRAME")]
    pub fn try_get() -> Result<Value, ()> {
        unhashed::get(&Self::hashed_key()).ok_or(())
    }

    /// Re-encodes the value after its type has changed.
    ///
    /// # Errors
    /// The stored bytes are no `Old`.
    #[expect(clippy::result_unit_err, reason = "the signature of FRAME")]
    pub fn translate<Old: Decode, F: FnOnce(Option<Old>) -> Option<Value>>(
        f: F,
    ) -> Result<Option<Value>, ()> {
        let key = Self::hashed_key();
        let old = match unhashed::get_raw(&key) {
            Some(bytes) => Some(Old::decode(&mut bytes.as_slice()).map_err(|_error| ())?),
            None => None,
        };
        let new = f(old);
        match &new {
            Some(value) => unhashed::put(&key, value),
            None => unhashed::kill(&key),
        }
        Ok(new)
    }

    /// Stores a value.
    pub fn put<Arg: EncodeLike<Value>>(value: Arg) {
        unhashed::put(&Self::hashed_key(), &value);
    }

    /// Stores what a read may return; `None` removes.
    pub fn set(value: QueryKind::Query) {
        match QueryKind::from_query_to_optional_value(value) {
            Some(value) => Self::put(value),
            None => Self::kill(),
        }
    }

    /// Changes the value in place.
    pub fn mutate<R, F: FnOnce(&mut QueryKind::Query) -> R>(f: F) -> R {
        let mut query = Self::get();
        let result = f(&mut query);
        Self::set(query);
        result
    }

    /// Changes the value in place, and only if `f` succeeds.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_mutate<R, E, F: FnOnce(&mut QueryKind::Query) -> Result<R, E>>(
        f: F,
    ) -> Result<R, E> {
        let mut query = Self::get();
        let result = f(&mut query)?;
        Self::set(query);
        Ok(result)
    }

    /// Changes, creates or removes the value.
    pub fn mutate_exists<R, F: FnOnce(&mut Option<Value>) -> R>(f: F) -> R {
        let mut value = unhashed::get(&Self::hashed_key());
        let result = f(&mut value);
        Self::write(value);
        result
    }

    /// Changes, creates or removes the value, and only if `f` succeeds.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_mutate_exists<R, E, F: FnOnce(&mut Option<Value>) -> Result<R, E>>(
        f: F,
    ) -> Result<R, E> {
        let mut value = unhashed::get(&Self::hashed_key());
        let result = f(&mut value)?;
        Self::write(value);
        Ok(result)
    }

    fn write(value: Option<Value>) {
        match value {
            Some(value) => Self::put(value),
            None => Self::kill(),
        }
    }

    /// Removes the value.
    pub fn kill() {
        unhashed::kill(&Self::hashed_key());
    }

    /// Removes the value and returns it.
    pub fn take() -> QueryKind::Query {
        QueryKind::from_optional_value_to_query(unhashed::take(&Self::hashed_key()))
    }

    /// Appends an item without decoding the collection.
    pub fn append<Item: Encode, Arg: EncodeLike<Item>>(item: Arg)
    where
        Value: StorageAppend<Item>,
    {
        append::append(&Self::hashed_key(), &item);
    }

    /// Appends an item if there is room for it.
    ///
    /// # Errors
    /// The collection is full.
    #[expect(clippy::result_unit_err, reason = "the signature of FRAME")]
    pub fn try_append<Item: Encode, Arg: EncodeLike<Item>>(item: Arg) -> Result<(), ()>
    where
        Value: TryAppendValue<Item>,
    {
        append::try_append_like::<Value, Item, Arg>(&Self::hashed_key(), &item)
    }

    /// The collection's length, without decoding its items.
    pub fn decode_len() -> Option<usize>
    where
        Value: StorageDecodeLength,
    {
        Value::decode_len(&Self::hashed_key())
    }
}

impl<Prefix, Value, QueryKind, OnEmpty> StorageEntryMetadataBuilder
    for StorageValue<Prefix, Value, QueryKind, OnEmpty>
where
    Prefix: StorageInstance,
    Value: Stored,
    QueryKind: QueryKindTrait<Value, OnEmpty>,
    OnEmpty: Get<QueryKind::Query> + 'static,
{
    fn build_metadata(
        deprecation_info: ItemDeprecationInfoIR,
        docs: Vec<&'static str>,
        entries: &mut Vec<StorageEntryMetadataIR>,
    ) {
        entries.push(metadata::plain::<Value, QueryKind, OnEmpty>(
            Prefix::STORAGE_PREFIX,
            deprecation_info,
            docs,
        ));
    }
}
