//! The state trie in Substrate's layout: roots, proofs, overlays and change sets.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
