//! What a token's team does: its beginning, names, freezes, and its end.

use crate::{
    Account, AccountStatus, Approvals, Asset, AssetDetails, AssetMetadata, AssetStatus, Config,
    Error, Event, HoldReason, Metadata, Pallet,
};
use citrate_core::{Balance, DispatchError, DispatchResult};
use citrate_support::pallet_prelude::*;
use citrate_support::traits::fungible::hold::Mutate as _;
use citrate_support::traits::tokens::{Fortitude, Precision, Restriction};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_create(
        id: u32,
        owner: T::AccountId,
        admin: T::AccountId,
        min_balance: Balance,
    ) -> DispatchResult {
        let deposit = T::AssetDeposit::get();
        Self::insert_asset(id, &owner, &admin, min_balance, false, deposit)?;
        T::Currency::hold(&HoldReason::Asset.into(), &owner, deposit)?;
        Self::deposit_event(Event::Created { asset_id: id, creator: owner, owner: admin });
        Ok(())
    }

    pub(crate) fn insert_asset(
        id: u32,
        owner: &T::AccountId,
        admin: &T::AccountId,
        min_balance: Balance,
        is_sufficient: bool,
        deposit: Balance,
    ) -> DispatchResult {
        ensure!(!Asset::<T>::contains_key(id), Error::<T>::InUse);
        ensure!(min_balance > 0, Error::<T>::MinBalanceZero);
        let details = AssetDetails {
            owner: owner.clone(),
            issuer: admin.clone(),
            admin: admin.clone(),
            freezer: admin.clone(),
            supply: 0,
            deposit,
            min_balance,
            is_sufficient,
            accounts: 0,
            sufficients: 0,
            approvals: 0,
            status: AssetStatus::Live,
        };
        Asset::<T>::insert(id, details);
        Ok(())
    }

    /// Fails unless somebody has a part in the team of a token that does not end.
    pub(crate) fn ensure_part(
        id: u32,
        has: impl Fn(&AssetDetails<T::AccountId>) -> bool,
    ) -> Result<AssetDetails<T::AccountId>, DispatchError> {
        let details = Asset::<T>::get(id).ok_or(Error::<T>::Unknown)?;
        ensure!(has(&details), Error::<T>::NoPermission);
        ensure!(details.status != AssetStatus::Destroying, Error::<T>::AssetNotLive);
        Ok(details)
    }

    pub(crate) fn set_frozen(id: u32, who: T::AccountId, frozen: bool) -> DispatchResult {
        let mut account = Account::<T>::get(id, &who).ok_or(Error::<T>::NoAccount)?;
        account.status = if frozen { AccountStatus::Frozen } else { AccountStatus::Liquid };
        Account::<T>::insert(id, &who, account);
        Self::deposit_event(if frozen {
            Event::Frozen { asset_id: id, who }
        } else {
            Event::Thawed { asset_id: id, who }
        });
        Ok(())
    }

    pub(crate) fn set_asset_frozen(id: u32, frozen: bool) -> DispatchResult {
        let mut details = Asset::<T>::get(id).ok_or(Error::<T>::Unknown)?;
        if frozen {
            ensure!(details.status == AssetStatus::Live, Error::<T>::AssetNotLive);
            details.status = AssetStatus::Frozen;
        } else {
            ensure!(details.status == AssetStatus::Frozen, Error::<T>::NotFrozen);
            details.status = AssetStatus::Live;
        }
        Asset::<T>::insert(id, details);
        Self::deposit_event(if frozen {
            Event::AssetFrozen { asset_id: id }
        } else {
            Event::AssetThawed { asset_id: id }
        });
        Ok(())
    }

    pub(crate) fn do_transfer_ownership(
        id: u32,
        old: &T::AccountId,
        new: T::AccountId,
    ) -> DispatchResult {
        let mut details = Self::ensure_part(id, |team| team.owner == *old)?;
        if *old == new {
            return Ok(());
        }
        let deposits = details.deposit.saturating_add(Metadata::<T>::get(id).deposit);
        T::Currency::transfer_on_hold(
            &HoldReason::Asset.into(),
            old,
            &new,
            deposits,
            Precision::Exact,
            Restriction::OnHold,
            Fortitude::Force,
        )?;
        details.owner = new.clone();
        Asset::<T>::insert(id, details);
        Self::deposit_event(Event::OwnerChanged { asset_id: id, owner: new });
        Ok(())
    }

    pub(crate) fn do_set_team(
        id: u32,
        owner: &T::AccountId,
        [issuer, admin, freezer]: [T::AccountId; 3],
    ) -> DispatchResult {
        let mut details = Self::ensure_part(id, |team| team.owner == *owner)?;
        details.issuer = issuer.clone();
        details.admin = admin.clone();
        details.freezer = freezer.clone();
        Asset::<T>::insert(id, details);
        Self::deposit_event(Event::TeamChanged { asset_id: id, issuer, admin, freezer });
        Ok(())
    }

    pub(crate) fn do_set_metadata(
        id: u32,
        owner: &T::AccountId,
        name: Vec<u8>,
        symbol: Vec<u8>,
        decimals: u8,
    ) -> DispatchResult {
        Self::ensure_part(id, |team| team.owner == *owner)?;
        let bounded = |text: &Vec<u8>| {
            BoundedVec::try_from(text.clone()).map_err(|_too_long| Error::<T>::BadMetadata)
        };
        let bytes = Balance::try_from(name.len().saturating_add(symbol.len()));
        let deposit = T::MetadataDepositPerByte::get()
            .saturating_mul(bytes.unwrap_or(Balance::MAX))
            .saturating_add(T::MetadataDepositBase::get());
        let metadata = AssetMetadata {
            deposit,
            name: bounded(&name)?,
            symbol: bounded(&symbol)?,
            decimals,
            is_frozen: false,
        };
        Self::change_deposit(owner, Metadata::<T>::get(id).deposit, deposit)?;
        Metadata::<T>::insert(id, metadata);
        Self::deposit_event(Event::MetadataSet {
            asset_id: id,
            name,
            symbol,
            decimals,
            is_frozen: false,
        });
        Ok(())
    }

    pub(crate) fn do_clear_metadata(id: u32, owner: &T::AccountId) -> DispatchResult {
        Self::ensure_part(id, |team| team.owner == *owner)?;
        ensure!(Metadata::<T>::contains_key(id), Error::<T>::Unknown);
        Self::change_deposit(owner, Metadata::<T>::take(id).deposit, 0)?;
        Self::deposit_event(Event::MetadataCleared { asset_id: id });
        Ok(())
    }

    fn change_deposit(owner: &T::AccountId, before: Balance, now: Balance) -> DispatchResult {
        if now > before {
            let more = now.saturating_sub(before);
            return T::Currency::hold(&HoldReason::Asset.into(), owner, more);
        }
        Self::release(HoldReason::Asset, owner, before.saturating_sub(now))
    }

    /// Begins to end a token for its owner, or for whoever may end any.
    pub(crate) fn do_start_destroy(id: u32, owner: Option<&T::AccountId>) -> DispatchResult {
        let mut details =
            Self::ensure_part(id, |team| owner.is_none_or(|owner| team.owner == *owner))?;
        details.status = AssetStatus::Destroying;
        Asset::<T>::insert(id, details);
        Self::deposit_event(Event::DestructionStarted { asset_id: id });
        Ok(())
    }

    fn ending(id: u32) -> Result<AssetDetails<T::AccountId>, DispatchError> {
        let details = Asset::<T>::get(id).ok_or(Error::<T>::Unknown)?;
        ensure!(details.status == AssetStatus::Destroying, Error::<T>::IncorrectStatus);
        Ok(details)
    }

    /// Removes some accounts of a token that ends; says how many.
    pub(crate) fn do_destroy_accounts(id: u32) -> Result<u32, DispatchError> {
        let mut details = Self::ending(id)?;
        let limit = usize::try_from(T::RemoveItemsLimit::get()).unwrap_or(usize::MAX);
        let some: Vec<_> = Account::<T>::iter_prefix(id).take(limit).collect();
        let removed = u32::try_from(some.len()).unwrap_or(u32::MAX);
        for (who, account) in some {
            Account::<T>::remove(id, &who);
            details.supply = details.supply.saturating_sub(account.balance);
            Self::forget(&mut details, &who, account.reason)?;
        }
        let accounts_remaining = details.accounts;
        Asset::<T>::insert(id, details);
        Self::deposit_event(Event::AccountsDestroyed {
            asset_id: id,
            accounts_destroyed: removed,
            accounts_remaining,
        });
        Ok(removed)
    }

    /// Removes some approvals of a token that ends; says how many.
    pub(crate) fn do_destroy_approvals(id: u32) -> Result<u32, DispatchError> {
        let mut details = Self::ending(id)?;
        let limit = usize::try_from(T::RemoveItemsLimit::get()).unwrap_or(usize::MAX);
        let some: Vec<_> = Approvals::<T>::iter_prefix((id,)).take(limit).collect();
        let removed = u32::try_from(some.len()).unwrap_or(u32::MAX);
        for ((owner, delegate), approval) in some {
            Approvals::<T>::remove((id, owner.clone(), delegate));
            Self::release(HoldReason::Approval, &owner, approval.deposit)?;
        }
        details.approvals = details.approvals.saturating_sub(removed);
        let approvals_remaining = details.approvals;
        Asset::<T>::insert(id, details);
        Self::deposit_event(Event::ApprovalsDestroyed {
            asset_id: id,
            approvals_destroyed: removed,
            approvals_remaining,
        });
        Ok(removed)
    }

    pub(crate) fn do_finish_destroy(id: u32) -> DispatchResult {
        let details = Self::ending(id)?;
        ensure!(details.accounts == 0 && details.approvals == 0, Error::<T>::InUse);
        let metadata = Metadata::<T>::take(id);
        let deposits = details.deposit.saturating_add(metadata.deposit);
        Self::release(HoldReason::Asset, &details.owner, deposits)?;
        Asset::<T>::remove(id);
        Self::deposit_event(Event::Destroyed { asset_id: id });
        Ok(())
    }
}
