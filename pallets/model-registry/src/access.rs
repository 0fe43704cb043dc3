//! Who may submit jobs for a model, and on which terms.

use citrate_core::{AccountId32, Balance, DispatchError, DispatchResult, H256};
use citrate_inference_types::{Access, ModelStatus};
use citrate_support::pallet_prelude::{Get, ensure};
use citrate_support::traits::fungible::hold::Mutate as _;
use citrate_support::traits::tokens::Precision;

use crate::{Config, Error, Event, Granted, HoldReason, Model, Pallet, Registered, Terms};

/// Bytes of an account on a list.
const GRANT_BYTES: Balance = 32;

impl<T: Config> Pallet<T> {
    /// The deposit for an account on a model's list.
    fn deposit_per_grant() -> Balance {
        T::DepositPerByte::get().saturating_mul(GRANT_BYTES)
    }

    pub(crate) fn do_grant(owner: &AccountId32, model: H256, who: AccountId32) -> DispatchResult {
        let mut entry = Self::owned(owner, &model)?;
        let mut granted = Granted::<T>::get(model);
        let Err(at) = granted.binary_search(&who) else {
            return Err(Error::<T>::NoChange.into());
        };
        granted.try_insert(at, who.clone()).map_err(|_account| Error::<T>::TooManyGrants)?;
        let deposit = Self::deposit_per_grant();
        T::Currency::hold(&HoldReason::Model.into(), owner, deposit)?;
        entry.deposit = entry.deposit.saturating_add(deposit);
        Registered::<T>::insert(model, entry);
        Granted::<T>::insert(model, granted);
        Self::deposit_event(Event::AccessGranted { model, who });
        Ok(())
    }

    pub(crate) fn do_revoke(owner: &AccountId32, model: H256, who: AccountId32) -> DispatchResult {
        let mut entry = Self::owned(owner, &model)?;
        let mut granted = Granted::<T>::get(model);
        let at = granted.binary_search(&who).map_err(|_place| Error::<T>::NoChange)?;
        granted.remove(at);
        // The price of a byte may have risen since.
        let deposit = Self::deposit_per_grant().min(entry.deposit);
        T::Currency::release(&HoldReason::Model.into(), owner, deposit, Precision::Exact)?;
        entry.deposit = entry.deposit.saturating_sub(deposit);
        Registered::<T>::insert(model, entry);
        if granted.is_empty() {
            Granted::<T>::remove(model);
        } else {
            Granted::<T>::insert(model, granted);
        }
        Self::deposit_event(Event::AccessRevoked { model, who });
        Ok(())
    }

    /// On which terms an account may submit a job.
    pub(crate) fn terms(
        hash: &H256,
        model: &Model,
        submitter: &AccountId32,
    ) -> Result<Terms, DispatchError> {
        match model.status {
            ModelStatus::Active => {}
            ModelStatus::Pending => return Err(Error::<T>::Pending.into()),
            ModelStatus::Deprecated => return Err(Error::<T>::Deprecated.into()),
        }
        let is_owner = model.owner == *submitter;
        let access_fee = match model.access {
            Access::PayPerUse { fee } if !is_owner => fee,
            Access::List if !is_owner => {
                let is_on_list = Granted::<T>::get(hash).binary_search(submitter).is_ok();
                ensure!(is_on_list, Error::<T>::NoAccess);
                0
            }
            Access::PayPerUse { .. } | Access::List | Access::Public => 0,
        };
        Ok(Terms { access_fee, owner_share: model.share })
    }
}
