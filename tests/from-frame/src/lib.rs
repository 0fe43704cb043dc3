//! Published FRAME pallets, unchanged, in a runtime of Citrate's framework.
//!
//! The pallets come from crates.io; `facades/` gives them Citrate's framework under the names of
//! FRAME's crates, by `[patch.crates-io]`. `template` is a pallet as FRAME's documentation teaches
//! to write them. The tests run calls of all of them in blocks.

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(test)]
mod benchmarking;
pub mod runtime;
pub mod template;

#[cfg(test)]
mod tests;
