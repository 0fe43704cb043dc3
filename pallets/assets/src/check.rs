//! What must hold of the state.

use crate::{Account, Approvals, Asset, Config, ExistenceReason, HoldReason, Metadata, Pallet};
use alloc::collections::BTreeMap;
use citrate_core::Balance;
use citrate_support::ensure;
use citrate_support::traits::TryRuntimeError;
use citrate_support::traits::tokens::check_holds;

/// What a token's accounts and approvals add up to.
#[derive(Clone, Copy, Default)]
struct Sums {
    supply: Balance,
    accounts: u32,
    sufficients: u32,
    approvals: u32,
}

impl<T: Config> Pallet<T> {
    /// Supplies and counts are what is stored, no account has less than its token's least balance, and deposits are on hold.
    pub(crate) fn check() -> Result<(), TryRuntimeError> {
        let mut sums: BTreeMap<u32, Sums> = BTreeMap::new();
        for (id, _, account) in Account::<T>::iter() {
            let least = Asset::<T>::get(id).map_or(Balance::MAX, |details| details.min_balance);
            // One that was opened has enough, or nothing.
            let is_open =
                account.balance == 0 && matches!(account.reason, ExistenceReason::DepositHeld(_));
            let is_enough = is_open || account.balance >= least;
            ensure!(is_enough, "an account has less than the least balance");
            let sum = sums.entry(id).or_default();
            let supply = sum.supply.checked_add(account.balance);
            sum.supply = supply.ok_or("the sum of all balances overflows")?;
            sum.accounts = sum.accounts.saturating_add(1);
            let is_sufficient = account.reason == ExistenceReason::Sufficient;
            sum.sufficients = sum.sufficients.saturating_add(u32::from(is_sufficient));
        }
        for ((id, _, _), _) in Approvals::<T>::iter() {
            let sum = sums.entry(id).or_default();
            sum.approvals = sum.approvals.saturating_add(1);
        }
        for (id, details) in Asset::<T>::iter() {
            let sum = sums.remove(&id).unwrap_or_default();
            ensure!(details.supply == sum.supply, "the supply is not the sum of all balances");
            ensure!(details.accounts == sum.accounts, "a token's accounts are counted wrong");
            let sufficients = details.sufficients == sum.sufficients;
            ensure!(sufficients, "the accounts that a token keeps alive are counted wrong");
            ensure!(details.approvals == sum.approvals, "a token's approvals are counted wrong");
        }
        ensure!(sums.is_empty(), "there are accounts or approvals of a token that is not there");
        Self::check_deposits()
    }

    fn check_deposits() -> Result<(), TryRuntimeError> {
        check_holds::<T::Currency, _>(
            &HoldReason::Asset.into(),
            pallet_system::Account::<T>::iter_keys(),
            Asset::<T>::iter().map(|(id, details)| {
                let deposit = details.deposit.saturating_add(Metadata::<T>::get(id).deposit);
                (details.owner, deposit)
            }),
        )?;
        check_holds::<T::Currency, _>(
            &HoldReason::Account.into(),
            pallet_system::Account::<T>::iter_keys(),
            Account::<T>::iter().filter_map(|(_, who, account)| match account.reason {
                ExistenceReason::DepositHeld(deposit) => Some((who, deposit)),
                ExistenceReason::Consumer | ExistenceReason::Sufficient => None,
            }),
        )?;
        check_holds::<T::Currency, _>(
            &HoldReason::Approval.into(),
            pallet_system::Account::<T>::iter_keys(),
            Approvals::<T>::iter().map(|((_, owner, _), approval)| (owner, approval.deposit)),
        )
    }
}
