//! Hashes, keys, accounts, headers, extrinsics and errors that every layer shares.
//!
//! Everything here is wire format: encodings, type paths in metadata and JSON shapes are those of
//! Polkadot, so that its clients decode our blocks unmodified. Nothing here does I/O. Key pairs,
//! signature checks and compression need the `std` feature; a runtime reaches them through host
//! functions.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod crypto;
mod error;
pub mod generic;
pub mod hashing;
mod inherent;
pub mod multiaddress;
mod opaque;
mod validity;
mod version;
pub mod well_known_keys;

#[cfg(feature = "std")]
pub mod code;

pub use crypto::{
    AccountId32, KeyTypeId, MultiSignature, MultiSigner, bls, ecdsa, ed25519, key_types, sr25519,
    ss58,
};
pub use error::{
    ArithmeticError, DispatchError, DispatchResult, MAX_MODULE_ERROR_BYTES, ModuleError,
    TokenError, TransactionalError,
};
pub use generic::{Digest, DigestItem, EngineId, Era, Header, Phase, Preamble, UncheckedExtrinsic};
pub use inherent::{CheckInherentsResult, InherentData, InherentIdentifier};
pub use multiaddress::MultiAddress;
pub use opaque::{OpaqueExtrinsic, OpaqueMetadata};
pub use primitive_types::{H160, H256, H512, U256};
pub use sp_arithmetic::{self, FixedU128, Perbill, Permill, Perquintill};
pub use sp_weights::{self, Weight};
pub use validity::{
    ApplyExtrinsicResult, ExtrinsicInclusionMode, InvalidTransaction, TransactionLongevity,
    TransactionPriority, TransactionSource, TransactionTag, TransactionValidity,
    TransactionValidityError, UnknownTransaction, ValidTransaction,
};
pub use version::{ApiId, RuntimeVersion, StateVersion};

/// Height of a block on the selected chain.
pub type BlockNumber = u32;
/// Number of transactions that an account has sent.
pub type Nonce = u32;
/// An amount of the native token, in its smallest unit.
pub type Balance = u128;
/// Milliseconds since the Unix epoch.
pub type Moment = u64;
/// A 32-byte hash.
pub type Hash = H256;
