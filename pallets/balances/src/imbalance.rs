//! Money in flight: taken from an account and not yet given to another.

use crate::{Config, Event, Pallet, TotalIssuance};
use citrate_core::{Balance, DispatchError};
use citrate_support::traits::tokens::{Fortitude, Precision, Preservation};
use core::marker::PhantomData;

/// An amount that is part of the total issuance and in no account. Dropping it destroys the money.
#[must_use = "dropping a credit destroys its money"]
pub struct Credit<T: Config> {
    amount: Balance,
    pallet: PhantomData<T>,
}

impl<T: Config> core::fmt::Debug for Credit<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Credit({})", self.amount)
    }
}

impl<T: Config> Credit<T> {
    /// `amount` must have left an account without leaving the issuance.
    pub(crate) fn new(amount: Balance) -> Self {
        Self { amount, pallet: PhantomData }
    }

    /// How much it is.
    pub fn amount(&self) -> Balance {
        self.amount
    }

    /// Parts it in up to `first` and the rest.
    pub fn split(mut self, first: Balance) -> (Self, Self) {
        let first = first.min(self.amount);
        let rest = self.amount.saturating_sub(first);
        self.amount = 0;
        (Self::new(first), Self::new(rest))
    }

    /// Puts two together.
    pub fn merge(mut self, mut other: Self) -> Self {
        let sum = self.amount.saturating_add(other.amount);
        self.amount = 0;
        other.amount = 0;
        Self::new(sum)
    }

    /// Takes the amount out, leaving nothing to destroy.
    fn take(&mut self) -> Balance {
        core::mem::take(&mut self.amount)
    }
}

impl<T: Config> Drop for Credit<T> {
    fn drop(&mut self) {
        if self.amount > 0 {
            TotalIssuance::<T>::mutate(|issuance| *issuance = issuance.saturating_sub(self.amount));
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Takes free balance of `who` as a credit.
    ///
    /// # Errors
    /// With [`Precision::Exact`], when less than `amount` may go.
    pub fn withdraw(
        who: &T::AccountId,
        amount: Balance,
        precision: Precision,
        preservation: Preservation,
        force: Fortitude,
    ) -> Result<Credit<T>, DispatchError> {
        let amount = Self::take_free(who, amount, preservation, precision, force)?;
        if amount > 0 {
            Self::deposit_event(Event::Withdraw { who: who.clone(), amount });
        }
        Ok(Credit::new(amount))
    }

    /// Puts a credit into an account.
    ///
    /// # Errors
    /// The credit back, when the account would be below the existential deposit.
    pub fn resolve(who: &T::AccountId, mut credit: Credit<T>) -> Result<(), Credit<T>> {
        let amount = credit.amount();
        if Self::add_free(who, amount).is_err() {
            return Err(credit);
        }
        credit.take();
        if amount > 0 {
            Self::deposit_event(Event::Deposit { who: who.clone(), amount });
        }
        Ok(())
    }

    /// Creates a credit out of nothing: the issuance grows by `amount`, or by what it can.
    pub fn issue(amount: Balance) -> Credit<T> {
        let old = TotalIssuance::<T>::get();
        let new = old.saturating_add(amount);
        TotalIssuance::<T>::put(new);
        let amount = new.saturating_sub(old);
        Self::deposit_event(Event::Issued { amount });
        Credit::new(amount)
    }
}
