//! Tests of the pallet on a small runtime.

mod calls;
mod currency;
mod holds;
mod invariants;
mod locks;
pub(crate) mod mock;
