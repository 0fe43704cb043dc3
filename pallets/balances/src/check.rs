//! What always holds of the books between transactions.

use crate::{AccountData, Config, Freezes, Holds, Locks, Pallet, Reserves, TotalIssuance};
use citrate_core::Balance;
use citrate_support::{ensure, traits::TryRuntimeError};

impl<T: Config> Pallet<T> {
    /// Checks every account and the sum of all.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub(crate) fn check() -> Result<(), TryRuntimeError> {
        let mut sum: Balance = 0;
        for who in pallet_system::Account::<T>::iter_keys() {
            let account = Self::account(&who);
            sum = sum.checked_add(account.total()).ok_or("the sum of all balances overflows")?;
            Self::check_account(&who, account)?;
        }
        ensure!(sum == TotalIssuance::<T>::get(), "the issuance is not the sum of all balances");
        for who in Holds::<T>::iter_keys() {
            ensure!(Self::account(&who).reserved > 0, "there is a hold on an account without one");
        }
        Ok(())
    }

    fn check_account(who: &T::AccountId, account: AccountData) -> Result<(), TryRuntimeError> {
        let alive = account != AccountData::default();
        ensure!(
            !alive || account.free >= Self::ed(),
            "an account is below the existential deposit"
        );
        let held: Balance = Holds::<T>::get(who).iter().map(|hold| hold.amount).sum();
        let named: Balance = Reserves::<T>::get(who).iter().map(|reserve| reserve.amount).sum();
        let earmarked = held.checked_add(named).ok_or("the holds of an account overflow")?;
        ensure!(earmarked <= account.reserved, "an account has more on hold than is reserved");
        let locks = Locks::<T>::get(who);
        let freezes = Freezes::<T>::get(who);
        let frozen = locks.iter().map(|lock| lock.amount);
        let frozen = frozen.chain(freezes.iter().map(|freeze| freeze.amount)).max().unwrap_or(0);
        ensure!(frozen == account.frozen, "an account is not frozen as its locks and freezes say");
        Ok(())
    }
}
