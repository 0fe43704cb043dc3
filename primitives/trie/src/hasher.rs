//! The trie's hash function.

use citrate_core::{H256, hashing::blake2_256};

/// Blake2-256, the hash of every state trie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blake2Hasher;

impl hash_db::Hasher for Blake2Hasher {
    type Out = H256;
    type StdHasher = HashBytesHasher;
    const LENGTH: usize = 32;

    fn hash(data: &[u8]) -> H256 {
        blake2_256(data).into()
    }
}

/// A map hasher for keys that are hashes already: it takes their last eight bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct HashBytesHasher(u64);

impl core::hash::Hasher for HashBytesHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = self.0.rotate_left(5) ^ u64::from_le_bytes(word);
        }
    }
}
