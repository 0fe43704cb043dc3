//! The older interface of a token, for pallets that were written to it. New ones use
//! [`fungible`](super::fungible), which has holds with reasons.

use super::{Balance, ExistenceRequirement, WithdrawReasons};
use citrate_core::{DispatchError, DispatchResult};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Money in flight: taken from an account and not yet given, or given and not yet taken.
#[must_use = "dropping an imbalance changes the issuance"]
pub trait Imbalance<B>: Sized {
    /// Nothing.
    fn zero() -> Self;
    /// How much it is.
    fn peek(&self) -> B;
    /// Parts it in up to `amount` and the rest.
    fn split(self, amount: B) -> (Self, Self);
    /// Puts two together.
    fn merge(self, other: Self) -> Self;
    /// Takes another one in.
    fn subsume(&mut self, other: Self) {
        let this = core::mem::replace(self, Self::zero());
        *self = this.merge(other);
    }
    /// Drops it if it is nothing.
    ///
    /// # Errors
    /// It is something, and given back.
    fn drop_zero(self) -> Result<(), Self>;
}

/// Which part of a balance something goes to.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum BalanceStatus {
    /// What the account can use.
    Free,
    /// What is set aside.
    Reserved,
}

/// A token with one kind of balance per account.
pub trait Currency<AccountId> {
    /// An amount.
    type Balance: Balance;
    /// Given to an account and not yet part of the issuance; dropping it makes it part.
    type PositiveImbalance: Imbalance<Self::Balance>;
    /// Taken from an account and still part of the issuance; dropping it destroys it.
    type NegativeImbalance: Imbalance<Self::Balance>;

    /// All that an account has, reserved or not.
    fn total_balance(who: &AccountId) -> Self::Balance;
    /// What an account has that is not reserved.
    fn free_balance(who: &AccountId) -> Self::Balance;
    /// Whether as much could be slashed.
    fn can_slash(who: &AccountId, value: Self::Balance) -> bool;
    /// All the money there is.
    fn total_issuance() -> Self::Balance;
    /// The least that an account may have.
    fn minimum_balance() -> Self::Balance;
    /// Money out of nothing, for no account yet.
    fn issue(amount: Self::Balance) -> Self::NegativeImbalance;
    /// Fails if an account could not pay as much and have `new_balance` afterwards.
    ///
    /// # Errors
    /// It could not.
    fn ensure_can_withdraw(
        who: &AccountId,
        amount: Self::Balance,
        reasons: WithdrawReasons,
        new_balance: Self::Balance,
    ) -> DispatchResult;
    /// Moves money between accounts.
    ///
    /// # Errors
    /// The sender cannot pay, or the receiver cannot receive.
    fn transfer(
        source: &AccountId,
        dest: &AccountId,
        value: Self::Balance,
        existence: ExistenceRequirement,
    ) -> DispatchResult;
    /// Takes up to `value` as a punishment; says how much was missing.
    fn slash(who: &AccountId, value: Self::Balance) -> (Self::NegativeImbalance, Self::Balance);
    /// Takes money.
    ///
    /// # Errors
    /// The account cannot pay.
    fn withdraw(
        who: &AccountId,
        value: Self::Balance,
        reasons: WithdrawReasons,
        existence: ExistenceRequirement,
    ) -> Result<Self::NegativeImbalance, DispatchError>;
    /// Gives new money to an account that exists.
    ///
    /// # Errors
    /// There is no such account.
    fn deposit_into_existing(
        who: &AccountId,
        value: Self::Balance,
    ) -> Result<Self::PositiveImbalance, DispatchError>;
    /// Gives new money to an account, which is made if it is not there; nothing if that is too
    /// little for an account.
    fn deposit_creating(who: &AccountId, value: Self::Balance) -> Self::PositiveImbalance;

    /// Gives money in flight to an account that exists.
    ///
    /// # Errors
    /// There is no such account; the money is given back.
    fn resolve_into_existing(
        who: &AccountId,
        value: Self::NegativeImbalance,
    ) -> Result<(), Self::NegativeImbalance>;
    /// Gives money in flight to an account, which is made if it is not there; what is too little
    /// for an account is destroyed.
    fn resolve_creating(who: &AccountId, value: Self::NegativeImbalance);
}

/// A token of which accounts can set something aside.
pub trait ReservableCurrency<AccountId>: Currency<AccountId> {
    /// Whether as much could be reserved.
    fn can_reserve(who: &AccountId, value: Self::Balance) -> bool;
    /// What is reserved.
    fn reserved_balance(who: &AccountId) -> Self::Balance;
    /// Sets money aside.
    ///
    /// # Errors
    /// The account does not have it to spare.
    fn reserve(who: &AccountId, value: Self::Balance) -> DispatchResult;
    /// Makes up to `value` of what is reserved free; says how much was missing.
    fn unreserve(who: &AccountId, value: Self::Balance) -> Self::Balance;
    /// Takes up to `value` of what is reserved; says how much was missing.
    fn slash_reserved(
        who: &AccountId,
        value: Self::Balance,
    ) -> (Self::NegativeImbalance, Self::Balance);
    /// Moves up to `value` of what is reserved to another account; says how much was missing.
    ///
    /// # Errors
    /// The receiver does not exist.
    fn repatriate_reserved(
        slashed: &AccountId,
        beneficiary: &AccountId,
        value: Self::Balance,
        status: BalanceStatus,
    ) -> Result<Self::Balance, DispatchError>;
}
