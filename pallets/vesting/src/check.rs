//! What must hold of the state.

use crate::pallet::VESTING_ID;
use crate::{Config, Pallet, Vesting};
use citrate_support::ensure;
use citrate_support::traits::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Each account's lock covers what its schedules lock now.
    pub(crate) fn check() -> Result<(), TryRuntimeError> {
        for (who, schedules) in Vesting::<T>::iter() {
            ensure!(!schedules.is_empty(), "an account has no schedules, and a place for them");
            let locks = pallet_balances::Locks::<T>::get(&who);
            let lock = locks.iter().find(|lock| lock.id == VESTING_ID);
            let locked = lock.map_or(0, |lock| lock.amount);
            ensure!(locked >= Self::locked(&who), "less is locked than the schedules lock");
        }
        Ok(())
    }
}
