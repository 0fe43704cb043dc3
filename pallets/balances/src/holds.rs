//! Holds: balance that an account owns and another pallet disposes of, counted per reason.

use crate::{
    Config, Credit, Error, Event, Holds, IdAmount, Pallet, Reserves, TotalIssuance,
    account::deposit_result,
};
use citrate_core::{ArithmeticError, Balance, DispatchError, DispatchResult, TokenError};
use citrate_support::traits::tokens::{Fortitude, Precision, Preservation, Restriction};

impl<T: Config> Pallet<T> {
    /// What `who` has on hold for `reason`.
    pub fn on_hold(reason: &T::RuntimeHoldReason, who: &T::AccountId) -> Balance {
        Holds::<T>::get(who).iter().find(|h| h.id == *reason).map_or(0, |h| h.amount)
    }

    /// What `who` has on hold for all reasons, and reserved under a name.
    pub(crate) fn earmarked(who: &T::AccountId) -> Balance {
        let held =
            Holds::<T>::get(who).iter().fold(0, |sum: Balance, h| sum.saturating_add(h.amount));
        Reserves::<T>::get(who).iter().fold(held, |sum, r| sum.saturating_add(r.amount))
    }

    /// Puts `amount` on hold for `reason`, on top of what is already.
    ///
    /// # Errors
    /// When the account cannot give so much and keep the existential deposit.
    pub fn do_hold(
        reason: &T::RuntimeHoldReason,
        who: &T::AccountId,
        amount: Balance,
    ) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        if amount > Self::reducible(who, Preservation::Preserve, Fortitude::Force) {
            return Err(TokenError::FundsUnavailable.into());
        }
        Self::change_hold(reason, who, |held| {
            held.checked_add(amount).ok_or(ArithmeticError::Overflow.into())
        })?;
        Self::mutate_account(who, |account| {
            account.free = account.free.checked_sub(amount).ok_or(TokenError::FundsUnavailable)?;
            account.reserved =
                account.reserved.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
            Ok::<_, DispatchError>(())
        })?;
        Self::deposit_event(Event::Held { reason: *reason, who: who.clone(), amount });
        Ok(())
    }

    /// Frees `amount` of what is on hold for `reason`, or all of it if it is less and `precision` allows; says
    /// how much.
    ///
    /// # Errors
    /// With [`Precision::Exact`], when less than `amount` is on hold.
    pub fn do_release(
        reason: &T::RuntimeHoldReason,
        who: &T::AccountId,
        amount: Balance,
        precision: Precision,
    ) -> Result<Balance, DispatchError> {
        let amount = Self::held_amount(reason, who, amount, precision, Fortitude::Force)?;
        if amount == 0 {
            return Ok(0);
        }
        Self::take_held(reason, who, amount, amount)?;
        Self::deposit_event(Event::Released { reason: *reason, who: who.clone(), amount });
        Ok(amount)
    }

    /// Destroys `amount` of what is on hold for `reason`; says how much.
    ///
    /// # Errors
    /// With [`Precision::Exact`], when less than `amount` is on hold.
    pub fn do_burn_held(
        reason: &T::RuntimeHoldReason,
        who: &T::AccountId,
        amount: Balance,
        precision: Precision,
        force: Fortitude,
    ) -> Result<Balance, DispatchError> {
        let amount = Self::held_amount(reason, who, amount, precision, force)?;
        if amount == 0 {
            return Ok(0);
        }
        Self::take_held(reason, who, amount, 0)?;
        TotalIssuance::<T>::mutate(|issuance| *issuance = issuance.saturating_sub(amount));
        Self::deposit_event(Event::BurnedHeld { reason: *reason, who: who.clone(), amount });
        Ok(amount)
    }

    /// Takes up to `amount` of what is on hold for `reason` as a credit; also says how much was missing.
    pub fn slash_held(
        reason: &T::RuntimeHoldReason,
        who: &T::AccountId,
        amount: Balance,
    ) -> (Credit<T>, Balance) {
        let taken = amount.min(Self::on_hold(reason, who));
        if taken == 0 || Self::take_held(reason, who, taken, 0).is_err() {
            return (Credit::new(0), amount);
        }
        Self::deposit_event(Event::Slashed { who: who.clone(), amount: taken });
        (Credit::new(taken), amount.saturating_sub(taken))
    }

    /// Moves `amount` of what is on hold for `reason` to another account: free there, or on hold for the same
    /// reason; says how much.
    ///
    /// # Errors
    /// With [`Precision::Exact`], when less than `amount` is on hold; when the receiver cannot take it.
    pub fn do_transfer_on_hold(
        reason: &T::RuntimeHoldReason,
        source: &T::AccountId,
        dest: &T::AccountId,
        amount: Balance,
        precision: Precision,
        restriction: Restriction,
        force: Fortitude,
    ) -> Result<Balance, DispatchError> {
        let amount = Self::held_amount(reason, source, amount, precision, force)?;
        if amount == 0 {
            return Ok(0);
        }
        if source == dest {
            return match restriction {
                Restriction::Free => Self::do_release(reason, source, amount, precision),
                Restriction::OnHold => Ok(amount),
            };
        }
        match restriction {
            Restriction::Free => {
                deposit_result(Self::deposit_consequence(dest, amount, false))?;
                Self::take_held(reason, source, amount, 0)?;
                Self::add_free(dest, amount)?;
            }
            Restriction::OnHold => {
                // A hold needs an account that lives on its own.
                if Self::account(dest).free < Self::ed() {
                    return Err(TokenError::CannotCreateHold.into());
                }
                Self::change_hold(reason, dest, |held| {
                    held.checked_add(amount).ok_or(ArithmeticError::Overflow.into())
                })?;
                Self::mutate_account(dest, |account| {
                    account.reserved =
                        account.reserved.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
                    Ok::<_, DispatchError>(())
                })?;
                Self::take_held(reason, source, amount, 0)?;
            }
        }
        Self::deposit_event(Event::TransferOnHold {
            reason: *reason,
            source: source.clone(),
            dest: dest.clone(),
            amount,
        });
        Ok(amount)
    }

    /// How much of what is on hold may go: all, or what the freezes leave.
    pub(crate) fn held_amount(
        reason: &T::RuntimeHoldReason,
        who: &T::AccountId,
        amount: Balance,
        precision: Precision,
        force: Fortitude,
    ) -> Result<Balance, DispatchError> {
        let held = Self::on_hold(reason, who);
        let available = match force {
            Fortitude::Force => held,
            Fortitude::Polite => {
                let account = Self::account(who);
                let frozen = account.frozen.saturating_sub(account.free);
                held.min(account.reserved.saturating_sub(frozen))
            }
        };
        match precision {
            Precision::BestEffort => Ok(amount.min(available)),
            Precision::Exact if amount <= available => Ok(amount),
            Precision::Exact if amount <= held => Err(TokenError::Frozen.into()),
            Precision::Exact => Err(TokenError::FundsUnavailable.into()),
        }
    }

    /// Takes `amount` off the hold, of which `freed` becomes free.
    pub(crate) fn take_held(
        reason: &T::RuntimeHoldReason,
        who: &T::AccountId,
        amount: Balance,
        freed: Balance,
    ) -> DispatchResult {
        Self::mutate_account(who, |account| {
            account.reserved =
                account.reserved.checked_sub(amount).ok_or(TokenError::FundsUnavailable)?;
            account.free = account.free.checked_add(freed).ok_or(ArithmeticError::Overflow)?;
            Ok::<_, DispatchError>(())
        })?;
        Self::change_hold(reason, who, |held| {
            held.checked_sub(amount).ok_or(TokenError::FundsUnavailable.into())
        })
    }

    /// Replaces the amount on hold for `reason`; an entry of zero goes.
    pub(crate) fn change_hold(
        reason: &T::RuntimeHoldReason,
        who: &T::AccountId,
        f: impl FnOnce(Balance) -> Result<Balance, DispatchError>,
    ) -> DispatchResult {
        let mut holds = Holds::<T>::get(who);
        let position = holds.iter().position(|h| h.id == *reason);
        let held = position.and_then(|i| holds.get(i)).map_or(0, |h| h.amount);
        let amount = f(held)?;
        match position {
            Some(i) if amount == 0 => {
                holds.remove(i);
            }
            Some(i) => {
                if let Some(hold) = holds.get_mut(i) {
                    hold.amount = amount;
                }
            }
            None if amount == 0 => {}
            None => holds
                .try_push(IdAmount { id: *reason, amount })
                .map_err(|_full| Error::<T>::TooManyHolds)?,
        }
        if holds.is_empty() {
            Holds::<T>::remove(who);
        } else {
            Holds::<T>::insert(who, holds);
        }
        Ok(())
    }
}
