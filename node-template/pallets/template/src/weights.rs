//! What the calls weigh.

use citrate_support::traits::Get;
use citrate_support::weights::{RuntimeDbWeight, Weight};

/// What each call weighs: `node-template benchmark pallet` writes an implementation of it.
///
/// Until then `type WeightInfo = DbWeight` in the runtime counts accesses: what a database weighs is an implementation too.
pub trait WeightInfo {
    /// Of `do_something`.
    fn do_something() -> Weight;
    /// Of `increase`.
    fn increase() -> Weight;
}

impl<DbWeight: Get<RuntimeDbWeight>> WeightInfo for DbWeight {
    fn do_something() -> Weight {
        Self::get().writes(1).saturating_add(Weight::from_parts(10_000_000, 0))
    }

    fn increase() -> Weight {
        Self::get().reads_writes(1, 1).saturating_add(Weight::from_parts(10_000_000, 0))
    }
}
