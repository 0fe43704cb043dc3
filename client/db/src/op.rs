//! The operations that a write consists of.

#![expect(clippy::cast_possible_truncation, reason = "the derived codec casts variant indices")]

use citrate_core::H256;
use codec::{Decode, Encode};

/// One operation on one table.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) enum Op {
    /// Writes a value.
    #[codec(index = 0)]
    Set { column: u8, key: Vec<u8>, value: Vec<u8> },
    /// Removes a value.
    #[codec(index = 1)]
    Remove { column: u8, key: Vec<u8> },
    #[codec(index = 2)]
    /// Adds uses of a trie node.
    Use { hash: H256, node: Vec<u8>, count: u32 },
    #[codec(index = 3)]
    /// Takes uses of a trie node away.
    Release { hash: H256, count: u32 },
}

impl Op {
    pub(crate) fn set(column: u8, key: impl AsRef<[u8]>, value: &impl Encode) -> Self {
        Self::Set { column, key: key.as_ref().to_vec(), value: value.encode() }
    }

    pub(crate) fn remove(column: u8, key: impl AsRef<[u8]>) -> Self {
        Self::Remove { column, key: key.as_ref().to_vec() }
    }
}
