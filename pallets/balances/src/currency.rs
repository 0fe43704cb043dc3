//! The older interface, by which pallets that were written to it use balances.

use crate::{Config, Credit, Pallet, TotalIssuance};
use citrate_core::{Balance, DispatchError, DispatchResult, TokenError};
use citrate_support::traits::{
    Get,
    tokens::{
        BalanceStatus, Currency, ExistenceRequirement, Fortitude, Imbalance, Precision,
        Preservation, ReservableCurrency, WithdrawReasons,
    },
};
use core::marker::PhantomData;

impl<T: Config> Imbalance<Balance> for Credit<T> {
    fn zero() -> Self {
        Self::new(0)
    }

    fn peek(&self) -> Balance {
        self.amount()
    }

    fn split(self, amount: Balance) -> (Self, Self) {
        Self::split(self, amount)
    }

    fn merge(self, other: Self) -> Self {
        Self::merge(self, other)
    }

    fn drop_zero(self) -> Result<(), Self> {
        if self.amount() == 0 { Ok(()) } else { Err(self) }
    }
}

/// An amount that is in an account and not yet part of the issuance. Dropping it makes it part.
#[must_use = "dropping a debt adds to the issuance"]
pub struct Debt<T: Config> {
    amount: Balance,
    pallet: PhantomData<T>,
}

impl<T: Config> core::fmt::Debug for Debt<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Debt({})", self.amount)
    }
}

impl<T: Config> Debt<T> {
    /// `amount` must have reached an account without having been part of the issuance.
    fn new(amount: Balance) -> Self {
        Self { amount, pallet: PhantomData }
    }
}

impl<T: Config> Drop for Debt<T> {
    fn drop(&mut self) {
        if self.amount > 0 {
            TotalIssuance::<T>::mutate(|issuance| *issuance = issuance.saturating_add(self.amount));
        }
    }
}

impl<T: Config> Imbalance<Balance> for Debt<T> {
    fn zero() -> Self {
        Self::new(0)
    }

    fn peek(&self) -> Balance {
        self.amount
    }

    fn split(mut self, amount: Balance) -> (Self, Self) {
        let first = amount.min(self.amount);
        let rest = core::mem::take(&mut self.amount).saturating_sub(first);
        (Self::new(first), Self::new(rest))
    }

    fn merge(mut self, mut other: Self) -> Self {
        let sum = core::mem::take(&mut self.amount).saturating_add(other.amount);
        other.amount = 0;
        Self::new(sum)
    }

    fn drop_zero(self) -> Result<(), Self> {
        if self.amount == 0 { Ok(()) } else { Err(self) }
    }
}

fn preservation(existence: ExistenceRequirement) -> Preservation {
    match existence {
        ExistenceRequirement::KeepAlive => Preservation::Preserve,
        ExistenceRequirement::AllowDeath => Preservation::Expendable,
    }
}

impl<T: Config> Currency<T::AccountId> for Pallet<T> {
    type Balance = Balance;
    type PositiveImbalance = Debt<T>;
    type NegativeImbalance = Credit<T>;

    fn total_balance(who: &T::AccountId) -> Balance {
        Self::account(who).total()
    }

    fn free_balance(who: &T::AccountId) -> Balance {
        Self::free_balance(who)
    }

    fn can_slash(who: &T::AccountId, value: Balance) -> bool {
        value <= Self::reducible(who, Preservation::Expendable, Fortitude::Force)
    }

    fn total_issuance() -> Balance {
        TotalIssuance::<T>::get()
    }

    fn minimum_balance() -> Balance {
        T::ExistentialDeposit::get()
    }

    fn issue(amount: Balance) -> Credit<T> {
        Self::issue(amount)
    }

    fn ensure_can_withdraw(
        who: &T::AccountId,
        amount: Balance,
        _reasons: WithdrawReasons,
        new_balance: Balance,
    ) -> DispatchResult {
        let frozen = Self::account(who).frozen;
        if amount > 0 && new_balance < frozen { Err(TokenError::Frozen.into()) } else { Ok(()) }
    }

    fn transfer(
        source: &T::AccountId,
        dest: &T::AccountId,
        value: Balance,
        existence: ExistenceRequirement,
    ) -> DispatchResult {
        Self::do_transfer(source, dest, value, preservation(existence))
    }

    fn slash(who: &T::AccountId, value: Balance) -> (Credit<T>, Balance) {
        let taken = Self::withdraw(
            who,
            value,
            Precision::BestEffort,
            Preservation::Expendable,
            Fortitude::Force,
        );
        let credit = taken.unwrap_or_else(|_| Credit::new(0));
        let missing = value.saturating_sub(credit.amount());
        (credit, missing)
    }

    fn withdraw(
        who: &T::AccountId,
        value: Balance,
        _reasons: WithdrawReasons,
        existence: ExistenceRequirement,
    ) -> Result<Credit<T>, DispatchError> {
        let kept = preservation(existence);
        Self::withdraw(who, value, Precision::Exact, kept, Fortitude::Polite)
    }

    fn deposit_into_existing(who: &T::AccountId, value: Balance) -> Result<Debt<T>, DispatchError> {
        if !<pallet_system::Pallet<T>>::account_exists(who) {
            return Err(crate::Error::<T>::DeadAccount.into());
        }
        Self::give(who, value)
    }

    fn deposit_creating(who: &T::AccountId, value: Balance) -> Debt<T> {
        Self::give(who, value).unwrap_or_else(|_| Debt::new(0))
    }

    fn resolve_into_existing(who: &T::AccountId, value: Credit<T>) -> Result<(), Credit<T>> {
        if <pallet_system::Pallet<T>>::account_exists(who) {
            Self::resolve(who, value)
        } else {
            Err(value)
        }
    }

    fn resolve_creating(who: &T::AccountId, value: Credit<T>) {
        // What comes back is too little for an account, and is destroyed.
        drop(Self::resolve(who, value));
    }
}

impl<T: Config> Pallet<T> {
    /// Adds to an account what is not part of the issuance yet.
    fn give(who: &T::AccountId, value: Balance) -> Result<Debt<T>, DispatchError> {
        crate::account::deposit_result(Self::deposit_consequence(who, value, true))?;
        Self::add_free(who, value)?;
        if value > 0 {
            Self::deposit_event(crate::Event::Deposit { who: who.clone(), amount: value });
        }
        Ok(Debt::new(value))
    }
}

impl<T: Config> ReservableCurrency<T::AccountId> for Pallet<T> {
    fn can_reserve(who: &T::AccountId, value: Balance) -> bool {
        value == 0 || Self::ensure_reservable(who, value).is_ok()
    }

    fn reserved_balance(who: &T::AccountId) -> Balance {
        Self::reserved_balance(who)
    }

    fn reserve(who: &T::AccountId, value: Balance) -> DispatchResult {
        Self::reserve(who, value)
    }

    fn unreserve(who: &T::AccountId, value: Balance) -> Balance {
        Self::unreserve(who, value)
    }

    fn slash_reserved(who: &T::AccountId, value: Balance) -> (Credit<T>, Balance) {
        Self::slash_reserved(who, value)
    }

    fn repatriate_reserved(
        slashed: &T::AccountId,
        beneficiary: &T::AccountId,
        value: Balance,
        status: BalanceStatus,
    ) -> Result<Balance, DispatchError> {
        let status = match status {
            BalanceStatus::Free => crate::BalanceStatus::Free,
            BalanceStatus::Reserved => crate::BalanceStatus::Reserved,
        };
        Self::repatriate_reserved(slashed, beneficiary, value, status)
    }
}
