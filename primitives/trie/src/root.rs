//! Roots of whole tries, without storing a node.

use crate::{LayoutV0, LayoutV1};
use alloc::{collections::BTreeMap, vec::Vec};
use citrate_core::{H256, StateVersion, hashing::keccak_256};
use codec::{Compact, Encode};
use core::fmt::Debug;
use hash_db::Hasher;
use trie_db::TrieConfiguration;

/// Root of a trie without a key.
pub const EMPTY_ROOT: H256 = H256([
    0x03, 0x17, 0x0a, 0x2e, 0x75, 0x97, 0xb7, 0xb7, 0xe3, 0xd8, 0x4c, 0x05, 0x39, 0x1d, 0x13, 0x9a,
    0x62, 0xb1, 0x57, 0xe7, 0x87, 0x86, 0xd8, 0xc0, 0x82, 0xf2, 0x9d, 0xcf, 0x4c, 0x11, 0x13, 0x14,
]);

/// Keccak-256, for the host functions that offer such tries to runtimes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeccakHasher;

impl Hasher for KeccakHasher {
    type Out = H256;
    type StdHasher = crate::HashBytesHasher;
    const LENGTH: usize = 32;

    fn hash(data: &[u8]) -> H256 {
        keccak_256(data).into()
    }
}

/// Root of the trie that holds `pairs`; of two equal keys the later one counts.
pub fn root<K, V>(pairs: impl IntoIterator<Item = (K, V)>, version: StateVersion) -> H256
where
    K: AsRef<[u8]> + Ord,
    V: AsRef<[u8]>,
{
    root_with::<crate::Blake2Hasher, K, V>(pairs, version)
}

/// Root of the trie that maps SCALE `Compact<u32>` indices to `items`, as in `extrinsics_root`.
pub fn ordered_root<V: AsRef<[u8]>>(items: &[V], version: StateVersion) -> H256 {
    root(indexed(items), version)
}

/// As [`root`], over keccak-256.
pub fn keccak_root<K, V>(pairs: impl IntoIterator<Item = (K, V)>, version: StateVersion) -> H256
where
    K: AsRef<[u8]> + Ord,
    V: AsRef<[u8]>,
{
    root_with::<KeccakHasher, K, V>(pairs, version)
}

/// As [`ordered_root`], over keccak-256.
pub fn keccak_ordered_root<V: AsRef<[u8]>>(items: &[V], version: StateVersion) -> H256 {
    keccak_root(indexed(items), version)
}

fn indexed<V: AsRef<[u8]>>(items: &[V]) -> impl Iterator<Item = (Vec<u8>, &[u8])> {
    (0u32..).zip(items).map(|(index, item)| (Compact(index).encode(), item.as_ref()))
}

fn root_with<H, K, V>(pairs: impl IntoIterator<Item = (K, V)>, version: StateVersion) -> H::Out
where
    H: Hasher + Debug,
    H::Out: From<[u8; 32]>,
    K: AsRef<[u8]> + Ord,
    V: AsRef<[u8]>,
{
    let sorted: BTreeMap<K, V> = pairs.into_iter().collect();
    match version {
        StateVersion::V0 => LayoutV0::<H>::trie_root(sorted),
        StateVersion::V1 => LayoutV1::<H>::trie_root(sorted),
    }
}
