//! What generated code names. Not part of the public API.

pub use alloc::{borrow::ToOwned, boxed::Box, rc::Rc, string::String, vec, vec::Vec};
pub use citrate_core::{
    self as primitives, CheckInherentsResult, DispatchError, InherentData, ModuleError,
    TransactionSource, TransactionValidity, TransactionValidityError, hashing,
};
pub use citrate_support_macros::fill_impl;
pub use codec;
pub use scale_info;
pub use serde;
pub use sp_metadata_ir as metadata_ir;

pub use crate::parts::{
    Absent, CallOutput, InherentFault, Never, PalletError, PalletParts, ensure_error_fits, require,
};

pub use citrate_core::hashing::twox_128;

/// The state root, for macros that assert that it did not change.
pub fn storage_root() -> Vec<u8> {
    citrate_host::storage::root(citrate_core::StateVersion::V1)
}
