//! The DAG digest, slots, the election lottery and equivocation proofs.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
