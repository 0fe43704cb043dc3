//! Maps whose values may live in another pallet.

use super::HandleLifetime;
use crate::storage::StorageMap;
use citrate_core::DispatchError;
use codec::FullCodec;
use core::marker::PhantomData;

/// A map from accounts to data, wherever it is kept.
pub trait StoredMap<K, T: Default> {
    /// The value, or its default.
    fn get(k: &K) -> T;
    /// Changes, creates or removes the value, and only if `f` succeeds.
    ///
    /// # Errors
    /// Those of `f`, or that the value cannot come or go.
    fn try_mutate_exists<R, E: From<DispatchError>>(
        k: &K,
        f: impl FnOnce(&mut Option<T>) -> Result<R, E>,
    ) -> Result<R, E>;
    /// Changes the value.
    ///
    /// # Errors
    /// The value cannot come.
    fn mutate<R>(k: &K, f: impl FnOnce(&mut T) -> R) -> Result<R, DispatchError> {
        Self::mutate_exists(k, |value| f(value.get_or_insert_with(T::default)))
    }
    /// Changes, creates or removes the value.
    ///
    /// # Errors
    /// The value cannot come or go.
    fn mutate_exists<R>(k: &K, f: impl FnOnce(&mut Option<T>) -> R) -> Result<R, DispatchError> {
        Self::try_mutate_exists(k, |value| Ok(f(value)))
    }
    /// Sets the value.
    ///
    /// # Errors
    /// The value cannot come.
    fn insert(k: &K, t: T) -> Result<(), DispatchError> {
        Self::mutate(k, |value| *value = t)
    }
    /// Removes the value.
    ///
    /// # Errors
    /// The value cannot go.
    fn remove(k: &K) -> Result<(), DispatchError> {
        Self::mutate_exists(k, |value| *value = None)
    }
}

/// A storage map as a [`StoredMap`], with `L` told of keys that come and go.
#[derive(Debug)]
pub struct StorageMapShim<S, L, K, T>(PhantomData<(S, L, K, T)>);

impl<P, H, K, T, L> StoredMap<K, T>
    for StorageMapShim<StorageMap<P, H, K, T, crate::storage::ValueQuery>, L, K, T>
where
    P: crate::storage::StorageInstance,
    H: crate::storage::StorageHasher,
    K: FullCodec,
    T: FullCodec + Default + 'static,
    L: HandleLifetime<K>,
{
    fn get(k: &K) -> T {
        StorageMap::<P, H, K, T, crate::storage::ValueQuery>::get(k)
    }

    fn try_mutate_exists<R, E: From<DispatchError>>(
        k: &K,
        f: impl FnOnce(&mut Option<T>) -> Result<R, E>,
    ) -> Result<R, E> {
        StorageMap::<P, H, K, T, crate::storage::ValueQuery>::try_mutate_exists(k, |value| {
            let existed = Option::is_some(value);
            let result = f(value)?;
            match (existed, value.is_some()) {
                (false, true) => L::created(k)?,
                (true, false) => L::killed(k)?,
                _ => {}
            }
            Ok(result)
        })
    }
}
