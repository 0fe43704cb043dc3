//! Checks of a block's inherents.

use super::{Encoded, InherentFault, PalletParts};
use alloc::vec::Vec;
use citrate_core::{
    CheckInherentsResult, InherentData, TransactionValidityError, UnknownTransaction,
};

/// The checks of one block's inherents so far.
#[derive(Debug, Default)]
pub struct InherentChecks {
    result: CheckInherentsResult,
    /// Indices of the pallets whose inherent was seen.
    seen: Vec<usize>,
}

impl InherentChecks {
    /// Checks a call of the pallet `P`, if it is an inherent.
    pub fn call<R, P: PalletParts<R>>(&mut self, call: &P::Call, data: &InherentData) {
        if P::is_inherent(call) {
            self.seen.push(P::index());
            self.note(P::check_inherent(call, data));
        }
    }

    /// Checks that the pallet `P` does not lack its inherent.
    pub fn missing<R, P: PalletParts<R>>(&mut self, data: &InherentData) {
        if !self.seen.contains(&P::index()) {
            self.note(P::missing_inherent(data));
        }
    }

    fn note(&mut self, fault: Option<InherentFault>) {
        if let Some(InherentFault { identifier, error, fatal }) = fault {
            self.result.put_error(identifier, &Encoded(&error), fatal);
        }
    }

    /// What was found.
    pub fn into_result(self) -> CheckInherentsResult {
        self.result
    }
}

/// The answer for unsigned calls that nobody checks.
pub fn no_unsigned_validator() -> TransactionValidityError {
    UnknownTransaction::NoUnsignedValidator.into()
}
