//! Storage entries in metadata.

use super::{QueryKindTrait, StorageHasher};
use alloc::{vec, vec::Vec};
use scale_info::{StaticTypeInfo, meta_type};
use sp_metadata_ir::{
    ItemDeprecationInfoIR, StorageEntryMetadataIR, StorageEntryTypeIR, StorageHasherIR,
};

/// Describes a storage item for metadata.
pub trait StorageEntryMetadataBuilder {
    /// Appends this item's entries; most have one, counted maps have two.
    fn build_metadata(
        deprecation_info: ItemDeprecationInfoIR,
        docs: Vec<&'static str>,
        entries: &mut Vec<StorageEntryMetadataIR>,
    );
}

/// The entry of a single value.
pub(super) fn plain<Value, Query, OnEmpty>(
    name: &'static str,
    deprecation_info: ItemDeprecationInfoIR,
    docs: Vec<&'static str>,
) -> StorageEntryMetadataIR
where
    Value: StaticTypeInfo,
    Query: QueryKindTrait<Value, OnEmpty>,
{
    StorageEntryMetadataIR {
        name,
        modifier: Query::METADATA,
        ty: StorageEntryTypeIR::Plain(meta_type::<Value>()),
        default: Query::metadata_default(),
        docs,
        deprecation_info,
    }
}

/// The entry of a map with any number of key parts.
pub(super) fn map<Key, Value, Query, OnEmpty>(
    name: &'static str,
    hashers: Vec<StorageHasherIR>,
    deprecation_info: ItemDeprecationInfoIR,
    docs: Vec<&'static str>,
) -> StorageEntryMetadataIR
where
    Key: StaticTypeInfo,
    Value: StaticTypeInfo,
    Query: QueryKindTrait<Value, OnEmpty>,
{
    StorageEntryMetadataIR {
        name,
        modifier: Query::METADATA,
        ty: StorageEntryTypeIR::Map {
            hashers,
            key: meta_type::<Key>(),
            value: meta_type::<Value>(),
        },
        default: Query::metadata_default(),
        docs,
        deprecation_info,
    }
}

/// The hasher list of a map with one key part.
pub(super) fn one<H: StorageHasher>() -> Vec<StorageHasherIR> {
    vec![H::METADATA]
}
