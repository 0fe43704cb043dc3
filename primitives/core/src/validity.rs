//! Whether a transaction may be included, and why not.

use crate::DispatchError;
use alloc::{vec, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// Orders transactions that compete for space: higher first.
pub type TransactionPriority = u64;
/// Blocks for which a transaction stays valid.
pub type TransactionLongevity = u64;
/// What a transaction provides or requires, for example an account's nonce.
pub type TransactionTag = Vec<u8>;

/// Whether a transaction may enter the pool, and how it is ordered there.
pub type TransactionValidity = Result<ValidTransaction, TransactionValidityError>;

/// Outer: whether the extrinsic may be in a block at all. Inner: whether its dispatch succeeded.
pub type ApplyExtrinsicResult = Result<Result<(), DispatchError>, TransactionValidityError>;

/// A transaction that can never be valid as it stands, or not now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum InvalidTransaction {
    /// The call is not expected here.
    Call,
    /// The sender cannot pay the fees.
    Payment,
    /// The transaction's nonce is too high.
    Future,
    /// The transaction's nonce is too low.
    Stale,
    /// The signature does not match.
    BadProof,
    /// The era's first block is unknown or too old.
    AncientBirthBlock,
    /// The block has no room left.
    ExhaustsResources,
    /// A reason of the runtime's own.
    Custom(u8),
    /// An inherent failed.
    BadMandatory,
    /// A transaction claims to be an inherent.
    MandatoryValidation,
    /// The signer cannot exist.
    BadSigner,
    /// An extension's implicit data cannot be computed.
    IndeterminateImplicit,
    /// No extension authorised an origin.
    UnknownOrigin,
}

impl InvalidTransaction {
    /// Whether the transaction may yet become valid in a later block.
    pub fn exhausted_resources(&self) -> bool {
        matches!(self, Self::ExhaustsResources)
    }
}

impl From<InvalidTransaction> for &'static str {
    fn from(invalid: InvalidTransaction) -> Self {
        match invalid {
            InvalidTransaction::Call => "Transaction call is not expected",
            InvalidTransaction::Future => "Transaction will be valid in the future",
            InvalidTransaction::Stale => "Transaction is outdated",
            InvalidTransaction::BadProof => "Transaction has a bad signature",
            InvalidTransaction::AncientBirthBlock => "Transaction has an ancient birth block",
            InvalidTransaction::ExhaustsResources => "Transaction would exhaust the block limits",
            InvalidTransaction::Payment => {
                "Inability to pay some fees (e.g. account balance too low)"
            }
            InvalidTransaction::BadMandatory => {
                "A call was labelled as mandatory, but resulted in an Error."
            }
            InvalidTransaction::MandatoryValidation => {
                "Transaction dispatch is mandatory; transactions must not be validated."
            }
            InvalidTransaction::Custom(_) => "InvalidTransaction custom error",
            InvalidTransaction::BadSigner => "Invalid signing address",
            InvalidTransaction::IndeterminateImplicit => {
                "The implicit data was unable to be calculated"
            }
            InvalidTransaction::UnknownOrigin => {
                "The transaction extension did not authorize any origin"
            }
        }
    }
}

/// A transaction whose validity cannot be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum UnknownTransaction {
    /// The sender cannot be looked up.
    CannotLookup,
    /// No validator for this unsigned transaction.
    NoUnsignedValidator,
    /// A reason of the runtime's own.
    Custom(u8),
}

impl From<UnknownTransaction> for &'static str {
    fn from(unknown: UnknownTransaction) -> Self {
        match unknown {
            UnknownTransaction::CannotLookup => {
                "Could not lookup information required to validate the transaction"
            }
            UnknownTransaction::NoUnsignedValidator => {
                "Could not find an unsigned validator for the unsigned transaction"
            }
            UnknownTransaction::Custom(_) => "UnknownTransaction custom error",
        }
    }
}

/// Why a transaction may not be included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum TransactionValidityError {
    /// It is invalid.
    Invalid(InvalidTransaction),
    /// Its validity cannot be told.
    Unknown(UnknownTransaction),
}

impl TransactionValidityError {
    /// Whether the block had no room left for it.
    pub fn exhausted_resources(&self) -> bool {
        matches!(self, Self::Invalid(invalid) if invalid.exhausted_resources())
    }
}

impl From<InvalidTransaction> for TransactionValidityError {
    fn from(invalid: InvalidTransaction) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<UnknownTransaction> for TransactionValidityError {
    fn from(unknown: UnknownTransaction) -> Self {
        Self::Unknown(unknown)
    }
}

impl From<TransactionValidityError> for &'static str {
    fn from(error: TransactionValidityError) -> Self {
        match error {
            TransactionValidityError::Invalid(invalid) => invalid.into(),
            TransactionValidityError::Unknown(unknown) => unknown.into(),
        }
    }
}

impl From<InvalidTransaction> for TransactionValidity {
    fn from(invalid: InvalidTransaction) -> Self {
        Err(invalid.into())
    }
}

impl From<UnknownTransaction> for TransactionValidity {
    fn from(unknown: UnknownTransaction) -> Self {
        Err(unknown.into())
    }
}

/// Where a transaction came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum TransactionSource {
    /// A block that is being imported.
    InBlock,
    /// This node itself, for example its off-chain worker.
    Local,
    /// A peer or an RPC client.
    External,
}

/// How a valid transaction is ordered in the pool.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct ValidTransaction {
    /// Higher goes first.
    pub priority: TransactionPriority,
    /// Tags that must be provided before.
    pub requires: Vec<TransactionTag>,
    /// Tags that this transaction provides; two that provide the same tag exclude each other.
    pub provides: Vec<TransactionTag>,
    /// Blocks for which this answer holds.
    pub longevity: TransactionLongevity,
    /// Whether peers should hear of it.
    pub propagate: bool,
}

impl Default for ValidTransaction {
    fn default() -> Self {
        Self {
            priority: 0,
            requires: vec![],
            provides: vec![],
            longevity: TransactionLongevity::MAX,
            propagate: true,
        }
    }
}

impl ValidTransaction {
    /// Both answers together: requires and provides united, the shorter longevity, the sum of the
    /// priorities.
    #[must_use]
    pub fn combine_with(mut self, mut other: Self) -> Self {
        self.requires.append(&mut other.requires);
        self.provides.append(&mut other.provides);
        Self {
            priority: self.priority.saturating_add(other.priority),
            requires: self.requires,
            provides: self.provides,
            longevity: self.longevity.min(other.longevity),
            propagate: self.propagate && other.propagate,
        }
    }
}

/// Which extrinsics a block may have, as its initialisation decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum ExtrinsicInclusionMode {
    /// Inherents and transactions.
    AllExtrinsics,
    /// Inherents only, for example during a multi-block migration.
    OnlyInherents,
}
