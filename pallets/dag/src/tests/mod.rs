//! Tests of the pallet on a small runtime with real stakes, keys and money.

mod digest;
mod epochs;
mod equivocation;
mod mock;
mod rewards;
