//! Iterators over the keys under a prefix.

use alloc::vec::Vec;
use citrate_host::storage as host;
use core::marker::PhantomData;

/// Goes through all keys under a prefix and decodes what is after it.
///
/// Entries that do not decode are skipped with an error in the log.
#[derive(Debug)]
pub struct PrefixIterator<T> {
    prefix: Vec<u8>,
    previous: Vec<u8>,
    drain: bool,
    decode: fn(&[u8], &[u8]) -> Result<T, codec::Error>,
    phantom: PhantomData<T>,
}

impl<T> PrefixIterator<T> {
    /// Starts after `previous`; `decode` gets the key without the prefix, and the value.
    pub fn new(
        prefix: Vec<u8>,
        previous: Vec<u8>,
        decode: fn(&[u8], &[u8]) -> Result<T, codec::Error>,
    ) -> Self {
        Self { prefix, previous, drain: false, decode, phantom: PhantomData }
    }

    /// Removes each entry as it is returned.
    #[must_use]
    pub fn drain(mut self) -> Self {
        self.drain = true;
        self
    }

    /// The last key that was visited.
    pub fn last_raw_key(&self) -> &[u8] {
        &self.previous
    }

    /// The prefix that all keys share.
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }
}

impl<T> Iterator for PrefixIterator<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        loop {
            let key = host::next_key(&self.previous).filter(|k| k.starts_with(&self.prefix))?;
            self.previous = key;
            let Some(value) = host::get(&self.previous) else { continue };
            if self.drain {
                host::clear(&self.previous);
            }
            match (self.decode)(&self.previous[self.prefix.len()..], &value) {
                Ok(item) => return Some(item),
                Err(_) => crate::log_error!(
                    "storage",
                    "cannot decode the entry under key {:?}",
                    self.previous
                ),
            }
        }
    }
}

/// Goes through all keys under a prefix without reading the values.
#[derive(Debug)]
pub struct KeyPrefixIterator<T> {
    prefix: Vec<u8>,
    previous: Vec<u8>,
    decode: fn(&[u8]) -> Result<T, codec::Error>,
}

impl<T> KeyPrefixIterator<T> {
    /// Starts after `previous`; `decode` gets the key without the prefix.
    pub fn new(
        prefix: Vec<u8>,
        previous: Vec<u8>,
        decode: fn(&[u8]) -> Result<T, codec::Error>,
    ) -> Self {
        Self { prefix, previous, decode }
    }

    /// The last key that was visited.
    pub fn last_raw_key(&self) -> &[u8] {
        &self.previous
    }
}

impl<T> Iterator for KeyPrefixIterator<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        loop {
            let key = host::next_key(&self.previous).filter(|k| k.starts_with(&self.prefix))?;
            self.previous = key;
            match (self.decode)(&self.previous[self.prefix.len()..]) {
                Ok(item) => return Some(item),
                Err(_) => {
                    crate::log_error!("storage", "cannot decode the key {:?}", self.previous);
                }
            }
        }
    }
}
