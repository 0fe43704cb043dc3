//! What can go wrong while a state is read or changed.

use crate::{H256, MAX_KEY_BYTES};

/// Why a state could not be read or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrieError {
    /// The store does not have this node: the state is pruned, or the proof incomplete.
    #[error("trie node {0:?} is missing")]
    MissingNode(H256),
    /// The store holds bytes that are not a trie node.
    #[error("trie node {0:?} does not decode")]
    BadNode(H256),
    /// A child trie's root is not a hash.
    #[error("root of a child trie is not 32 bytes long")]
    BadChildRoot,
    /// A key is longer than a node can hold.
    #[error("storage key of {bytes} bytes is longer than {MAX_KEY_BYTES}")]
    KeyTooLong {
        /// Length of the key.
        bytes: usize,
    },
    /// The store failed.
    #[error("node store")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}
