//! What every map does once the full storage key is known.

use super::{QueryKindTrait, unhashed};
use codec::FullCodec;

pub(super) fn get<V, Q, D>(key: &[u8]) -> Q::Query
where
    V: FullCodec,
    Q: QueryKindTrait<V, D>,
{
    Q::from_optional_value_to_query(unhashed::get(key))
}

pub(super) fn set<V, Q, D>(key: &[u8], query: Q::Query)
where
    V: FullCodec,
    Q: QueryKindTrait<V, D>,
{
    write(key, Q::from_query_to_optional_value(query).as_ref());
}

pub(super) fn take<V, Q, D>(key: &[u8]) -> Q::Query
where
    V: FullCodec,
    Q: QueryKindTrait<V, D>,
{
    Q::from_optional_value_to_query(unhashed::take(key))
}

pub(super) fn try_mutate<V, Q, D, R, E>(
    key: &[u8],
    f: impl FnOnce(&mut Q::Query) -> Result<R, E>,
) -> Result<R, E>
where
    V: FullCodec,
    Q: QueryKindTrait<V, D>,
{
    let mut query = get::<V, Q, D>(key);
    let result = f(&mut query)?;
    set::<V, Q, D>(key, query);
    Ok(result)
}

pub(super) fn try_mutate_exists<V, R, E>(
    key: &[u8],
    f: impl FnOnce(&mut Option<V>) -> Result<R, E>,
) -> Result<R, E>
where
    V: FullCodec,
{
    let mut value = unhashed::get(key);
    let result = f(&mut value)?;
    write(key, value.as_ref());
    Ok(result)
}

fn write<V: FullCodec>(key: &[u8], value: Option<&V>) {
    match value {
        Some(value) => unhashed::put(key, value),
        None => unhashed::kill(key),
    }
}

/// Unwraps a result that cannot be an error.
pub(super) fn sure<R>(result: Result<R, core::convert::Infallible>) -> R {
    match result {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

/// Moves the value from one key to another.
pub(super) fn move_value(from: &[u8], to: &[u8]) {
    if from == to {
        return;
    }
    match unhashed::get_raw(from) {
        Some(bytes) => {
            unhashed::kill(from);
            unhashed::put_raw(to, &bytes);
        }
        None => unhashed::kill(to),
    }
}

/// Exchanges the values under two keys.
pub(super) fn swap_values(a: &[u8], b: &[u8]) {
    let (at_a, at_b) = (unhashed::get_raw(a), unhashed::get_raw(b));
    for (key, value) in [(a, at_b), (b, at_a)] {
        match value {
            Some(bytes) => unhashed::put_raw(key, &bytes),
            None => unhashed::kill(key),
        }
    }
}

/// Rewrites every value under `prefix`: `f` gets the key's tail and the old value.
pub(super) fn translate<Old, V>(prefix: &[u8], mut f: impl FnMut(&[u8], Old) -> Option<Option<V>>)
where
    Old: codec::Decode,
    V: FullCodec,
{
    let mut previous = prefix.to_vec();
    while let Some(next) =
        citrate_host::storage::next_key(&previous).filter(|next| next.starts_with(prefix))
    {
        previous = next;
        let Some(old) = unhashed::get::<Old>(&previous) else { continue };
        if let Some(new) = f(&previous[prefix.len()..], old) {
            write(&previous, new.as_ref());
        }
    }
}
