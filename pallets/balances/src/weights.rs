//! What the calls weigh.

use citrate_support::traits::Get;
use citrate_support::weights::{RuntimeDbWeight, Weight};

/// What each call weighs: `citrate benchmark pallet` writes an implementation of it.
///
/// Until then `type WeightInfo = DbWeight` counts accesses: what a database weighs is an implementation too.
#[expect(missing_docs, reason = "each is of the call of its name")]
pub trait WeightInfo {
    fn transfer_allow_death() -> Weight;
    fn force_transfer() -> Weight;
    fn transfer_keep_alive() -> Weight;
    fn transfer_all() -> Weight;
    fn force_unreserve() -> Weight;
    fn force_set_balance() -> Weight;
    fn force_adjust_total_issuance() -> Weight;
    fn burn() -> Weight;
}

/// Two accounts read and written, and some 40 us of work in WASM.
fn transfer<DbWeight: Get<RuntimeDbWeight>>() -> Weight {
    DbWeight::get().reads_writes(2, 2).saturating_add(Weight::from_parts(40_000_000, 0))
}

impl<DbWeight: Get<RuntimeDbWeight>> WeightInfo for DbWeight {
    fn transfer_allow_death() -> Weight {
        transfer::<Self>()
    }
    fn force_transfer() -> Weight {
        transfer::<Self>()
    }
    fn transfer_keep_alive() -> Weight {
        transfer::<Self>()
    }
    fn transfer_all() -> Weight {
        transfer::<Self>()
    }
    fn force_unreserve() -> Weight {
        // The account, its holds and its named reserves.
        Self::get().reads_writes(3, 1)
    }
    fn force_set_balance() -> Weight {
        transfer::<Self>()
    }
    fn force_adjust_total_issuance() -> Weight {
        Self::get().reads_writes(2, 1)
    }
    fn burn() -> Weight {
        transfer::<Self>()
    }
}
