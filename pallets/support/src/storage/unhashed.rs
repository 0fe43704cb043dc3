//! Typed access to raw storage keys.

use alloc::vec::Vec;
use citrate_host::storage as host;
use codec::{Decode, Encode};

/// The value under `key`. `None` if absent or not decodable as `T`.
pub fn get<T: Decode>(key: &[u8]) -> Option<T> {
    let bytes = host::get(key)?;
    match T::decode(&mut bytes.as_slice()) {
        Ok(value) => Some(value),
        Err(_) => {
            crate::log_error!("storage", "corrupted value under key {:?}", key);
            None
        }
    }
}

/// The value under `key`, or the type's default.
pub fn get_or_default<T: Decode + Default>(key: &[u8]) -> T {
    get(key).unwrap_or_default()
}

/// The value under `key`, or `default`.
pub fn get_or<T: Decode>(key: &[u8], default: T) -> T {
    get(key).unwrap_or(default)
}

/// The value under `key`, or what `default` returns.
pub fn get_or_else<T: Decode>(key: &[u8], default: impl FnOnce() -> T) -> T {
    get(key).unwrap_or_else(default)
}

/// Writes the encoding of `value` under `key`.
pub fn put<T: Encode + ?Sized>(key: &[u8], value: &T) {
    value.using_encoded(|bytes| host::set(key, bytes));
}

/// Removes the value under `key` and returns it.
pub fn take<T: Decode>(key: &[u8]) -> Option<T> {
    let value = get(key);
    if value.is_some() {
        host::clear(key);
    }
    value
}

/// Removes the value under `key` and returns it, or the type's default.
pub fn take_or_default<T: Decode + Default>(key: &[u8]) -> T {
    take(key).unwrap_or_default()
}

/// Whether anything is stored under `key`.
pub fn exists(key: &[u8]) -> bool {
    host::exists(key)
}

/// Removes the value under `key`.
pub fn kill(key: &[u8]) {
    host::clear(key);
}

/// The bytes under `key`.
pub fn get_raw(key: &[u8]) -> Option<Vec<u8>> {
    host::get(key)
}

/// Writes bytes under `key`.
pub fn put_raw(key: &[u8], value: &[u8]) {
    host::set(key, value);
}

/// Whether any key starts with `prefix`.
pub fn contains_prefixed_key(prefix: &[u8]) -> bool {
    host::exists(prefix) || host::next_key(prefix).is_some_and(|next| next.starts_with(prefix))
}

/// The outcome of one step of clearing many keys.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a cursor means that keys remain"]
pub struct MultiRemovalResults {
    /// Where to go on; `None` when nothing is left.
    pub maybe_cursor: Option<Vec<u8>>,
    /// Keys removed from the backend in this step.
    pub backend: u32,
    /// Keys removed in this step, those written in this block included.
    pub unique: u32,
    /// Keys visited in this step.
    pub loops: u32,
}

/// Removes at most `limit` keys that start with `prefix`, going on from `maybe_cursor`.
///
/// Keys that this block has written count against the limit as well, so that the work of a call
/// never depends on what an earlier call in the block did.
pub fn clear_prefix(prefix: &[u8], limit: u32, maybe_cursor: Option<&[u8]>) -> MultiRemovalResults {
    let mut loops = 0;
    let mut removed = 0;
    let mut previous = match maybe_cursor {
        Some(cursor) if cursor.starts_with(prefix) => cursor.to_vec(),
        _ => prefix.to_vec(),
    };
    // The prefix and the cursor may be keys themselves, and `next_key` is exclusive.
    if limit > 0 && host::exists(&previous) {
        host::clear(&previous);
        loops += 1;
        removed += 1;
    }
    loop {
        let next = host::next_key(&previous).filter(|next| next.starts_with(prefix));
        let Some(next) = next else {
            return MultiRemovalResults {
                maybe_cursor: None,
                backend: removed,
                unique: removed,
                loops,
            };
        };
        if loops >= limit {
            return MultiRemovalResults {
                maybe_cursor: Some(next),
                backend: removed,
                unique: removed,
                loops,
            };
        }
        host::clear(&next);
        loops += 1;
        removed += 1;
        previous = next;
    }
}

/// Removes every key that starts with `prefix` and returns how many there were.
///
/// Unbounded: for migrations and genesis, not for calls.
pub fn kill_prefix(prefix: &[u8]) -> u32 {
    clear_prefix(prefix, u32::MAX, None).unique
}
