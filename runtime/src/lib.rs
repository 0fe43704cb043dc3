//! The Citrate chain's runtime: its pallets composed, built to WASM.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
