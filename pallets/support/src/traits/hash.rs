//! The hash function of the chain, as a type.

use alloc::vec::Vec;
use citrate_core::{H256, StateVersion};
use codec::Encode;
use core::fmt::Debug;

/// A hash function and the ordered trie over it.
pub trait Hash: 'static + Debug + Clone + Eq + PartialEq {
    /// The type of hashes.
    type Output: super::Member
        + crate::Parameter
        + codec::MaxEncodedLen
        + AsRef<[u8]>
        + AsMut<[u8]>
        + Copy
        + Default
        + Ord;
    /// The hash of bytes.
    fn hash(bytes: &[u8]) -> Self::Output;
    /// The hash of an encoding.
    fn hash_of<S: Encode>(value: &S) -> Self::Output {
        value.using_encoded(Self::hash)
    }
    /// The root of the trie of `input` by position.
    fn ordered_trie_root(input: Vec<Vec<u8>>, version: StateVersion) -> Self::Output;
}

/// BLAKE2b of 256 bits: the hash of blocks, calls and tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlakeTwo256;

impl Hash for BlakeTwo256 {
    type Output = H256;
    fn hash(bytes: &[u8]) -> H256 {
        H256(citrate_host::hashing::blake2_256(bytes))
    }
    fn ordered_trie_root(input: Vec<Vec<u8>>, version: StateVersion) -> H256 {
        citrate_host::trie::blake2_256_ordered_root(input, version)
    }
}

impl scale_info::TypeInfo for BlakeTwo256 {
    type Identity = Self;
    // Clients choose their hasher by this type's name.
    fn type_info() -> scale_info::Type {
        scale_info::Type::builder()
            .path(scale_info::Path::new("BlakeTwo256", "sp_runtime::traits"))
            .composite(scale_info::build::Fields::unit())
    }
}
