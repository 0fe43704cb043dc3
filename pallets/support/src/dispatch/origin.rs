//! The origins that every runtime has.

use citrate_core::DispatchError;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Who makes a call, as the system pallet sees it.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum RawOrigin<AccountId> {
    /// The chain itself; may do anything.
    Root,
    /// An account that signed.
    Signed(AccountId),
    /// Nobody: inherents and unsigned calls.
    None,
    /// Nobody, but a pallet has checked that the call is due.
    Authorized,
}

impl<AccountId> From<Option<AccountId>> for RawOrigin<AccountId> {
    fn from(signer: Option<AccountId>) -> Self {
        signer.map_or(Self::None, Self::Signed)
    }
}

impl<AccountId> RawOrigin<AccountId> {
    /// The account that signed, if any.
    pub fn as_signed(&self) -> Option<&AccountId> {
        match self {
            Self::Signed(who) => Some(who),
            Self::Root | Self::None | Self::Authorized => None,
        }
    }

    /// Whether this is the chain itself.
    pub fn is_root(&self) -> bool {
        matches!(self, Self::Root)
    }

    /// Whether this is nobody.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// The origin may not do what it tries to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadOrigin;

impl From<BadOrigin> for DispatchError {
    fn from(_: BadOrigin) -> Self {
        Self::BadOrigin
    }
}

impl From<BadOrigin> for &'static str {
    fn from(_: BadOrigin) -> Self {
        "bad origin"
    }
}

/// An address could not be resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookupError;

impl From<LookupError> for DispatchError {
    fn from(_: LookupError) -> Self {
        Self::CannotLookup
    }
}

impl From<LookupError> for citrate_core::TransactionValidityError {
    fn from(_: LookupError) -> Self {
        Self::Unknown(citrate_core::UnknownTransaction::CannotLookup)
    }
}
