//! Tokens: balances, holds and what becomes of fees.

mod currency;
pub mod fungible;
mod holds;
mod imbalance;

pub use self::{
    currency::{BalanceStatus, Currency, Imbalance, ReservableCurrency},
    holds::check_holds,
    imbalance::{OnUnbalanced, ResolveTo},
};

use citrate_core::{DispatchError, TokenError};
use codec::{Decode, DecodeWithMemTracking, Encode, FullCodec, MaxEncodedLen};
use core::fmt::Debug;
use scale_info::TypeInfo;
use sp_arithmetic::{ArithmeticError, traits::AtLeast32BitUnsigned};

/// An amount of a token.
pub trait Balance:
    AtLeast32BitUnsigned
    + FullCodec
    + DecodeWithMemTracking
    + Copy
    + Default
    + Debug
    + TypeInfo
    + MaxEncodedLen
    + Send
    + Sync
    + super::MaybeSerializeDeserialize
    + 'static
{
}
impl<T> Balance for T where
    T: AtLeast32BitUnsigned
        + FullCodec
        + DecodeWithMemTracking
        + Copy
        + Default
        + Debug
        + TypeInfo
        + MaxEncodedLen
        + Send
        + Sync
        + super::MaybeSerializeDeserialize
        + 'static
{
}

/// Whether an account may die of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preservation {
    /// It may die.
    Expendable,
    /// It must keep its providers.
    Protect,
    /// It must stay alive, with at least the minimum balance.
    Preserve,
}

/// Whether an operation respects freezes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fortitude {
    /// It does.
    Polite,
    /// It does not.
    Force,
}

/// Whether an operation may do less than asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// All or nothing.
    Exact,
    /// As much as possible.
    BestEffort,
}

/// Where tokens that a deposit creates come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// They are new.
    Minted,
    /// They existed.
    Extant,
}

/// Whether tokens arrive free or on hold.
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
pub enum Restriction {
    /// Free.
    Free,
    /// On hold.
    OnHold,
}

/// Whether an account must survive a withdrawal (of the older interface).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExistenceRequirement {
    /// It must.
    KeepAlive,
    /// It need not.
    AllowDeath,
}

/// Why tokens are withdrawn (of the older interface).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct WithdrawReasons(u8);

impl WithdrawReasons {
    /// To pay for a transaction.
    pub const TRANSACTION_PAYMENT: Self = Self(1);
    /// To transfer.
    pub const TRANSFER: Self = Self(2);
    /// To reserve.
    pub const RESERVE: Self = Self(4);
    /// To pay a fee.
    pub const FEE: Self = Self(8);
    /// To tip.
    pub const TIP: Self = Self(16);

    /// The reasons as bits.
    pub const fn bits(self) -> u8 {
        self.0
    }
}

/// What a withdrawal would lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithdrawConsequence<Balance> {
    /// There are too few tokens.
    BalanceLow,
    /// The account would die and may not.
    WouldDie,
    /// The asset is not known.
    UnknownAsset,
    /// The issuance would underflow.
    Underflow,
    /// An amount overflows.
    Overflow,
    /// The tokens are frozen.
    Frozen,
    /// The account would die and lose this much more.
    ReducedToZero(Balance),
    /// All is well.
    Success,
}

impl<Balance: sp_arithmetic::traits::Zero> WithdrawConsequence<Balance> {
    /// What goes with the withdrawal, or why it cannot be.
    ///
    /// # Errors
    /// The withdrawal cannot be.
    pub fn into_result(self, keep_nonzero: bool) -> Result<Balance, DispatchError> {
        match self {
            Self::BalanceLow => Err(TokenError::FundsUnavailable.into()),
            Self::WouldDie => Err(TokenError::OnlyProvider.into()),
            Self::UnknownAsset => Err(TokenError::UnknownAsset.into()),
            Self::Underflow => Err(ArithmeticError::Underflow.into()),
            Self::Overflow => Err(ArithmeticError::Overflow.into()),
            Self::Frozen => Err(TokenError::Frozen.into()),
            Self::ReducedToZero(_) if keep_nonzero => Err(TokenError::NotExpendable.into()),
            Self::ReducedToZero(dust) => Ok(dust),
            Self::Success => Ok(Balance::zero()),
        }
    }
}

/// What a deposit would lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DepositConsequence {
    /// The account would have less than the minimum.
    BelowMinimum,
    /// The account cannot be created.
    CannotCreate,
    /// The asset is not known.
    UnknownAsset,
    /// An amount overflows.
    Overflow,
    /// The account may not receive.
    Blocked,
    /// All is well.
    Success,
}

impl DepositConsequence {
    /// Why the deposit cannot be, if it cannot.
    ///
    /// # Errors
    /// The deposit cannot be.
    pub fn into_result(self) -> Result<(), DispatchError> {
        Err(match self {
            Self::BelowMinimum => TokenError::BelowMinimum.into(),
            Self::CannotCreate => TokenError::CannotCreate.into(),
            Self::UnknownAsset => TokenError::UnknownAsset.into(),
            Self::Overflow => ArithmeticError::Overflow.into(),
            Self::Blocked => TokenError::Blocked.into(),
            Self::Success => return Ok(()),
        })
    }
}
