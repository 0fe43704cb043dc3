//! What reading a storage item yields when nothing is stored.

use crate::traits::Get;
use alloc::{vec, vec::Vec};
use codec::Encode;
use sp_metadata_ir::StorageEntryModifierIR;

/// Translates between what is stored and what a read returns.
pub trait QueryKindTrait<Value, OnEmpty> {
    /// How metadata shows the item.
    const METADATA: StorageEntryModifierIR;
    /// What a read returns.
    type Query: 'static;
    /// What metadata gives as the default: the encoding of a read that finds nothing.
    fn metadata_default() -> Vec<u8>;
    /// From storage to the caller.
    fn from_optional_value_to_query(value: Option<Value>) -> Self::Query;
    /// From the caller to storage; `None` removes the value.
    fn from_query_to_optional_value(query: Self::Query) -> Option<Value>;
}

/// Reads give `Option<Value>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionQuery;

impl<Value: 'static> QueryKindTrait<Value, crate::traits::GetDefault> for OptionQuery {
    const METADATA: StorageEntryModifierIR = StorageEntryModifierIR::Optional;
    type Query = Option<Value>;
    fn metadata_default() -> Vec<u8> {
        vec![0]
    }
    fn from_optional_value_to_query(value: Option<Value>) -> Option<Value> {
        value
    }
    fn from_query_to_optional_value(query: Option<Value>) -> Option<Value> {
        query
    }
}

/// Reads give `Value`, the default of `OnEmpty` if nothing is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueQuery;

impl<Value: Encode + 'static, OnEmpty: Get<Value>> QueryKindTrait<Value, OnEmpty> for ValueQuery {
    const METADATA: StorageEntryModifierIR = StorageEntryModifierIR::Default;
    type Query = Value;
    fn metadata_default() -> Vec<u8> {
        OnEmpty::get().encode()
    }
    fn from_optional_value_to_query(value: Option<Value>) -> Value {
        value.unwrap_or_else(OnEmpty::get)
    }
    fn from_query_to_optional_value(query: Value) -> Option<Value> {
        Some(query)
    }
}

/// Reads give `Result<Value, Error>` with the pallet's error that `OnEmpty` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResultQuery<Error>(core::marker::PhantomData<Error>);

impl<Value, Error, OnEmpty> QueryKindTrait<Value, OnEmpty> for ResultQuery<Error>
where
    Value: 'static,
    Error: 'static,
    OnEmpty: Get<Result<Value, Error>>,
{
    const METADATA: StorageEntryModifierIR = StorageEntryModifierIR::Optional;
    type Query = Result<Value, Error>;
    fn metadata_default() -> Vec<u8> {
        vec![0]
    }
    fn from_optional_value_to_query(value: Option<Value>) -> Result<Value, Error> {
        value.map_or_else(OnEmpty::get, Ok)
    }
    fn from_query_to_optional_value(query: Result<Value, Error>) -> Option<Value> {
        query.ok()
    }
}
