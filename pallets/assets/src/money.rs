//! How tokens move.

use crate::{
    Account, AccountStatus, Approval, Approvals, Asset, AssetAccount, AssetDetails, AssetStatus,
    Config, Error, Event, ExistenceReason, HoldReason, Pallet,
};
use citrate_core::{ArithmeticError, Balance, DispatchError, DispatchResult, TokenError};
use citrate_support::ensure;
use citrate_support::traits::Get;
use citrate_support::traits::fungible::hold::Mutate as _;
use citrate_support::traits::tokens::Precision;
use pallet_system::Pallet as System;

/// References that tokens leave an account. Anybody can send somebody tokens, and who has no reference left cannot put
/// money on hold: neither stake nor buy anything.
const CONSUMERS_LEFT: u32 = 2;

/// Whether an account may be left with nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// It may.
    Allowed,
    /// It may not.
    Refused,
}

type Details<T> = AssetDetails<<T as pallet_system::Config>::AccountId>;

impl<T: Config> Pallet<T> {
    /// What an account has of a token.
    pub fn balance(id: u32, who: &T::AccountId) -> Balance {
        Account::<T>::get(id, who).map_or(0, |account| account.balance)
    }

    /// A token of which something may be moved.
    pub(crate) fn live(id: u32) -> Result<Details<T>, DispatchError> {
        let details = Asset::<T>::get(id).ok_or(Error::<T>::Unknown)?;
        ensure!(details.status == AssetStatus::Live, Error::<T>::AssetNotLive);
        Ok(details)
    }

    pub(crate) fn do_mint(
        id: u32,
        issuer: &T::AccountId,
        owner: T::AccountId,
        amount: Balance,
    ) -> DispatchResult {
        let mut details = Self::live(id)?;
        ensure!(details.issuer == *issuer, Error::<T>::NoPermission);
        if amount == 0 {
            return Ok(());
        }
        details.supply = details.supply.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
        Self::credit(&mut details, id, &owner, amount)?;
        Asset::<T>::insert(id, details);
        Self::deposit_event(Event::Issued { asset_id: id, owner, amount });
        Ok(())
    }

    /// Destroys up to `amount`, and what would be less than the least balance with it.
    pub(crate) fn do_burn(
        id: u32,
        admin: &T::AccountId,
        owner: T::AccountId,
        amount: Balance,
    ) -> DispatchResult {
        let mut details = Self::live(id)?;
        ensure!(details.admin == *admin, Error::<T>::NoPermission);
        let most = amount.min(Self::balance(id, &owner));
        let balance = Self::debit(&mut details, id, &owner, most, Death::Allowed)?;
        details.supply = details.supply.saturating_sub(balance);
        Asset::<T>::insert(id, details);
        Self::deposit_event(Event::Burned { asset_id: id, owner, balance });
        Ok(())
    }

    /// Moves some of a token; says how much, since what would be less than the least balance goes along.
    pub(crate) fn do_transfer(
        id: u32,
        from: &T::AccountId,
        to: &T::AccountId,
        amount: Balance,
        death: Death,
    ) -> Result<Balance, DispatchError> {
        let mut details = Self::live(id)?;
        if from == to {
            // Checked as if it went away, so that nobody transfers what it has not got.
            let account = Account::<T>::get(id, from).ok_or(Error::<T>::NoAccount)?;
            ensure!(account.status == AccountStatus::Liquid, Error::<T>::Frozen);
            ensure!(account.balance >= amount, Error::<T>::BalanceLow);
            return Ok(amount);
        }
        if amount == 0 {
            return Ok(0);
        }
        let moved = Self::debit(&mut details, id, from, amount, death)?;
        Self::credit(&mut details, id, to, moved)?;
        Asset::<T>::insert(id, details);
        Self::deposit_event(Event::Transferred {
            asset_id: id,
            from: from.clone(),
            to: to.clone(),
            amount: moved,
        });
        Ok(moved)
    }

    /// Takes `amount` out of an account; says how much that was with what may not stay.
    fn debit(
        details: &mut Details<T>,
        id: u32,
        who: &T::AccountId,
        amount: Balance,
        death: Death,
    ) -> Result<Balance, DispatchError> {
        let mut account = Account::<T>::get(id, who).ok_or(Error::<T>::NoAccount)?;
        ensure!(account.status == AccountStatus::Liquid, Error::<T>::Frozen);
        let left = account.balance.checked_sub(amount).ok_or(Error::<T>::BalanceLow)?;
        if left >= details.min_balance {
            account.balance = left;
            Account::<T>::insert(id, who, account);
            return Ok(amount);
        }
        ensure!(death == Death::Allowed, Error::<T>::WouldDie);
        let all = account.balance;
        if let ExistenceReason::DepositHeld(_) = account.reason {
            // It stays until its deposit is given back.
            account.balance = 0;
            Account::<T>::insert(id, who, account);
        } else {
            Account::<T>::remove(id, who);
            Self::forget(details, who, account.reason)?;
        }
        Ok(all)
    }

    /// Puts `amount` into an account, which is created if need be.
    fn credit(
        details: &mut Details<T>,
        id: u32,
        who: &T::AccountId,
        amount: Balance,
    ) -> DispatchResult {
        let account = match Account::<T>::get(id, who) {
            Some(mut account) => {
                account.balance =
                    account.balance.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
                ensure!(account.balance >= details.min_balance, TokenError::BelowMinimum);
                account
            }
            None => {
                ensure!(amount >= details.min_balance, TokenError::BelowMinimum);
                let reason = Self::refer(details, who)?;
                let status = AccountStatus::Liquid;
                AssetAccount { balance: amount, status, reason, extra: () }
            }
        };
        Account::<T>::insert(id, who, account);
        Ok(())
    }

    /// Keeps an account of the chain alive for a token.
    fn refer(
        details: &mut Details<T>,
        who: &T::AccountId,
    ) -> Result<ExistenceReason, DispatchError> {
        details.accounts = details.accounts.checked_add(1).ok_or(ArithmeticError::Overflow)?;
        if details.is_sufficient {
            System::<T>::inc_sufficients(who);
            details.sufficients = details.sufficients.saturating_add(1);
            return Ok(ExistenceReason::Sufficient);
        }
        System::<T>::inc_consumers(who).map_err(|_none| Error::<T>::UnavailableConsumer)?;
        let taken = System::<T>::consumers(who).saturating_add(CONSUMERS_LEFT);
        ensure!(taken <= T::MaxConsumers::get(), Error::<T>::UnavailableConsumer);
        Ok(ExistenceReason::Consumer)
    }

    /// Lets an account of the chain go as far as a token is concerned.
    pub(crate) fn forget(
        details: &mut Details<T>,
        who: &T::AccountId,
        reason: ExistenceReason,
    ) -> DispatchResult {
        details.accounts = details.accounts.saturating_sub(1);
        match reason {
            ExistenceReason::Sufficient => {
                details.sufficients = details.sufficients.saturating_sub(1);
                System::<T>::dec_sufficients(who);
            }
            ExistenceReason::Consumer => System::<T>::dec_consumers(who),
            ExistenceReason::DepositHeld(deposit) => {
                Self::release(HoldReason::Account, who, deposit)?;
            }
        }
        Ok(())
    }

    pub(crate) fn do_touch(id: u32, who: T::AccountId) -> DispatchResult {
        let mut details = Self::live(id)?;
        ensure!(!Account::<T>::contains_key(id, &who), Error::<T>::AlreadyExists);
        let deposit = T::AssetAccountDeposit::get();
        T::Currency::hold(&HoldReason::Account.into(), &who, deposit)?;
        details.accounts = details.accounts.checked_add(1).ok_or(ArithmeticError::Overflow)?;
        Asset::<T>::insert(id, details);
        let (status, reason) = (AccountStatus::Liquid, ExistenceReason::DepositHeld(deposit));
        Account::<T>::insert(id, &who, AssetAccount { balance: 0, status, reason, extra: () });
        Self::deposit_event(Event::Touched { asset_id: id, who: who.clone(), depositor: who });
        Ok(())
    }

    pub(crate) fn do_refund(id: u32, owner: T::AccountId, allow_burn: bool) -> DispatchResult {
        let mut details = Self::live(id)?;
        let account = Account::<T>::get(id, &owner).ok_or(Error::<T>::NoDeposit)?;
        ensure!(account.reason != ExistenceReason::Sufficient, Error::<T>::NoDeposit);
        ensure!(account.status == AccountStatus::Liquid, Error::<T>::Frozen);
        let balance = account.balance;
        ensure!(balance == 0 || allow_burn, Error::<T>::WouldBurn);
        Account::<T>::remove(id, &owner);
        Self::forget(&mut details, &owner, account.reason)?;
        details.supply = details.supply.saturating_sub(balance);
        Asset::<T>::insert(id, details);
        if balance > 0 {
            Self::deposit_event(Event::Burned { asset_id: id, owner, balance });
        }
        Ok(())
    }

    pub(crate) fn do_approve(
        id: u32,
        owner: T::AccountId,
        delegate: T::AccountId,
        amount: Balance,
    ) -> DispatchResult {
        let mut details = Self::live(id)?;
        let key = (id, owner.clone(), delegate.clone());
        let approval = if let Some(mut approval) = Approvals::<T>::get(key.clone()) {
            approval.amount =
                approval.amount.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
            approval
        } else {
            let deposit = T::ApprovalDeposit::get();
            T::Currency::hold(&HoldReason::Approval.into(), &owner, deposit)?;
            details.approvals =
                details.approvals.checked_add(1).ok_or(ArithmeticError::Overflow)?;
            Asset::<T>::insert(id, details);
            Approval { amount, deposit }
        };
        Approvals::<T>::insert(key, approval);
        Self::deposit_event(Event::ApprovedTransfer {
            asset_id: id,
            source: owner,
            delegate,
            amount,
        });
        Ok(())
    }

    /// Removes an approval and releases the deposit for it.
    pub(crate) fn remove_approval(
        id: u32,
        owner: &T::AccountId,
        delegate: &T::AccountId,
    ) -> DispatchResult {
        let mut details = Asset::<T>::get(id).ok_or(Error::<T>::Unknown)?;
        let approval = Approvals::<T>::take((id, owner.clone(), delegate.clone()))
            .ok_or(Error::<T>::Unknown)?;
        Self::release(HoldReason::Approval, owner, approval.deposit)?;
        details.approvals = details.approvals.saturating_sub(1);
        Asset::<T>::insert(id, details);
        Ok(())
    }

    pub(crate) fn do_transfer_approved(
        id: u32,
        owner: T::AccountId,
        delegate: T::AccountId,
        destination: T::AccountId,
        amount: Balance,
    ) -> DispatchResult {
        let key = (id, owner.clone(), delegate.clone());
        let mut approval = Approvals::<T>::get(key.clone()).ok_or(Error::<T>::Unapproved)?;
        approval.amount = approval.amount.checked_sub(amount).ok_or(Error::<T>::Unapproved)?;
        let amount = Self::do_transfer(id, &owner, &destination, amount, Death::Allowed)?;
        if approval.amount == 0 {
            Self::remove_approval(id, &owner, &delegate)?;
        } else {
            Approvals::<T>::insert(key, approval);
        }
        let asset_id = id;
        Self::deposit_event(Event::TransferredApproved {
            asset_id,
            owner,
            delegate,
            destination,
            amount,
        });
        Ok(())
    }

    pub(crate) fn release(
        reason: HoldReason,
        who: &T::AccountId,
        amount: Balance,
    ) -> DispatchResult {
        // A part may have been slashed.
        T::Currency::release(&reason.into(), who, amount, Precision::BestEffort).map(|_| ())
    }
}
