//! What must hold of the state.

use crate::ledger::{Role, Stake};
use crate::{Config, HoldReason, Ledgers, Pallet, TotalBonded, Validators};
use citrate_core::Balance;
use citrate_support::ensure;
use citrate_support::traits::TryRuntimeError;
use citrate_support::traits::tokens::check_holds;

impl<T: Config> Pallet<T> {
    /// What is bonded is on hold and adds up, and the index has exactly the validators whose stake counts.
    pub(crate) fn check() -> Result<(), TryRuntimeError> {
        let (mut sum, mut count): (Balance, u32) = (0, 0);
        for (who, ledger) in Ledgers::<T>::iter() {
            sum = sum.checked_add(ledger.total()).ok_or("the sum of all bonds overflows")?;
            let is_sorted = ledger.unlocking.is_sorted_by(|a, b| a.at < b.at);
            ensure!(is_sorted, "the parts of a bond are not in the order in which they leave");
            let is_validator = Self::active(&who, Role::Validator) > 0;
            let is_listed = Validators::<T>::contains_key(&who);
            ensure!(is_validator == is_listed, "the index of validators is not that of the bonds");
            count = count.saturating_add(u32::from(is_validator));
        }
        ensure!(sum == TotalBonded::<T>::get(), "what is bonded is not the sum of all bonds");
        ensure!(count == Validators::<T>::count(), "there are validators without a bond");
        check_holds::<T::Currency, _>(
            &HoldReason::Bond.into(),
            pallet_system::Account::<T>::iter_keys(),
            Ledgers::<T>::iter().map(|(who, ledger)| (who, ledger.total())),
        )
    }
}
