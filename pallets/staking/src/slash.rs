//! What a bond loses, and who gets it.

use crate::ledger::Role;
use crate::pallet::{Config, Event, HoldReason, LedgerOf, Ledgers, Pallet, TotalBonded};
use citrate_core::{AccountId32, Balance, Perbill};
use citrate_support::traits::Get;
use citrate_support::traits::fungible::hold::{Inspect as _, Mutate as _};
use citrate_support::traits::tokens::{Fortitude, Precision, Restriction};

impl<T: Config> Pallet<T> {
    /// Takes `slash` of all that `who` has bonded as a validator, what is unbonding included, and chills it.
    /// `reporter`, if it is somebody else, gets a part of what is taken, the beneficiary of slashes the rest. Gives what was taken.
    pub fn punish(
        who: &AccountId32,
        slash: Perbill,
        reporter: Option<(&AccountId32, Perbill)>,
    ) -> Balance {
        let Some(mut ledger) = Ledgers::<T>::get(who) else { return 0 };
        if ledger.role != Role::Validator {
            return 0;
        }
        if !ledger.chilled {
            ledger.chilled = true;
            Self::store_shrunk(who, ledger.clone());
            Self::deposit_event(Event::Chilled { who: who.clone() });
        }
        let amount = slash.mul_floor(ledger.total());
        Self::share_out(who, ledger, amount, reporter)
    }

    /// Takes up to `amount`, of which a reporter gets a part if it is somebody else; gives what was taken.
    pub(crate) fn do_slash(
        who: &AccountId32,
        amount: Balance,
        reporter: Option<(&AccountId32, Perbill)>,
    ) -> Balance {
        let Some(ledger) = Ledgers::<T>::get(who) else { return 0 };
        let amount = amount.min(ledger.total());
        Self::share_out(who, ledger, amount, reporter)
    }

    /// Takes what the ledger holds: a part for the reporter, the rest for the beneficiary.
    fn share_out(
        who: &AccountId32,
        ledger: LedgerOf<T>,
        amount: Balance,
        reporter: Option<(&AccountId32, Perbill)>,
    ) -> Balance {
        let mut paid = 0;
        if let Some((reporter, share)) = reporter.filter(|(reporter, _)| *reporter != who) {
            paid = Self::move_held(who, reporter, share.mul_floor(amount));
        }
        let taken = paid.saturating_add(Self::take(who, amount.saturating_sub(paid)));
        Self::note_slash(who, ledger, taken)
    }

    /// Writes what a slash took.
    fn note_slash(who: &AccountId32, mut ledger: LedgerOf<T>, taken: Balance) -> Balance {
        if taken == 0 {
            return 0;
        }
        ledger.slash(taken);
        Self::store_shrunk(who, ledger);
        TotalBonded::<T>::mutate(|total| *total = total.saturating_sub(taken));
        Self::deposit_event(Event::Slashed { who: who.clone(), amount: taken });
        taken
    }

    /// Moves what is held, as much as `to` can take; gives how much that was.
    fn move_held(who: &AccountId32, to: &AccountId32, amount: Balance) -> Balance {
        let reason = HoldReason::Bond.into();
        let before = T::Currency::balance_on_hold(&reason, who);
        // What could not be moved is still on hold.
        let _ = T::Currency::transfer_on_hold(
            &reason,
            who,
            to,
            amount,
            Precision::BestEffort,
            Restriction::Free,
            Fortitude::Force,
        );
        before.saturating_sub(T::Currency::balance_on_hold(&reason, who))
    }

    /// Moves what is slashed to the beneficiary, or destroys it where that account cannot take it.
    fn take(who: &AccountId32, amount: Balance) -> Balance {
        let moved = Self::move_held(who, &T::SlashBeneficiary::get(), amount);
        if moved > 0 {
            return moved;
        }
        let reason = HoldReason::Bond.into();
        let before = T::Currency::balance_on_hold(&reason, who);
        // What cannot be burnt either stays on hold, as the difference below shows.
        let _ =
            T::Currency::burn_held(&reason, who, amount, Precision::BestEffort, Fortitude::Force);
        before.saturating_sub(T::Currency::balance_on_hold(&reason, who))
    }
}
