//! What the calls weigh.

use citrate_support::traits::Get;
use citrate_support::weights::{RuntimeDbWeight, Weight};

/// What each call weighs: `citrate benchmark pallet` writes an implementation of it.
///
/// Until then `type WeightInfo = DbWeight` counts accesses: what a database weighs is an implementation too.
#[expect(missing_docs, reason = "each is of the call of its name")]
pub trait WeightInfo {
    fn create() -> Weight;
    fn force_create() -> Weight;
    fn start_destroy() -> Weight;
    fn destroy_accounts(n: u32) -> Weight;
    fn destroy_approvals(n: u32) -> Weight;
    fn finish_destroy() -> Weight;
    fn mint() -> Weight;
    fn burn() -> Weight;
    fn transfer() -> Weight;
    fn transfer_keep_alive() -> Weight;
    fn force_transfer() -> Weight;
    fn freeze() -> Weight;
    fn thaw() -> Weight;
    fn freeze_asset() -> Weight;
    fn thaw_asset() -> Weight;
    fn transfer_ownership() -> Weight;
    fn set_team() -> Weight;
    fn set_metadata(n: u32) -> Weight;
    fn clear_metadata() -> Weight;
    fn approve_transfer() -> Weight;
    fn cancel_approval() -> Weight;
    fn transfer_approved() -> Weight;
    fn touch() -> Weight;
    fn refund() -> Weight;
}

/// What a call weighs that changes so many accounts or approvals, each with its references or its deposit.
fn changes<DbWeight: Get<RuntimeDbWeight>>(items: u32) -> Weight {
    let db = DbWeight::get();
    db.reads_writes(2, 2).saturating_add(db.reads_writes(3, 3).saturating_mul(u64::from(items)))
}

impl<DbWeight: Get<RuntimeDbWeight>> WeightInfo for DbWeight {
    fn create() -> Weight {
        changes::<Self>(1)
    }
    fn force_create() -> Weight {
        changes::<Self>(1)
    }
    fn start_destroy() -> Weight {
        changes::<Self>(1)
    }
    fn destroy_accounts(n: u32) -> Weight {
        changes::<Self>(n)
    }
    fn destroy_approvals(n: u32) -> Weight {
        changes::<Self>(n)
    }
    fn finish_destroy() -> Weight {
        changes::<Self>(1)
    }
    fn mint() -> Weight {
        changes::<Self>(1)
    }
    fn burn() -> Weight {
        changes::<Self>(1)
    }
    fn transfer() -> Weight {
        changes::<Self>(2)
    }
    fn transfer_keep_alive() -> Weight {
        changes::<Self>(2)
    }
    fn force_transfer() -> Weight {
        changes::<Self>(2)
    }
    fn freeze() -> Weight {
        changes::<Self>(1)
    }
    fn thaw() -> Weight {
        changes::<Self>(1)
    }
    fn freeze_asset() -> Weight {
        changes::<Self>(1)
    }
    fn thaw_asset() -> Weight {
        changes::<Self>(1)
    }
    fn transfer_ownership() -> Weight {
        changes::<Self>(2)
    }
    fn set_team() -> Weight {
        changes::<Self>(1)
    }
    fn set_metadata(_n: u32) -> Weight {
        changes::<Self>(1)
    }
    fn clear_metadata() -> Weight {
        changes::<Self>(1)
    }
    fn approve_transfer() -> Weight {
        changes::<Self>(1)
    }
    fn cancel_approval() -> Weight {
        changes::<Self>(1)
    }
    fn transfer_approved() -> Weight {
        changes::<Self>(3)
    }
    fn touch() -> Weight {
        changes::<Self>(1)
    }
    fn refund() -> Weight {
        changes::<Self>(1)
    }
}
