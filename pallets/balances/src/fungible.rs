//! The fungible traits, by which other pallets use balances.

use crate::{Config, Credit, Event, OnDust, Pallet, TotalIssuance};
use citrate_core::{Balance, DispatchError, DispatchResult};
use citrate_support::traits::tokens::{
    DepositConsequence, Fortitude, Precision, Preservation, Provenance, Restriction,
    WithdrawConsequence, fungible,
};
use citrate_support::traits::{Get, VariantCount};

impl<T: Config> fungible::Inspect<T::AccountId> for Pallet<T> {
    type Balance = Balance;

    fn total_issuance() -> Balance {
        TotalIssuance::<T>::get()
    }

    fn active_issuance() -> Balance {
        TotalIssuance::<T>::get().saturating_sub(crate::InactiveIssuance::<T>::get())
    }

    fn minimum_balance() -> Balance {
        T::ExistentialDeposit::get()
    }

    fn total_balance(who: &T::AccountId) -> Balance {
        Self::account(who).total()
    }

    fn balance(who: &T::AccountId) -> Balance {
        Self::account(who).free
    }

    fn reducible_balance(
        who: &T::AccountId,
        preservation: Preservation,
        force: Fortitude,
    ) -> Balance {
        Self::reducible(who, preservation, force)
    }

    fn can_deposit(
        who: &T::AccountId,
        amount: Balance,
        provenance: Provenance,
    ) -> DepositConsequence {
        Self::deposit_consequence(who, amount, provenance == Provenance::Minted)
    }

    fn can_withdraw(who: &T::AccountId, amount: Balance) -> WithdrawConsequence<Balance> {
        Self::withdraw_consequence(who, amount)
    }
}

impl<T: Config> fungible::Unbalanced<T::AccountId> for Pallet<T> {
    fn handle_dust(dust: Balance) {
        T::DustRemoval::on_dust(Credit::new(dust));
    }

    fn write_balance(
        who: &T::AccountId,
        amount: Balance,
    ) -> Result<Option<Balance>, DispatchError> {
        // Dust is handled on the way.
        Self::mutate_account(who, |account| {
            account.free = amount;
            Ok::<_, DispatchError>(None)
        })
    }

    fn set_total_issuance(amount: Balance) {
        TotalIssuance::<T>::put(amount);
    }
}

impl<T: Config> fungible::Mutate<T::AccountId> for Pallet<T> {
    fn mint_into(who: &T::AccountId, amount: Balance) -> Result<Balance, DispatchError> {
        Self::do_mint(who, amount).map(|()| amount)
    }

    fn burn_from(
        who: &T::AccountId,
        amount: Balance,
        preservation: Preservation,
        precision: Precision,
        force: Fortitude,
    ) -> Result<Balance, DispatchError> {
        Self::do_burn(who, amount, preservation, precision, force)
    }

    fn transfer(
        source: &T::AccountId,
        dest: &T::AccountId,
        amount: Balance,
        preservation: Preservation,
    ) -> Result<Balance, DispatchError> {
        Self::do_transfer(source, dest, amount, preservation).map(|()| amount)
    }

    fn done_mint_into(who: &T::AccountId, amount: Balance) {
        Self::deposit_event(Event::Minted { who: who.clone(), amount });
    }

    fn done_burn_from(who: &T::AccountId, amount: Balance) {
        Self::deposit_event(Event::Burned { who: who.clone(), amount });
    }

    fn done_transfer(source: &T::AccountId, dest: &T::AccountId, amount: Balance) {
        Self::deposit_event(Event::Transfer { from: source.clone(), to: dest.clone(), amount });
    }
}

impl<T: Config> fungible::InspectHold<T::AccountId> for Pallet<T> {
    type Reason = T::RuntimeHoldReason;

    fn total_balance_on_hold(who: &T::AccountId) -> Balance {
        Self::account(who).reserved
    }

    fn balance_on_hold(reason: &Self::Reason, who: &T::AccountId) -> Balance {
        Self::on_hold(reason, who)
    }

    fn hold_available(reason: &Self::Reason, who: &T::AccountId) -> bool {
        pallet_system::Pallet::<T>::providers(who) > 0 && Self::has_room_for_hold(reason, who)
    }

    fn can_hold(reason: &Self::Reason, who: &T::AccountId, amount: Balance) -> bool {
        Self::has_room_for_hold(reason, who)
            && Self::reducible(who, Preservation::Preserve, Fortitude::Force) >= amount
    }
}

impl<T: Config> fungible::MutateHold<T::AccountId> for Pallet<T> {
    fn hold(reason: &Self::Reason, who: &T::AccountId, amount: Balance) -> DispatchResult {
        Self::do_hold(reason, who, amount)
    }

    fn release(
        reason: &Self::Reason,
        who: &T::AccountId,
        amount: Balance,
        precision: Precision,
    ) -> Result<Balance, DispatchError> {
        Self::do_release(reason, who, amount, precision)
    }

    fn burn_held(
        reason: &Self::Reason,
        who: &T::AccountId,
        amount: Balance,
        precision: Precision,
        force: Fortitude,
    ) -> Result<Balance, DispatchError> {
        Self::do_burn_held(reason, who, amount, precision, force)
    }

    fn transfer_on_hold(
        reason: &Self::Reason,
        source: &T::AccountId,
        dest: &T::AccountId,
        amount: Balance,
        precision: Precision,
        restriction: Restriction,
        force: Fortitude,
    ) -> Result<Balance, DispatchError> {
        Self::do_transfer_on_hold(reason, source, dest, amount, precision, restriction, force)
    }
}

impl<T: Config> fungible::InspectFreeze<T::AccountId> for Pallet<T> {
    type Id = T::RuntimeFreezeReason;

    fn balance_frozen(id: &Self::Id, who: &T::AccountId) -> Balance {
        Self::frozen_for(id, who)
    }

    fn can_freeze(id: &Self::Id, who: &T::AccountId) -> bool {
        let freezes = crate::Freezes::<T>::get(who);
        let limit = T::MaxFreezes::get().min(T::RuntimeFreezeReason::VARIANT_COUNT);
        freezes.iter().any(|f| f.id == *id)
            || u32::try_from(freezes.len()).is_ok_and(|len| len < limit)
    }
}

impl<T: Config> fungible::MutateFreeze<T::AccountId> for Pallet<T> {
    fn set_freeze(id: &Self::Id, who: &T::AccountId, amount: Balance) -> DispatchResult {
        Self::do_set_freeze(id, who, amount)
    }

    fn extend_freeze(id: &Self::Id, who: &T::AccountId, amount: Balance) -> DispatchResult {
        let amount = amount.max(Self::frozen_for(id, who));
        Self::do_set_freeze(id, who, amount)
    }

    fn thaw(id: &Self::Id, who: &T::AccountId) -> DispatchResult {
        if Self::frozen_for(id, who) == 0 {
            return Ok(());
        }
        Self::do_set_freeze(id, who, 0)
    }
}

impl<T: Config> Pallet<T> {
    fn has_room_for_hold(reason: &T::RuntimeHoldReason, who: &T::AccountId) -> bool {
        let holds = crate::Holds::<T>::get(who);
        holds.iter().any(|h| h.id == *reason)
            || u32::try_from(holds.len()).is_ok_and(|len| len < T::RuntimeHoldReason::VARIANT_COUNT)
    }
}
