//! One kind of token: reading, moving and holding it.

use super::{
    Balance, DepositConsequence, Fortitude, Precision, Preservation, Provenance, Restriction,
    WithdrawConsequence,
};
use citrate_core::{DispatchError, DispatchResult, TokenError};
use sp_arithmetic::{
    ArithmeticError,
    traits::{CheckedAdd, CheckedSub, Saturating, Zero},
};

/// Reads balances.
pub trait Inspect<AccountId>: Sized {
    /// An amount.
    type Balance: Balance;
    /// All tokens there are.
    fn total_issuance() -> Self::Balance;
    /// All tokens there are, less those that are out of use.
    fn active_issuance() -> Self::Balance {
        Self::total_issuance()
    }
    /// The least that an account may have.
    fn minimum_balance() -> Self::Balance;
    /// All that an account has, on hold included.
    fn total_balance(who: &AccountId) -> Self::Balance;
    /// What an account has, less what is on hold.
    fn balance(who: &AccountId) -> Self::Balance;
    /// What could leave the account.
    fn reducible_balance(
        who: &AccountId,
        preservation: Preservation,
        force: Fortitude,
    ) -> Self::Balance;
    /// What a deposit would lead to.
    fn can_deposit(
        who: &AccountId,
        amount: Self::Balance,
        provenance: Provenance,
    ) -> DepositConsequence;
    /// What a withdrawal would lead to.
    fn can_withdraw(who: &AccountId, amount: Self::Balance) -> WithdrawConsequence<Self::Balance>;
}

/// Writes balances without keeping the issuance in step: for implementations of [`Mutate`].
pub trait Unbalanced<AccountId>: Inspect<AccountId> {
    /// Tokens that an operation left below the minimum and that belong to nobody now.
    fn handle_dust(dust: Self::Balance);
    /// Sets what an account has free, and returns dust.
    ///
    /// # Errors
    /// The account may not come or go.
    fn write_balance(
        who: &AccountId,
        amount: Self::Balance,
    ) -> Result<Option<Self::Balance>, DispatchError>;
    /// Sets the issuance.
    fn set_total_issuance(amount: Self::Balance);
    /// Takes from an account, and returns how much.
    ///
    /// # Errors
    /// There is too little, or the account may not die.
    fn decrease_balance(
        who: &AccountId,
        mut amount: Self::Balance,
        precision: Precision,
        preservation: Preservation,
        force: Fortitude,
    ) -> Result<Self::Balance, DispatchError> {
        let old = Self::balance(who);
        let reducible = Self::reducible_balance(who, preservation, force);
        match precision {
            Precision::BestEffort => amount = amount.min(reducible),
            Precision::Exact if reducible < amount => {
                return Err(TokenError::FundsUnavailable.into());
            }
            Precision::Exact => {}
        }
        let new = old.checked_sub(&amount).ok_or(TokenError::FundsUnavailable)?;
        if let Some(dust) = Self::write_balance(who, new)? {
            Self::handle_dust(dust);
        }
        Ok(amount)
    }
    /// Gives to an account, and returns how much.
    ///
    /// # Errors
    /// The balance would overflow or be below the minimum.
    fn increase_balance(
        who: &AccountId,
        amount: Self::Balance,
        precision: Precision,
    ) -> Result<Self::Balance, DispatchError> {
        let old = Self::balance(who);
        let new = match precision {
            Precision::Exact => old.checked_add(&amount).ok_or(ArithmeticError::Overflow)?,
            Precision::BestEffort => old.saturating_add(amount),
        };
        if new < Self::minimum_balance() && Self::total_balance(who).is_zero() {
            return match precision {
                Precision::BestEffort => Ok(Self::Balance::zero()),
                Precision::Exact => Err(TokenError::BelowMinimum.into()),
            };
        }
        if new == old {
            return Ok(Self::Balance::zero());
        }
        if let Some(dust) = Self::write_balance(who, new)? {
            Self::handle_dust(dust);
        }
        Ok(new.saturating_sub(old))
    }
}

/// Makes, destroys and moves tokens.
pub trait Mutate<AccountId: Eq>: Inspect<AccountId> + Unbalanced<AccountId> {
    /// Makes tokens in an account.
    ///
    /// # Errors
    /// The account cannot take them.
    fn mint_into(who: &AccountId, amount: Self::Balance) -> Result<Self::Balance, DispatchError> {
        let issuance =
            Self::total_issuance().checked_add(&amount).ok_or(ArithmeticError::Overflow)?;
        let actual = Self::increase_balance(who, amount, Precision::Exact)?;
        Self::set_total_issuance(issuance);
        Self::done_mint_into(who, amount);
        Ok(actual)
    }
    /// Destroys tokens of an account, and returns how many.
    ///
    /// # Errors
    /// There are too few, or the account may not die.
    fn burn_from(
        who: &AccountId,
        amount: Self::Balance,
        preservation: Preservation,
        precision: Precision,
        force: Fortitude,
    ) -> Result<Self::Balance, DispatchError> {
        let actual = Self::decrease_balance(who, amount, precision, preservation, force)?;
        Self::set_total_issuance(Self::total_issuance().saturating_sub(actual));
        Self::done_burn_from(who, actual);
        Ok(actual)
    }
    /// Moves tokens.
    ///
    /// # Errors
    /// There are too few, an account may not die, or the other cannot take them.
    fn transfer(
        source: &AccountId,
        dest: &AccountId,
        amount: Self::Balance,
        preservation: Preservation,
    ) -> Result<Self::Balance, DispatchError> {
        Self::can_withdraw(source, amount).into_result(preservation != Preservation::Expendable)?;
        if source == dest {
            return Ok(amount);
        }
        Self::can_deposit(dest, amount, Provenance::Extant).into_result()?;
        Self::decrease_balance(source, amount, Precision::Exact, preservation, Fortitude::Polite)?;
        Self::increase_balance(dest, amount, Precision::Exact)?;
        Self::done_transfer(source, dest, amount);
        Ok(amount)
    }
    /// Makes an account have this much free, by minting or burning.
    fn set_balance(who: &AccountId, amount: Self::Balance) -> Self::Balance {
        let now = Self::balance(who);
        if amount > now {
            let _ = Self::mint_into(who, amount.saturating_sub(now));
        } else {
            let _ = Self::burn_from(
                who,
                now.saturating_sub(amount),
                Preservation::Expendable,
                Precision::BestEffort,
                Fortitude::Force,
            );
        }
        Self::balance(who)
    }
    /// Tokens were made; for events.
    fn done_mint_into(_who: &AccountId, _amount: Self::Balance) {}
    /// Tokens were destroyed; for events.
    fn done_burn_from(_who: &AccountId, _amount: Self::Balance) {}
    /// Tokens were moved; for events.
    fn done_transfer(_source: &AccountId, _dest: &AccountId, _amount: Self::Balance) {}
}

/// Reads what is on hold.
pub trait InspectHold<AccountId>: Inspect<AccountId> {
    /// Why tokens can be on hold.
    type Reason: codec::Encode + scale_info::TypeInfo + 'static;
    /// All that is on hold.
    fn total_balance_on_hold(who: &AccountId) -> Self::Balance;
    /// What is on hold for a reason.
    fn balance_on_hold(reason: &Self::Reason, who: &AccountId) -> Self::Balance;
    /// Whether a hold for this reason can be.
    fn hold_available(_reason: &Self::Reason, _who: &AccountId) -> bool {
        true
    }
    /// Whether this much can be put on hold.
    fn can_hold(reason: &Self::Reason, who: &AccountId, amount: Self::Balance) -> bool {
        Self::hold_available(reason, who)
            && Self::reducible_balance(who, Preservation::Protect, Fortitude::Force) >= amount
    }
}

/// Puts tokens on hold and takes them off.
pub trait MutateHold<AccountId>: InspectHold<AccountId> {
    /// Puts tokens on hold.
    ///
    /// # Errors
    /// There are too few, or there can be no such hold.
    fn hold(reason: &Self::Reason, who: &AccountId, amount: Self::Balance) -> DispatchResult;
    /// Makes tokens on hold free, and returns how many.
    ///
    /// # Errors
    /// There are too few.
    fn release(
        reason: &Self::Reason,
        who: &AccountId,
        amount: Self::Balance,
        precision: Precision,
    ) -> Result<Self::Balance, DispatchError>;
    /// Destroys tokens on hold, and returns how many.
    ///
    /// # Errors
    /// There are too few.
    fn burn_held(
        reason: &Self::Reason,
        who: &AccountId,
        amount: Self::Balance,
        precision: Precision,
        force: Fortitude,
    ) -> Result<Self::Balance, DispatchError>;
    /// Moves tokens on hold to another account, and returns how many.
    ///
    /// # Errors
    /// There are too few, or the other account cannot take them.
    fn transfer_on_hold(
        reason: &Self::Reason,
        source: &AccountId,
        dest: &AccountId,
        amount: Self::Balance,
        precision: Precision,
        restriction: Restriction,
        force: Fortitude,
    ) -> Result<Self::Balance, DispatchError>;
    /// Makes all tokens on hold for a reason free.
    ///
    /// # Errors
    /// The account is in no state for it.
    fn release_all(
        reason: &Self::Reason,
        who: &AccountId,
        precision: Precision,
    ) -> Result<Self::Balance, DispatchError> {
        Self::release(reason, who, Self::balance_on_hold(reason, who), precision)
    }
    /// Makes exactly this much be on hold.
    ///
    /// # Errors
    /// There are too few free tokens.
    fn set_on_hold(
        reason: &Self::Reason,
        who: &AccountId,
        amount: Self::Balance,
    ) -> DispatchResult {
        let now = Self::balance_on_hold(reason, who);
        if amount > now {
            Self::hold(reason, who, amount.saturating_sub(now))
        } else {
            Self::release(reason, who, now.saturating_sub(amount), Precision::Exact).map(|_| ())
        }
    }
}

/// Reads what is frozen.
pub trait InspectFreeze<AccountId>: Inspect<AccountId> {
    /// What can freeze tokens.
    type Id: codec::Encode + scale_info::TypeInfo + 'static;
    /// What `id` has frozen.
    fn balance_frozen(id: &Self::Id, who: &AccountId) -> Self::Balance;
    /// Whether `id` can freeze.
    fn can_freeze(id: &Self::Id, who: &AccountId) -> bool;
}

/// Freezes tokens.
pub trait MutateFreeze<AccountId>: InspectFreeze<AccountId> {
    /// Makes `id` freeze exactly this much.
    ///
    /// # Errors
    /// There can be no such freeze.
    fn set_freeze(id: &Self::Id, who: &AccountId, amount: Self::Balance) -> DispatchResult;
    /// Makes `id` freeze at least this much.
    ///
    /// # Errors
    /// There can be no such freeze.
    fn extend_freeze(id: &Self::Id, who: &AccountId, amount: Self::Balance) -> DispatchResult;
    /// Ends `id`'s freeze.
    ///
    /// # Errors
    /// The account is in no state for it.
    fn thaw(id: &Self::Id, who: &AccountId) -> DispatchResult;
}

/// Holds, under FRAME's paths.
pub mod hold {
    pub use super::{InspectHold as Inspect, MutateHold as Mutate};
}

/// Freezes, under FRAME's paths.
pub mod freeze {
    pub use super::{InspectFreeze as Inspect, MutateFreeze as Mutate};
}
