//! The state trie in Substrate's layout: roots, proofs, overlays and change sets.
//!
//! A base-16 Patricia trie over blake2-256, without extension nodes. Nodes shorter than 32 bytes
//! are stored inside their parent; under [`StateVersion::V1`] values of 33 bytes and more are nodes
//! of their own. Roots, item proofs and node encodings work without `std`, for the runtime.
//!
//! The node's side (feature `std`): a [`StateView`] reads one state out of a [`NodeStore`], an
//! [`Overlay`] collects changes in nested transactions, and [`StateView::apply`] turns a
//! [`ChangeSet`] into a new root and the [`NodeDelta`] that the store has to keep.
//!
//! Nodes are addressed by hash alone, never by path. The store therefore counts references: the
//! count of a node is the number of places where it occurs in the tries that are kept. A
//! [`NodeDelta`] holds net counts, so applying the delta of a child state to its parent's counts
//! gives the counts of both, and undoing either half is exact.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod hasher;
mod layout;
mod node;
mod proof;
mod root;
mod walk;

#[cfg(feature = "std")]
mod apply;
#[cfg(feature = "std")]
mod changes;
#[cfg(feature = "std")]
mod error;
#[cfg(feature = "std")]
mod nodes;
#[cfg(feature = "std")]
mod overlay;
#[cfg(feature = "std")]
mod view;

pub use citrate_core::{H256, StateVersion};
pub use hasher::{Blake2Hasher, HashBytesHasher};
pub use layout::{LayoutV0, LayoutV1, MAX_KEY_BYTES};
pub use node::{BadNode, TrieNodeCodec};
pub use proof::{ItemProofError, verify_item_proof};
pub use root::{EMPTY_ROOT, KeccakHasher, keccak_ordered_root, keccak_root, ordered_root, root};
pub use walk::{Step, StepKind, Walk};

#[cfg(feature = "std")]
pub use changes::{ChangeSet, Changes, child_root_key, is_child_storage_prefix, split_child_key};
#[cfg(feature = "std")]
pub use error::TrieError;
#[cfg(feature = "std")]
pub use nodes::{MemoryNodes, NodeDelta, NodeStore};
#[cfg(feature = "std")]
pub use overlay::{NoTransaction, Overlay, Removed};
#[cfg(feature = "std")]
pub use view::{StateView, verify_child_proof, verify_proof};

#[cfg(all(test, feature = "std"))]
mod tests;
