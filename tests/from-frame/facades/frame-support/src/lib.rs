//! Citrate's framework under the name of FRAME's.

#![cfg_attr(not(feature = "std"), no_std)]

pub use citrate_support::*;
pub use sp_runtime;

/// FRAME's bounded collections have modules of their own here.
pub mod storage {
    pub use bounded_collections::{bounded_btree_map, bounded_btree_set, bounded_vec, weak_bounded_vec};
    pub use citrate_support::storage::*;
}
