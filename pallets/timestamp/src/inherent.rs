//! The inherent's identifier and its errors.

use citrate_core::InherentIdentifier;
use codec::{Decode, Encode};

/// Where the block's time is in the inherent data.
pub const INHERENT_IDENTIFIER: InherentIdentifier = *b"timstap0";

/// Why a block's time is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum InherentError {
    /// Less than the minimum period after the parent's time.
    TooEarly,
    /// Later than the slot's time.
    TooFarInFuture,
}

impl citrate_support::traits::IsFatalError for InherentError {
    fn is_fatal_error(&self) -> bool {
        match self {
            // The block becomes valid when its time comes.
            Self::TooFarInFuture => false,
            Self::TooEarly => true,
        }
    }
}
