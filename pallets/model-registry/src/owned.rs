//! What an owner registers, and what readers see of it.

use alloc::vec::Vec;

use citrate_core::{AccountId32, Balance, DispatchError, DispatchResult, H256};
use citrate_inference_types::{Access, ModelCard, ModelInfo, ModelStatus};
use citrate_support::pallet_prelude::{Get, ensure};
use citrate_support::traits::fungible::hold::Mutate as _;
use codec::Encode;

use crate::{
    Config, Error, Event, HoldReason, Model, Owned, OwnedCount, Pallet, Registered, Rejections,
};

/// LIMIT: most models in one answer.
const PAGE_MAX: u32 = 100;

impl<T: Config> Pallet<T> {
    /// The deposit for a model with this card.
    pub fn deposit_for(card: &ModelCard) -> Balance {
        let bytes = Balance::try_from(card.encoded_size()).unwrap_or(Balance::MAX);
        T::DepositBase::get().saturating_add(T::DepositPerByte::get().saturating_mul(bytes))
    }

    pub(crate) fn insert(
        owner: AccountId32,
        model: H256,
        card: ModelCard,
        price: Balance,
        previous: Option<H256>,
    ) -> DispatchResult {
        ensure!(!Registered::<T>::contains_key(model), Error::<T>::AlreadyRegistered);
        card.validate().map_err(|_error| Error::<T>::InvalidCard)?;
        let deposit = Self::deposit_for(&card);
        T::Currency::hold(&HoldReason::Model.into(), &owner, deposit)?;
        Self::own(&owner, &model)?;
        let entry = Model {
            owner: owner.clone(),
            card,
            price,
            access: Access::Public,
            share: T::OwnerShare::get(),
            deposit,
            status: ModelStatus::Pending,
            approval: None,
            registered_at: pallet_system::Pallet::<T>::block_number(),
            previous,
            next: None,
        };
        Registered::<T>::insert(model, entry);
        Self::deposit_event(Event::ModelRegistered { model, owner, price, previous });
        Ok(())
    }

    pub(crate) fn own(owner: &AccountId32, model: &H256) -> DispatchResult {
        let count = OwnedCount::<T>::get(owner);
        ensure!(count < T::ModelsPerOwnerMax::get(), Error::<T>::TooManyModels);
        OwnedCount::<T>::insert(owner, count.saturating_add(1));
        Owned::<T>::insert(owner, model, ());
        Ok(())
    }

    pub(crate) fn disown(owner: &AccountId32, model: &H256) {
        Owned::<T>::remove(owner, model);
        match OwnedCount::<T>::get(owner) {
            0 | 1 => OwnedCount::<T>::remove(owner),
            count => OwnedCount::<T>::insert(owner, count.saturating_sub(1)),
        }
    }

    pub(crate) fn owned(owner: &AccountId32, model: &H256) -> Result<Model, DispatchError> {
        let entry = Registered::<T>::get(model).ok_or(Error::<T>::UnknownModel)?;
        ensure!(entry.owner == *owner, Error::<T>::NotOwner);
        Ok(entry)
    }

    /// A model as the runtime's API shows it.
    pub fn info(model: &H256) -> Option<ModelInfo> {
        let rejections = || Rejections::<T>::get(model).into_inner();
        Registered::<T>::get(model).map(|entry| entry.into_info(*model, rejections()))
    }

    /// Up to `limit` models after `start`, in the order of their keys.
    pub fn page(start: Option<H256>, limit: u32) -> Vec<ModelInfo> {
        let limit = usize::try_from(limit.min(PAGE_MAX)).unwrap_or_default();
        let models = match start {
            Some(start) => Registered::<T>::iter_from(Registered::<T>::hashed_key_for(start)),
            None => Registered::<T>::iter(),
        };
        let info = |(model, entry): (H256, Model)| {
            entry.into_info(model, Rejections::<T>::get(model).into_inner())
        };
        models.take(limit).map(info).collect()
    }
}
