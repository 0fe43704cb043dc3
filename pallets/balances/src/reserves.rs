//! Reserves, the older form of holds: anonymous ones, and ones under a name.

use crate::{
    BalanceStatus, Config, Credit, Error, Event, Identifier, Pallet, ReserveData, Reserves,
    account::deposit_result,
};
use citrate_core::{ArithmeticError, Balance, DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Moves `amount` of the free balance of `who` to the reserved one.
    ///
    /// # Errors
    /// When the account cannot give so much and keep the existential deposit.
    pub fn reserve(who: &T::AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        Self::ensure_reservable(who, amount)?;
        Self::mutate_account(who, |account| {
            account.free =
                account.free.checked_sub(amount).ok_or(Error::<T>::InsufficientBalance)?;
            account.reserved =
                account.reserved.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
            Ok::<_, DispatchError>(())
        })?;
        Self::deposit_event(Event::Reserved { who: who.clone(), amount });
        Ok(())
    }

    /// Frees up to `amount` of what is reserved anonymously; says how much was missing. Holds and named reserves
    /// are never touched.
    pub fn unreserve(who: &T::AccountId, amount: Balance) -> Balance {
        let anonymous = Self::reserved_balance(who).saturating_sub(Self::earmarked(who));
        let freed = amount.min(anonymous);
        if freed == 0 || Self::free_reserved(who, freed).is_err() {
            return amount;
        }
        Self::deposit_event(Event::Unreserved { who: who.clone(), amount: freed });
        amount.saturating_sub(freed)
    }

    /// Takes up to `amount` of what is reserved anonymously as a credit; says how much was missing.
    pub fn slash_reserved(who: &T::AccountId, amount: Balance) -> (Credit<T>, Balance) {
        let anonymous = Self::reserved_balance(who).saturating_sub(Self::earmarked(who));
        let taken = amount.min(anonymous);
        let result = Self::mutate_account(who, |account| {
            account.reserved =
                account.reserved.checked_sub(taken).ok_or(ArithmeticError::Underflow)?;
            Ok::<_, DispatchError>(())
        });
        if taken == 0 || result.is_err() {
            return (Credit::new(0), amount);
        }
        Self::deposit_event(Event::Slashed { who: who.clone(), amount: taken });
        (Credit::new(taken), amount.saturating_sub(taken))
    }

    /// Moves up to `amount` of what `from` has reserved anonymously to `to`; says how much was missing.
    ///
    /// # Errors
    /// When the receiver does not exist.
    pub fn repatriate_reserved(
        from: &T::AccountId,
        to: &T::AccountId,
        amount: Balance,
        status: BalanceStatus,
    ) -> Result<Balance, DispatchError> {
        let anonymous = Self::reserved_balance(from).saturating_sub(Self::earmarked(from));
        let moved = amount.min(anonymous);
        let missing = amount.saturating_sub(moved);
        if moved == 0 {
            return Ok(missing);
        }
        if from == to {
            return Ok(match status {
                BalanceStatus::Free => Self::unreserve(from, amount),
                BalanceStatus::Reserved => missing,
            });
        }
        if Self::account(to).free < Self::ed() {
            return Err(Error::<T>::DeadAccount.into());
        }
        deposit_result(Self::deposit_consequence(to, moved, false))?;
        Self::mutate_account(from, |account| {
            account.reserved =
                account.reserved.checked_sub(moved).ok_or(ArithmeticError::Underflow)?;
            Ok::<_, DispatchError>(())
        })?;
        Self::mutate_account(to, |account| {
            let balance = match status {
                BalanceStatus::Free => &mut account.free,
                BalanceStatus::Reserved => &mut account.reserved,
            };
            *balance = balance.checked_add(moved).ok_or(ArithmeticError::Overflow)?;
            Ok::<_, DispatchError>(())
        })?;
        Self::deposit_event(Event::ReserveRepatriated {
            from: from.clone(),
            to: to.clone(),
            amount: moved,
            destination_status: status,
        });
        Ok(missing)
    }

    /// What `who` has reserved under `id`.
    pub fn reserved_balance_named(id: &Identifier, who: &T::AccountId) -> Balance {
        Reserves::<T>::get(who).iter().find(|r| r.id == *id).map_or(0, |r| r.amount)
    }

    /// Reserves `amount` under `id`, on top of what is already.
    ///
    /// # Errors
    /// When the account cannot give so much and keep the existential deposit, or has too many reserves.
    pub fn reserve_named(id: &Identifier, who: &T::AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        Self::ensure_reservable(who, amount)?;
        Self::change_reserve(id, who, |r| {
            r.checked_add(amount).ok_or(ArithmeticError::Overflow.into())
        })?;
        Self::reserve(who, amount)
    }

    /// Frees up to `amount` of what is reserved under `id`; says how much was missing.
    pub fn unreserve_named(id: &Identifier, who: &T::AccountId, amount: Balance) -> Balance {
        let freed = amount.min(Self::reserved_balance_named(id, who));
        if freed == 0 || Self::free_reserved(who, freed).is_err() {
            return amount;
        }
        // Less than what is there is taken off, and no entry is added: it cannot fail.
        let _ok = Self::change_reserve(id, who, |r| Ok(r.saturating_sub(freed)));
        Self::deposit_event(Event::Unreserved { who: who.clone(), amount: freed });
        amount.saturating_sub(freed)
    }

    fn free_reserved(who: &T::AccountId, amount: Balance) -> DispatchResult {
        Self::mutate_account(who, |account| {
            account.reserved =
                account.reserved.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
            account.free = account.free.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
            Ok(())
        })
    }

    /// Replaces the amount reserved under `id`, keeping the names in order; an entry of zero goes.
    fn change_reserve(
        id: &Identifier,
        who: &T::AccountId,
        f: impl FnOnce(Balance) -> Result<Balance, DispatchError>,
    ) -> DispatchResult {
        let mut reserves = Reserves::<T>::get(who);
        match reserves.binary_search_by(|r| r.id.cmp(id)) {
            Ok(i) => {
                let amount = f(reserves.get(i).map_or(0, |r| r.amount))?;
                if amount == 0 {
                    reserves.remove(i);
                } else if let Some(reserve) = reserves.get_mut(i) {
                    reserve.amount = amount;
                }
            }
            Err(i) => {
                let amount = f(0)?;
                reserves
                    .try_insert(i, ReserveData { id: *id, amount })
                    .map_err(|_full| Error::<T>::TooManyReserves)?;
            }
        }
        if reserves.is_empty() {
            Reserves::<T>::remove(who);
        } else {
            Reserves::<T>::insert(who, reserves);
        }
        Ok(())
    }
}
