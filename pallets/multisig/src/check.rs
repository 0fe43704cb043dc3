//! What must hold of the state.

use crate::{Config, HoldReason, Multisigs, Pallet};
use citrate_support::ensure;
use citrate_support::traits::TryRuntimeError;
use citrate_support::traits::tokens::check_holds;

impl<T: Config> Pallet<T> {
    /// Deposits are on hold, each operation has an approval, and nobody approved twice.
    pub(crate) fn check() -> Result<(), TryRuntimeError> {
        for (_, _, open) in Multisigs::<T>::iter() {
            ensure!(!open.approvals.is_empty(), "an operation is open that nobody approved");
            let is_sorted = open.approvals.is_sorted_by(|a, b| a < b);
            ensure!(is_sorted, "approvals are not in the order of their accounts");
        }
        check_holds::<T::Currency, _>(
            &HoldReason::Operation.into(),
            pallet_system::Account::<T>::iter_keys(),
            Multisigs::<T>::iter_values().map(|open| (open.depositor, open.deposit)),
        )
    }
}
