//! Locks and freezes: what may not leave an account. They overlap, and what is on hold counts towards them.

use crate::{
    BalanceLock, Config, Error, Event, Freezes, IdAmount, Identifier, Locks, Pallet, Reasons,
};
use citrate_core::{Balance, DispatchError, DispatchResult};
use citrate_support::BoundedVec;
use core::cmp::Ordering;

impl<T: Config> Pallet<T> {
    /// Sets the lock `id` of `who`: `amount` may not leave the account; zero removes it.
    ///
    /// # Errors
    /// When the account has too many locks, or does not exist.
    pub fn set_lock(
        id: Identifier,
        who: &T::AccountId,
        amount: Balance,
        reasons: Reasons,
    ) -> DispatchResult {
        let mut locks = Locks::<T>::get(who);
        locks.retain(|l| l.id != id);
        if amount > 0 {
            locks
                .try_push(BalanceLock { id, amount, reasons })
                .map_err(|_full| Error::<T>::TooManyLocks)?;
        }
        Self::store_locks(who, locks)
    }

    /// Raises the lock `id` of `who` to at least `amount`.
    ///
    /// # Errors
    /// When the account has too many locks, or does not exist.
    pub fn extend_lock(
        id: Identifier,
        who: &T::AccountId,
        amount: Balance,
        reasons: Reasons,
    ) -> DispatchResult {
        let old = Locks::<T>::get(who).iter().find(|l| l.id == id).cloned();
        let (amount, reasons) = match old {
            Some(lock) if lock.reasons != reasons => (lock.amount.max(amount), Reasons::All),
            Some(lock) => (lock.amount.max(amount), reasons),
            None => (amount, reasons),
        };
        Self::set_lock(id, who, amount, reasons)
    }

    /// Removes the lock `id` of `who`.
    ///
    /// # Errors
    /// When the account's references are broken.
    pub fn remove_lock(id: Identifier, who: &T::AccountId) -> DispatchResult {
        Self::set_lock(id, who, 0, Reasons::All)
    }

    /// What is frozen for `reason`.
    pub fn frozen_for(reason: &T::RuntimeFreezeReason, who: &T::AccountId) -> Balance {
        Freezes::<T>::get(who).iter().find(|f| f.id == *reason).map_or(0, |f| f.amount)
    }

    /// Sets what may not leave the account for `reason`; zero thaws it.
    ///
    /// # Errors
    /// When the account has too many freezes, or does not exist.
    pub fn do_set_freeze(
        reason: &T::RuntimeFreezeReason,
        who: &T::AccountId,
        amount: Balance,
    ) -> DispatchResult {
        let mut freezes = Freezes::<T>::get(who);
        freezes.retain(|f| f.id != *reason);
        if amount > 0 {
            freezes
                .try_push(IdAmount { id: *reason, amount })
                .map_err(|_full| Error::<T>::TooManyFreezes)?;
        }
        let locks = Locks::<T>::get(who);
        Self::update_frozen(who, &locks, &freezes)?;
        if freezes.is_empty() {
            Freezes::<T>::remove(who);
        } else {
            Freezes::<T>::insert(who, freezes);
        }
        Ok(())
    }

    fn store_locks(
        who: &T::AccountId,
        locks: BoundedVec<BalanceLock, T::MaxLocks>,
    ) -> DispatchResult {
        let old = Locks::<T>::get(who).iter().map(|l| l.amount).max().unwrap_or(0);
        let new = locks.iter().map(|l| l.amount).max().unwrap_or(0);
        Self::update_frozen(who, &locks, &Freezes::<T>::get(who))?;
        if locks.is_empty() {
            Locks::<T>::remove(who);
        } else {
            Locks::<T>::insert(who, locks);
        }
        let who = who.clone();
        match new.cmp(&old) {
            Ordering::Greater => {
                Self::deposit_event(Event::Locked { who, amount: new.saturating_sub(old) });
            }
            Ordering::Less => {
                Self::deposit_event(Event::Unlocked { who, amount: old.saturating_sub(new) });
            }
            Ordering::Equal => {}
        }
        Ok(())
    }

    /// `frozen` is the largest of all locks and freezes.
    fn update_frozen(
        who: &T::AccountId,
        locks: &[BalanceLock],
        freezes: &[IdAmount<T::RuntimeFreezeReason>],
    ) -> DispatchResult {
        let before = Self::account(who).frozen;
        let frozen = locks
            .iter()
            .map(|l| l.amount)
            .chain(freezes.iter().map(|f| f.amount))
            .max()
            .unwrap_or(0);
        Self::mutate_account(who, |account| {
            if account.total() == 0 {
                return Err(DispatchError::from(Error::<T>::DeadAccount));
            }
            account.frozen = frozen;
            Ok(())
        })?;
        let who = who.clone();
        match frozen.cmp(&before) {
            Ordering::Greater => {
                Self::deposit_event(Event::Frozen { who, amount: frozen.saturating_sub(before) });
            }
            Ordering::Less => {
                Self::deposit_event(Event::Thawed { who, amount: before.saturating_sub(frozen) });
            }
            Ordering::Equal => {}
        }
        Ok(())
    }
}
