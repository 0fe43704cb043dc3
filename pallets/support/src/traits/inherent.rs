//! Calls that nobody signs: inherents and checked unsigned calls.

use citrate_core::{
    InherentData, InherentIdentifier, TransactionSource, TransactionValidity,
    TransactionValidityError, UnknownTransaction,
};
use codec::Encode;

/// Whether an error of an inherent makes the block invalid.
pub trait IsFatalError {
    /// Whether the block is invalid.
    fn is_fatal_error(&self) -> bool;
}

/// A pallet that puts a call of its own into every block.
pub trait ProvideInherent {
    /// The pallet's calls.
    type Call;
    /// What can be wrong with the inherent.
    type Error: Encode + IsFatalError;
    /// Where the inherent's data is found.
    const INHERENT_IDENTIFIER: InherentIdentifier;
    /// Makes the call from the node's data.
    fn create_inherent(data: &InherentData) -> Option<Self::Call>;
    /// Tells whether a block must have the inherent.
    ///
    /// # Errors
    /// The data is wrong.
    fn is_inherent_required(_data: &InherentData) -> Result<Option<Self::Error>, Self::Error> {
        Ok(None)
    }
    /// Checks a block's inherent against the node's data.
    ///
    /// # Errors
    /// The inherent is wrong.
    fn check_inherent(_call: &Self::Call, _data: &InherentData) -> Result<(), Self::Error> {
        Ok(())
    }
    /// Whether a call is this inherent.
    fn is_inherent(call: &Self::Call) -> bool;
}

/// Tells whether an extrinsic is an inherent.
pub trait IsInherent<Extrinsic> {
    /// Whether it is.
    fn is_inherent(extrinsic: &Extrinsic) -> bool;
}

/// Checks that a block's inherents come first.
pub trait InherentOrder<Extrinsic> {
    /// The number of inherents at the start.
    ///
    /// # Errors
    /// The index of an inherent that comes after another extrinsic.
    fn inherents_first(extrinsics: &[Extrinsic]) -> Result<u32, u32>;
}

impl<Runtime: IsInherent<Extrinsic>, Extrinsic> InherentOrder<Extrinsic> for Runtime {
    fn inherents_first(extrinsics: &[Extrinsic]) -> Result<u32, u32> {
        let first_other =
            extrinsics.iter().position(|e| !Self::is_inherent(e)).unwrap_or(extrinsics.len());
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        match extrinsics[first_other..].iter().position(Self::is_inherent) {
            None => Ok(count(first_other)),
            Some(offset) => Err(count(first_other + offset)),
        }
    }
}

/// Checks calls that nobody signed.
pub trait ValidateUnsigned {
    /// The calls to check.
    type Call;
    /// Checks again just before the call runs.
    ///
    /// # Errors
    /// The call must not run.
    fn pre_dispatch(call: &Self::Call) -> Result<(), TransactionValidityError> {
        Self::validate_unsigned(TransactionSource::InBlock, call).map(|_| ())
    }
    /// Checks for the transaction pool.
    ///
    /// # Errors
    /// The call must not run.
    fn validate_unsigned(source: TransactionSource, call: &Self::Call) -> TransactionValidity;
}

/// No unsigned call is valid.
impl ValidateUnsigned for () {
    type Call = ();
    fn validate_unsigned(_: TransactionSource, (): &()) -> TransactionValidity {
        Err(UnknownTransaction::NoUnsignedValidator.into())
    }
}
