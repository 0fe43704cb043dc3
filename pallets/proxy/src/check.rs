//! What must hold of the state.

use crate::{Announcements, Config, HoldReason, Pallet, Proxies};
use citrate_core::Balance;
use citrate_support::ensure;
use citrate_support::traits::TryRuntimeError;
use citrate_support::traits::fungible::hold::Inspect as _;
use citrate_support::traits::tokens::check_holds;

impl<T: Config> Pallet<T> {
    /// Deposits are on hold: those for announcements in the account that made them, those for proxies somewhere, since a pure
    /// account's creator pays for it. More may be on hold for proxies: for those of a pure account that were all removed.
    pub(crate) fn check() -> Result<(), TryRuntimeError> {
        let mut written: Balance = 0;
        for (proxies, deposit) in Proxies::<T>::iter_values() {
            ensure!(!proxies.is_empty(), "an account has no proxies, and a place for them");
            ensure!(proxies.is_sorted_by(|a, b| a < b), "proxies are not in order");
            written = written.checked_add(deposit).ok_or("the sum of all deposits overflows")?;
        }
        let (mut on_hold, reason): (Balance, _) = (0, HoldReason::Proxies.into());
        for who in pallet_system::Account::<T>::iter_keys() {
            on_hold = on_hold.saturating_add(T::Currency::balance_on_hold(&reason, &who));
        }
        ensure!(on_hold >= written, "less is on hold for proxies than was written down");
        check_holds::<T::Currency, _>(
            &HoldReason::Announcements.into(),
            pallet_system::Account::<T>::iter_keys(),
            Announcements::<T>::iter().map(|(who, (_, deposit))| (who, deposit)),
        )
    }
}
