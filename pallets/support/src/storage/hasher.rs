//! Hashers of map keys.

use alloc::vec::Vec;
use citrate_core::hashing::{blake2_128, blake2_256, twox_64, twox_128, twox_256};
use codec::{Encode, MaxEncodedLen};
use sp_metadata_ir::StorageHasherIR;

/// How a map turns an encoded key into the part of the storage key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no hasher of keys",
    label = "not a hasher",
    note = "a map names a hasher before each key: `Blake2_128Concat` if users choose the keys, \
            `Twox64Concat` if they do not, `Identity` for hashes"
)]
pub trait StorageHasher: 'static {
    /// The name of this hasher in metadata.
    const METADATA: StorageHasherIR;
    /// What hashing yields: an array, or a vector for hashers that keep the key.
    type Output: AsRef<[u8]>;
    /// Hashes an encoded key.
    fn hash(encoded: &[u8]) -> Self::Output;
    /// The longest output for keys of type `K`.
    fn max_len<K: MaxEncodedLen>() -> usize;
}

/// A hasher whose output ends with the key itself, so that maps can be iterated.
pub trait ReversibleStorageHasher: StorageHasher {
    /// The encoded key inside a hashed one. Empty when the input is too short.
    fn reverse(hashed: &[u8]) -> &[u8];
}

/// Hashing of encodable values: `key.blake2_128_concat()` and the like.
pub trait Hashable: Sized {
    /// BLAKE2b, 128 bits.
    fn blake2_128(&self) -> [u8; 16];
    /// BLAKE2b, 256 bits.
    fn blake2_256(&self) -> [u8; 32];
    /// BLAKE2b, 128 bits, then the key.
    fn blake2_128_concat(&self) -> Vec<u8>;
    /// xxHash, 128 bits.
    fn twox_128(&self) -> [u8; 16];
    /// xxHash, 256 bits.
    fn twox_256(&self) -> [u8; 32];
    /// xxHash, 64 bits, then the key.
    fn twox_64_concat(&self) -> Vec<u8>;
    /// The encoded key as it is.
    fn identity(&self) -> Vec<u8>;
}

impl<T: Encode> Hashable for T {
    fn blake2_128(&self) -> [u8; 16] {
        self.using_encoded(blake2_128)
    }
    fn blake2_256(&self) -> [u8; 32] {
        self.using_encoded(blake2_256)
    }
    fn blake2_128_concat(&self) -> Vec<u8> {
        self.using_encoded(Blake2_128Concat::hash)
    }
    fn twox_128(&self) -> [u8; 16] {
        self.using_encoded(twox_128)
    }
    fn twox_256(&self) -> [u8; 32] {
        self.using_encoded(twox_256)
    }
    fn twox_64_concat(&self) -> Vec<u8> {
        self.using_encoded(Twox64Concat::hash)
    }
    fn identity(&self) -> Vec<u8> {
        self.encode()
    }
}

macro_rules! plain_hasher {
    ($(#[$doc:meta])* $name:ident, $hash:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name;

        impl StorageHasher for $name {
            const METADATA: StorageHasherIR = StorageHasherIR::$name;
            type Output = [u8; $len];
            fn hash(encoded: &[u8]) -> [u8; $len] {
                $hash(encoded)
            }
            fn max_len<K: MaxEncodedLen>() -> usize {
                $len
            }
        }
    };
}

macro_rules! concat_hasher {
    ($(#[$doc:meta])* $name:ident, $hash:expr, $len:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name;

        impl StorageHasher for $name {
            const METADATA: StorageHasherIR = StorageHasherIR::$name;
            type Output = Vec<u8>;
            fn hash(encoded: &[u8]) -> Vec<u8> {
                let prefix: [u8; $len] = $hash(encoded);
                let mut out = Vec::with_capacity($len + encoded.len());
                out.extend_from_slice(&prefix);
                out.extend_from_slice(encoded);
                out
            }
            fn max_len<K: MaxEncodedLen>() -> usize {
                K::max_encoded_len().saturating_add($len)
            }
        }

        impl ReversibleStorageHasher for $name {
            fn reverse(hashed: &[u8]) -> &[u8] {
                hashed.get($len..).unwrap_or(&[])
            }
        }
    };
}

plain_hasher!(
    /// BLAKE2b of 128 bits: safe for keys that users choose, not iterable.
    Blake2_128, blake2_128, 16
);
plain_hasher!(
    /// BLAKE2b of 256 bits: safe for keys that users choose, not iterable.
    Blake2_256, blake2_256, 32
);
plain_hasher!(
    /// xxHash of 128 bits: only for keys that nobody can choose.
    Twox128, twox_128, 16
);
plain_hasher!(
    /// xxHash of 256 bits: only for keys that nobody can choose.
    Twox256, twox_256, 32
);
concat_hasher!(
    /// BLAKE2b of 128 bits followed by the key: the usual choice.
    Blake2_128Concat, blake2_128, 16
);
concat_hasher!(
    /// xxHash of 64 bits followed by the key: fast, for keys that nobody can choose.
    Twox64Concat, twox_64, 8
);
concat_hasher!(
    /// The key itself: only for keys that are hashes already.
    Identity, |_: &[u8]| [0_u8; 0], 0
);
