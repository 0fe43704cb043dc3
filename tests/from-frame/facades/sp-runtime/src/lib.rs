//! What Citrate has of Substrate's runtime primitives, under their name.

#![cfg_attr(not(feature = "std"), no_std)]

pub use citrate_core::{
    AccountId32, ApplyExtrinsicResult, ArithmeticError, DispatchError, DispatchResult, FixedU128,
    ModuleError, MultiAddress, MultiSignature, MultiSigner, Perbill, Permill, Perquintill,
    TokenError, generic,
};
pub use citrate_support::{
    dispatch::{DispatchErrorWithPostInfo, DispatchResultWithInfo},
    impl_tx_ext_default, BoundedBTreeMap, BoundedBTreeSet, BoundedSlice, BoundedVec, RuntimeDebug, WeakBoundedVec,
};
pub use core::fmt::Debug;

/// Arithmetic, hashing, lookups and the like.
pub mod traits {
    pub use citrate_support::{traits::*, transaction_extension::*};
}

/// What the transaction pool is told.
pub mod transaction_validity {
    pub use citrate_core::{
        InvalidTransaction, TransactionLongevity, TransactionPriority, TransactionSource,
        TransactionTag, TransactionValidity, TransactionValidityError, UnknownTransaction,
        ValidTransaction,
    };
}
