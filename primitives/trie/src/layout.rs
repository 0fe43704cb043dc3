//! The two layouts of the state trie.

use crate::{Blake2Hasher, node::TrieNodeCodec};
use core::{fmt::Debug, marker::PhantomData};
use hash_db::Hasher;
use trie_db::{TrieConfiguration, TrieLayout};

/// Values longer than this are nodes of their own under [`LayoutV1`].
const MAX_INLINE_VALUE_BYTES: u32 = 32;

/// LIMIT: the longest storage key, in bytes. A node header can count 65,535 nibbles.
pub const MAX_KEY_BYTES: usize = 32_767;

/// State version 0: every value lies inside its node.
#[derive(Debug, Clone, Copy, Default)]
pub struct LayoutV0<H = Blake2Hasher>(PhantomData<H>);

/// State version 1: a value of 33 bytes or more is replaced by its hash.
#[derive(Debug, Clone, Copy, Default)]
pub struct LayoutV1<H = Blake2Hasher>(PhantomData<H>);

macro_rules! layout {
    ($name:ident, $inline:expr) => {
        impl<H: Hasher + Debug> TrieLayout for $name<H>
        where
            H::Out: From<[u8; 32]>,
        {
            const USE_EXTENSION: bool = false;
            const ALLOW_EMPTY: bool = true;
            const MAX_INLINE_VALUE: Option<u32> = $inline;
            type Hash = H;
            type Codec = TrieNodeCodec<H>;
        }

        impl<H: Hasher + Debug> TrieConfiguration for $name<H>
        where
            H::Out: From<[u8; 32]>,
        {
            fn encode_index(index: u32) -> alloc::vec::Vec<u8> {
                codec::Encode::encode(&codec::Compact(index))
            }
        }
    };
}

layout!(LayoutV0, None);
// The threshold is the first length that is hashed.
layout!(LayoutV1, Some(MAX_INLINE_VALUE_BYTES + 1));
