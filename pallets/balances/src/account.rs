//! The arithmetic of one account, and what is built directly on it: transfer, mint, burn.

use crate::{AccountData, Config, Credit, Error, Event, OnDust, Pallet, TotalIssuance};
use citrate_core::{ArithmeticError, Balance, DispatchError, DispatchResult, TokenError};
use citrate_support::traits::tokens::{
    DepositConsequence, Fortitude, Precision, Preservation, WithdrawConsequence,
};
use citrate_support::traits::{Get, StoredMap};

type System<T> = pallet_system::Pallet<T>;

impl<T: Config> Pallet<T> {
    /// The balances of `who`; all zero for an account that does not exist.
    pub fn account(who: &T::AccountId) -> AccountData {
        T::AccountStore::get(who)
    }

    /// What `who` has neither on hold nor reserved.
    pub fn free_balance(who: &T::AccountId) -> Balance {
        Self::account(who).free
    }

    /// What `who` has on hold and reserved.
    pub fn reserved_balance(who: &T::AccountId) -> Balance {
        Self::account(who).reserved
    }

    /// What `who` can transfer and stay alive.
    pub fn usable_balance(who: &T::AccountId) -> Balance {
        Self::reducible(who, Preservation::Protect, Fortitude::Polite)
    }

    /// The existential deposit.
    pub fn ed() -> Balance {
        T::ExistentialDeposit::get()
    }

    /// Runs `f` on the balances of `who`, then keeps the account's references, its existence and its dust right.
    /// When it fails nothing has changed.
    pub(crate) fn mutate_account<R, E: From<DispatchError>>(
        who: &T::AccountId,
        f: impl FnOnce(&mut AccountData) -> Result<R, E>,
    ) -> Result<R, E> {
        let before = T::AccountStore::get(who);
        let is_new = before == AccountData::default();
        let mut account = before;
        let result = f(&mut account)?;

        let ed = Self::ed();
        let provided = !is_new && before.free >= ed;
        let provides = account.free >= ed;
        let consumed = before.reserved > 0 || before.frozen > 0;
        let consumes = account.reserved > 0 || account.frozen > 0;
        // A provider comes before a consumer that needs it, and goes after it.
        if !provided && provides {
            System::<T>::inc_providers(who);
        }
        if consumed && !consumes {
            System::<T>::dec_consumers(who);
        }
        if !consumed
            && consumes
            && let Err(e) = System::<T>::inc_consumers(who)
        {
            if !provided && provides {
                let _undone = System::<T>::dec_providers(who);
            }
            return Err(e.into());
        }
        if provided
            && !provides
            && let Err(e) = System::<T>::dec_providers(who)
        {
            if consumed && !consumes {
                let _undone = System::<T>::inc_consumers(who);
            }
            if !consumed && consumes {
                System::<T>::dec_consumers(who);
            }
            return Err(e.into());
        }

        let dies = account.free < ed && account.reserved == 0;
        if dies {
            if !is_new {
                T::AccountStore::remove(who)?;
            }
            if account.free > 0 {
                Self::deposit_event(Event::DustLost { account: who.clone(), amount: account.free });
                T::DustRemoval::on_dust(Credit::new(account.free));
            }
        } else {
            T::AccountStore::insert(who, account)?;
            if is_new {
                let free_balance = account.free;
                Self::deposit_event(Event::Endowed { account: who.clone(), free_balance });
            }
        }
        Ok(result)
    }

    /// How much of the free balance of `who` may go.
    pub fn reducible(who: &T::AccountId, preservation: Preservation, force: Fortitude) -> Balance {
        let account = Self::account(who);
        let frozen = match force {
            Fortitude::Polite => account.frozen.saturating_sub(account.reserved),
            Fortitude::Force => 0,
        };
        account.free.saturating_sub(frozen.max(Self::must_stay(who, &account, preservation)))
    }

    /// What must stay for the account, or for what refers to it, to live.
    fn must_stay(who: &T::AccountId, account: &AccountData, preservation: Preservation) -> Balance {
        let needed = match preservation {
            Preservation::Preserve => true,
            Preservation::Protect => account.free > 0 && System::<T>::providers(who) == 1,
            Preservation::Expendable => account.free > 0 && !System::<T>::can_dec_provider(who),
        };
        if needed { Self::ed() } else { 0 }
    }

    /// What would come of adding `amount` to the free balance of `who`.
    pub(crate) fn deposit_consequence(
        who: &T::AccountId,
        amount: Balance,
        minted: bool,
    ) -> DepositConsequence {
        if amount == 0 {
            return DepositConsequence::Success;
        }
        if minted && TotalIssuance::<T>::get().checked_add(amount).is_none() {
            return DepositConsequence::Overflow;
        }
        let account = Self::account(who);
        let Some(free) = account.free.checked_add(amount) else {
            return DepositConsequence::Overflow;
        };
        if free.checked_add(account.reserved).is_none() {
            return DepositConsequence::Overflow;
        }
        if free < Self::ed() {
            return DepositConsequence::BelowMinimum;
        }
        DepositConsequence::Success
    }

    /// What would come of taking `amount` of the free balance of `who`.
    pub(crate) fn withdraw_consequence(
        who: &T::AccountId,
        amount: Balance,
    ) -> WithdrawConsequence<Balance> {
        if amount == 0 {
            return WithdrawConsequence::Success;
        }
        let account = Self::account(who);
        let Some(left) = account.free.checked_sub(amount) else {
            return WithdrawConsequence::BalanceLow;
        };
        if left < account.frozen.saturating_sub(account.reserved) {
            return WithdrawConsequence::Frozen;
        }
        if left < Self::ed() {
            if !System::<T>::can_dec_provider(who) {
                return WithdrawConsequence::WouldDie;
            }
            return WithdrawConsequence::ReducedToZero(left);
        }
        WithdrawConsequence::Success
    }

    /// Takes `amount` of the free balance of `who`, or as much of it as may go, without an event and without
    /// changing the issuance.
    pub(crate) fn take_free(
        who: &T::AccountId,
        amount: Balance,
        preservation: Preservation,
        precision: Precision,
        force: Fortitude,
    ) -> Result<Balance, DispatchError> {
        let reducible = Self::reducible(who, preservation, force);
        let amount = match precision {
            Precision::BestEffort => amount.min(reducible),
            Precision::Exact if amount <= reducible => amount,
            Precision::Exact => return Err(Self::why_not(who, amount, preservation, force)),
        };
        if amount > 0 {
            Self::mutate_account(who, |account| {
                account.free =
                    account.free.checked_sub(amount).ok_or(TokenError::FundsUnavailable)?;
                Ok::<_, DispatchError>(())
            })?;
        }
        Ok(amount)
    }

    /// Adds `amount` to the free balance of `who`, without an event and without changing the issuance.
    pub(crate) fn add_free(who: &T::AccountId, amount: Balance) -> DispatchResult {
        if amount == 0 {
            return Ok(());
        }
        deposit_result(Self::deposit_consequence(who, amount, false))?;
        Self::mutate_account(who, |account| {
            account.free = account.free.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
            Ok(())
        })
    }

    fn why_not(
        who: &T::AccountId,
        amount: Balance,
        preservation: Preservation,
        force: Fortitude,
    ) -> DispatchError {
        let account = Self::account(who);
        let frozen = account.frozen.saturating_sub(account.reserved);
        if amount > account.free {
            TokenError::FundsUnavailable.into()
        } else if force == Fortitude::Polite && amount > account.free.saturating_sub(frozen) {
            TokenError::Frozen.into()
        } else if preservation == Preservation::Expendable {
            TokenError::OnlyProvider.into()
        } else {
            TokenError::NotExpendable.into()
        }
    }

    /// Moves `amount` of free balance from one account to another.
    ///
    /// # Errors
    /// When the sender has less, or must keep it, or the receiver would be below the existential deposit.
    pub fn do_transfer(
        source: &T::AccountId,
        dest: &T::AccountId,
        amount: Balance,
        preservation: Preservation,
    ) -> DispatchResult {
        let reducible = Self::reducible(source, preservation, Fortitude::Polite);
        if amount > reducible {
            return Err(Self::why_not(source, amount, preservation, Fortitude::Polite));
        }
        deposit_result(Self::deposit_consequence(dest, amount, false))?;
        if source == dest {
            return Ok(());
        }
        let amount =
            Self::take_free(source, amount, preservation, Precision::Exact, Fortitude::Polite)?;
        Self::add_free(dest, amount)?;
        Self::deposit_event(Event::Transfer { from: source.clone(), to: dest.clone(), amount });
        Ok(())
    }

    /// Creates `amount` in the account of `who`.
    ///
    /// # Errors
    /// When the issuance would overflow or the account would be below the existential deposit.
    pub fn do_mint(who: &T::AccountId, amount: Balance) -> DispatchResult {
        deposit_result(Self::deposit_consequence(who, amount, true))?;
        Self::add_free(who, amount)?;
        TotalIssuance::<T>::mutate(|issuance| *issuance = issuance.saturating_add(amount));
        Self::deposit_event(Event::Minted { who: who.clone(), amount });
        Ok(())
    }

    /// Destroys `amount` of the free balance of `who`, or as much of it as may go; says how much.
    ///
    /// # Errors
    /// With [`Precision::Exact`], when less than `amount` may go.
    pub fn do_burn(
        who: &T::AccountId,
        amount: Balance,
        preservation: Preservation,
        precision: Precision,
        force: Fortitude,
    ) -> Result<Balance, DispatchError> {
        let burned = Self::take_free(who, amount, preservation, precision, force)?;
        TotalIssuance::<T>::mutate(|issuance| *issuance = issuance.saturating_sub(burned));
        Self::deposit_event(Event::Burned { who: who.clone(), amount: burned });
        Ok(burned)
    }

    /// The pallet's error for a balance that is too low or frozen, as reserves report it.
    pub(crate) fn ensure_reservable(who: &T::AccountId, amount: Balance) -> DispatchResult {
        let account = Self::account(who);
        if amount > account.free {
            return Err(Error::<T>::InsufficientBalance.into());
        }
        if amount > Self::reducible(who, Preservation::Preserve, Fortitude::Force) {
            return Err(Error::<T>::Expendability.into());
        }
        Ok(())
    }
}

/// The error of a consequence that is not a success.
pub(crate) fn deposit_result(consequence: DepositConsequence) -> DispatchResult {
    consequence.into_result()
}
