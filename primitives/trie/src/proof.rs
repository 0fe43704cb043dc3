//! Compact proofs of single items, which the runtime can verify through the host.

use crate::{LayoutV0, LayoutV1};
use alloc::vec::Vec;
use citrate_core::{H256, StateVersion};
use core::fmt;

/// Why a compact proof was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemProofError;

impl fmt::Display for ItemProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("proof does not show these items under this root")
    }
}

impl core::error::Error for ItemProofError {}

/// Checks that `items` (absent where `None`) are in the trie with this `root`.
///
/// The proof is the list of nodes on the way with everything that the items give away left out, as
/// `ext_trie_blake2_256_verify_proof` takes it; [`crate::StateView::prove_items`] makes one.
///
/// # Errors
/// When the proof shows anything else, or more than the items need.
pub fn verify_item_proof<K: AsRef<[u8]>, V: AsRef<[u8]>>(
    root: &H256,
    proof: &[Vec<u8>],
    items: &[(K, Option<V>)],
    version: StateVersion,
) -> Result<(), ItemProofError> {
    match version {
        StateVersion::V0 => {
            trie_db::proof::verify_proof::<LayoutV0, _, _, _>(root, proof, items).ok()
        }
        StateVersion::V1 => {
            trie_db::proof::verify_proof::<LayoutV1, _, _, _>(root, proof, items).ok()
        }
    }
    .ok_or(ItemProofError)
}
