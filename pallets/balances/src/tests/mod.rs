//! Tests of the pallet on a small runtime.

mod calls;
mod holds;
mod invariants;
mod locks;
mod mock;
