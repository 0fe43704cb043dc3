//! Functions that generated code calls, so that it stays short.

use super::PalletError;
use crate::{
    dispatch::{DispatchError, ViewFunctionId},
    storage::{
        CountedStorageMap, CountedStorageMapInstance, CountedStorageNMap, QueryKindTrait,
        StorageDoubleMap, StorageMap, StorageNMap, StorageValue,
    },
    traits::PalletInfoAccess,
};
use citrate_core::{MAX_MODULE_ERROR_BYTES, ModuleError, hashing::twox_128};

/// The deepest nesting of a view function's arguments.
pub const VIEW_FUNCTION_DEPTH_MAX: u32 = 256;

/// A pallet's error as a dispatch error.
pub fn module_error<P: PalletInfoAccess, E: PalletError>(
    error: &E,
    message: &'static str,
) -> DispatchError {
    let encoded = error.encode();
    let mut bytes = [0; MAX_MODULE_ERROR_BYTES];
    // `ensure_error_fits` has refused longer errors at compile time.
    let length = encoded.len().min(bytes.len());
    bytes[..length].copy_from_slice(&encoded[..length]);
    DispatchError::Module(ModuleError {
        // A pallet's index is a `u8` in `#[runtime]`.
        index: u8::try_from(P::index()).unwrap_or(u8::MAX),
        error: bytes,
        message: Some(message),
    })
}

/// Whether anything is stored under a pallet's prefix.
pub fn has_storage<P: PalletInfoAccess>() -> bool {
    let prefix = P::name_hash();
    citrate_host::storage::next_key(&prefix).is_some_and(|key| key.starts_with(&prefix))
}

/// Identifies a view function of a pallet by its name and types.
pub fn view_function_id<P: PalletInfoAccess>(signature: &str) -> ViewFunctionId {
    ViewFunctionId { prefix: P::name_hash(), suffix: twox_128(signature.as_bytes()) }
}

impl From<ViewFunctionId> for [u8; 32] {
    fn from(id: ViewFunctionId) -> Self {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&id.prefix);
        bytes[16..].copy_from_slice(&id.suffix);
        bytes
    }
}

/// What reading a storage item returns; used by generated getters.
pub trait StorageQuery {
    /// The result of `get`.
    type Query;
}

impl<P, V, Q: QueryKindTrait<V, D>, D> StorageQuery for StorageValue<P, V, Q, D> {
    type Query = Q::Query;
}

impl<P, H, K, V, Q: QueryKindTrait<V, D>, D, M> StorageQuery for StorageMap<P, H, K, V, Q, D, M> {
    type Query = Q::Query;
}

impl<P: CountedStorageMapInstance, H, K, V, Q: QueryKindTrait<V, D>, D, M> StorageQuery
    for CountedStorageMap<P, H, K, V, Q, D, M>
{
    type Query = Q::Query;
}

impl<P, H1, K1, H2, K2, V, Q: QueryKindTrait<V, D>, D, M> StorageQuery
    for StorageDoubleMap<P, H1, K1, H2, K2, V, Q, D, M>
{
    type Query = Q::Query;
}

impl<P, K, V, Q: QueryKindTrait<V, D>, D, M> StorageQuery for StorageNMap<P, K, V, Q, D, M> {
    type Query = Q::Query;
}

impl<P: CountedStorageMapInstance, K, V, Q: QueryKindTrait<V, D>, D, M> StorageQuery
    for CountedStorageNMap<P, K, V, Q, D, M>
{
    type Query = Q::Query;
}

/// Calls that may be free for some arguments.
pub trait CheckIfFeeless {
    /// Who makes the call.
    type Origin;
    /// Whether this call of this origin is free.
    fn is_feeless(&self, origin: &Self::Origin) -> bool;
}

/// The type path of something that `#[runtime]` generates: that of the scope around its module.
pub fn outer_path(name: &'static str, module: &'static str) -> scale_info::Path {
    scale_info::Path::new(name, module.rsplit_once("::").map_or(module, |(outer, _)| outer))
}

/// The fixed part of a storage key from the hashes of pallet and item.
pub const fn join_hashes(pallet: [u8; 16], item: [u8; 16]) -> [u8; 32] {
    let mut joined = [0; 32];
    let (first, second) = joined.split_at_mut(16);
    first.copy_from_slice(&pallet);
    second.copy_from_slice(&item);
    joined
}

/// How many of the names are marked.
pub const fn count(names: &[(&str, bool)]) -> usize {
    let (mut i, mut n) = (0, 0);
    while i < names.len() {
        if names[i].1 {
            n += 1;
        }
        i += 1;
    }
    n
}

/// The names that are marked; `N` is their [`count`].
pub const fn select<const N: usize>(names: &[(&'static str, bool)]) -> [&'static str; N] {
    let mut selected = [""; N];
    let (mut i, mut n) = (0, 0);
    while i < names.len() {
        if names[i].1 {
            selected[n] = names[i].0;
            n += 1;
        }
        i += 1;
    }
    selected
}
