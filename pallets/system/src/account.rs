//! Accounts live as long as something provides for them.

use crate::{Account, Config, DecRefStatus, Event, IncRefStatus, Pallet, RefCount};
use citrate_core::DispatchError;
use citrate_support::{
    ensure,
    traits::{Get, HandleLifetime, OnKilledAccount, OnNewAccount, One, StoredMap},
};
use core::marker::PhantomData;
use sp_arithmetic::traits::Saturating;

impl<T: Config> Pallet<T> {
    /// Whether the account exists.
    pub fn account_exists(who: &T::AccountId) -> bool {
        Account::<T>::contains_key(who)
    }

    /// The account's transaction number.
    pub fn account_nonce<EncodeLike: codec::EncodeLike<T::AccountId>>(who: EncodeLike) -> T::Nonce {
        Account::<T>::get(who).nonce
    }

    /// Counts a transaction of the account.
    pub fn inc_account_nonce<EncodeLike: codec::EncodeLike<T::AccountId>>(who: EncodeLike) {
        Account::<T>::mutate(who, |account| {
            account.nonce = account.nonce.saturating_add(T::Nonce::one());
        });
    }

    /// Adds a module that lets the account live.
    pub fn inc_providers(who: &T::AccountId) -> IncRefStatus {
        Account::<T>::mutate(who, |account| {
            let new = account.providers == 0 && account.sufficients == 0;
            account.providers = account.providers.saturating_add(1);
            if new {
                Self::on_created_account(who);
                IncRefStatus::Created
            } else {
                IncRefStatus::Existed
            }
        })
    }

    /// Takes away a module that lets the account live; the last one takes the account with it.
    ///
    /// # Errors
    /// It is the last one, and a module needs the account.
    pub fn dec_providers(who: &T::AccountId) -> Result<DecRefStatus, DispatchError> {
        Account::<T>::try_mutate_exists(who, |slot| {
            let Some(mut account) = slot.take() else {
                return Ok(DecRefStatus::Reaped);
            };
            match (account.providers, account.consumers, account.sufficients) {
                (0 | 1, 0, 0) => {
                    Self::on_killed_account(who.clone());
                    Ok(DecRefStatus::Reaped)
                }
                (1, consumers, _) if consumers > 0 => {
                    *slot = Some(account);
                    Err(DispatchError::ConsumerRemaining)
                }
                _ => {
                    account.providers = account.providers.saturating_sub(1);
                    *slot = Some(account);
                    Ok(DecRefStatus::Exists)
                }
            }
        })
    }

    /// Adds a module that lets the account live for itself alone.
    pub fn inc_sufficients(who: &T::AccountId) -> IncRefStatus {
        Account::<T>::mutate(who, |account| {
            let new = account.providers == 0 && account.sufficients == 0;
            account.sufficients = account.sufficients.saturating_add(1);
            if new {
                Self::on_created_account(who);
                IncRefStatus::Created
            } else {
                IncRefStatus::Existed
            }
        })
    }

    /// Takes away a module that lets the account live for itself alone.
    pub fn dec_sufficients(who: &T::AccountId) -> DecRefStatus {
        Account::<T>::mutate_exists(who, |slot| {
            let Some(mut account) = slot.take() else {
                return DecRefStatus::Reaped;
            };
            match (account.sufficients, account.providers) {
                (0 | 1, 0) => {
                    Self::on_killed_account(who.clone());
                    DecRefStatus::Reaped
                }
                _ => {
                    account.sufficients = account.sufficients.saturating_sub(1);
                    *slot = Some(account);
                    DecRefStatus::Exists
                }
            }
        })
    }

    /// Adds a module that needs the account.
    ///
    /// # Errors
    /// Nothing provides for the account, or too many need it.
    pub fn inc_consumers(who: &T::AccountId) -> Result<(), DispatchError> {
        Account::<T>::try_mutate(who, |account| {
            ensure!(account.providers > 0, DispatchError::NoProviders);
            ensure!(account.consumers < T::MaxConsumers::get(), DispatchError::TooManyConsumers);
            account.consumers = account.consumers.saturating_add(1);
            Ok(())
        })
    }

    /// Adds a module that needs the account, however many there are.
    ///
    /// # Errors
    /// Nothing provides for the account.
    pub fn inc_consumers_without_limit(who: &T::AccountId) -> Result<(), DispatchError> {
        Account::<T>::try_mutate(who, |account| {
            ensure!(account.providers > 0, DispatchError::NoProviders);
            account.consumers = account.consumers.saturating_add(1);
            Ok(())
        })
    }

    /// Takes away a module that needs the account.
    pub fn dec_consumers(who: &T::AccountId) {
        Account::<T>::mutate_exists(who, |slot| {
            if let Some(account) = slot {
                account.consumers = account.consumers.saturating_sub(1);
            }
        });
    }

    /// How many modules need the account.
    pub fn consumers(who: &T::AccountId) -> RefCount {
        Account::<T>::get(who).consumers
    }

    /// How many modules let the account live.
    pub fn providers(who: &T::AccountId) -> RefCount {
        Account::<T>::get(who).providers
    }

    /// How many modules let the account live for themselves alone.
    pub fn sufficients(who: &T::AccountId) -> RefCount {
        Account::<T>::get(who).sufficients
    }

    /// How many modules let the account live, of both kinds.
    pub fn reference_count(who: &T::AccountId) -> RefCount {
        let account = Account::<T>::get(who);
        account.providers.saturating_add(account.sufficients)
    }

    /// Whether a module needs the account and only one provides for it.
    pub fn is_provider_required(who: &T::AccountId) -> bool {
        Account::<T>::get(who).consumers != 0
    }

    /// Whether a provider can be taken away.
    pub fn can_dec_provider(who: &T::AccountId) -> bool {
        let account = Account::<T>::get(who);
        account.consumers == 0 || account.providers > 1
    }

    /// Whether this many consumers can be added.
    pub fn can_accrue_consumers(who: &T::AccountId, amount: u32) -> bool {
        let account = Account::<T>::get(who);
        account.providers > 0
            && account
                .consumers
                .checked_add(amount)
                .is_some_and(|total| total <= T::MaxConsumers::get())
    }

    /// Whether a consumer can be added.
    pub fn can_inc_consumer(who: &T::AccountId) -> bool {
        Self::can_accrue_consumers(who, 1)
    }

    fn on_created_account(who: &T::AccountId) {
        T::OnNewAccount::on_new_account(who);
        Self::deposit_event(Event::NewAccount { account: who.clone() });
    }

    fn on_killed_account(who: T::AccountId) {
        T::OnKilledAccount::on_killed_account(&who);
        Self::deposit_event(Event::KilledAccount { account: who });
    }
}

/// Lets accounts live by providers.
#[derive(Debug)]
pub struct Provider<T>(PhantomData<T>);

impl<T: Config> HandleLifetime<T::AccountId> for Provider<T> {
    fn created(who: &T::AccountId) -> Result<(), DispatchError> {
        Pallet::<T>::inc_providers(who);
        Ok(())
    }
    fn killed(who: &T::AccountId) -> Result<(), DispatchError> {
        Pallet::<T>::dec_providers(who).map(|_| ())
    }
}

/// Lets accounts live by sufficient references.
#[derive(Debug)]
pub struct SelfSufficient<T>(PhantomData<T>);

impl<T: Config> HandleLifetime<T::AccountId> for SelfSufficient<T> {
    fn created(who: &T::AccountId) -> Result<(), DispatchError> {
        Pallet::<T>::inc_sufficients(who);
        Ok(())
    }
    fn killed(who: &T::AccountId) -> Result<(), DispatchError> {
        Pallet::<T>::dec_sufficients(who);
        Ok(())
    }
}

/// Needs accounts that something else provides for.
#[derive(Debug)]
pub struct Consumer<T>(PhantomData<T>);

impl<T: Config> HandleLifetime<T::AccountId> for Consumer<T> {
    fn created(who: &T::AccountId) -> Result<(), DispatchError> {
        Pallet::<T>::inc_consumers(who)
    }
    fn killed(who: &T::AccountId) -> Result<(), DispatchError> {
        Pallet::<T>::dec_consumers(who);
        Ok(())
    }
}

impl<T: Config> StoredMap<T::AccountId, T::AccountData> for Pallet<T> {
    fn get(who: &T::AccountId) -> T::AccountData {
        Account::<T>::get(who).data
    }

    fn try_mutate_exists<R, E: From<DispatchError>>(
        who: &T::AccountId,
        f: impl FnOnce(&mut Option<T::AccountData>) -> Result<R, E>,
    ) -> Result<R, E> {
        let account = Account::<T>::get(who);
        let provided = account.data != T::AccountData::default();
        let mut data = provided.then_some(account.data);
        let result = f(&mut data)?;
        // An account without references does not exist, and has no data.
        if Self::reference_count(who) > 0 {
            Account::<T>::mutate(who, |account| account.data = data.unwrap_or_default());
        } else {
            Account::<T>::remove(who);
        }
        Ok(result)
    }
}
