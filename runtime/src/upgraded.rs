//! The migration of the runtime with the feature `upgraded`, which tests install on a running chain.
//!
//! The existential deposit grows. An account can spend what it has beyond the deposit, so that every account would lose
//! the difference; the migration gives it to each, once. A second run would give it again, which a test would see.

use crate::constants::{MILLI_CIT, UPGRADED_EXISTENTIAL_DEPOSIT};
use crate::{AccountId, Balance, Balances, Runtime};
use alloc::vec::Vec;
use citrate_core::Weight;
use citrate_support::traits::OnRuntimeUpgrade;
use citrate_support::traits::fungible::Mutate;

/// What each account gets: the growth of the deposit.
pub(crate) const DIFFERENCE: Balance = UPGRADED_EXISTENTIAL_DEPOSIT - MILLI_CIT;

/// Gives every account the growth of the existential deposit.
#[derive(Debug)]
pub(crate) struct KeepSpendable;

impl OnRuntimeUpgrade for KeepSpendable {
    fn on_runtime_upgrade() -> Weight {
        // Collected first: an iteration that changes what it runs over may see an account twice.
        let accounts: Vec<AccountId> = pallet_system::Account::<Runtime>::iter_keys().collect();
        let mut writes = 0_u64;
        for account in &accounts {
            // Cannot be minted to: an account without money of its own, kept by another pallet.
            if Balances::mint_into(account, DIFFERENCE).is_ok() {
                writes = writes.saturating_add(2);
            }
        }
        let db = <Runtime as pallet_system::Config>::DbWeight::get();
        let reads = u64::try_from(accounts.len()).unwrap_or(u64::MAX).saturating_mul(2);
        db.reads_writes(reads, writes)
    }
}
