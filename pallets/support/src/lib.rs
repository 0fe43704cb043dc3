//! Everything a pallet author needs: storage, calls, events, errors, origins, hooks and metadata.
//!
//! The surface is FRAME's: the attributes of [`macro@pallet`] and [`macro@runtime`], the storage
//! types of [`mod@storage`], the traits of [`traits`]. A FRAME pallet ports by changing its `use`
//! lines. What differs: hashes, headers and block numbers are the chain's concrete types.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
#[allow(unused_extern_crates, clippy::allow_attributes, reason = "the macros name this crate so")]
extern crate self as citrate_support;

#[doc(hidden)]
pub mod __private;
pub mod benchmarking;
pub mod dispatch;
mod ensure;
pub mod genesis;
pub mod keyring;
pub mod log;
pub mod metadata;
pub mod migrations;
pub mod pallet_prelude;
pub mod parts;
pub mod storage;
pub mod traits;
pub mod transaction_extension;
pub mod weights;

pub use citrate_support_macros::{
    CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound, RuntimeDebug,
    RuntimeDebugNoBound, benchmark, benchmarks, construct_runtime, derive_impl,
    instance_benchmarks, pallet, register_default_impl, runtime, storage_alias, transactional,
};

pub use self::{
    dispatch::{DispatchError, DispatchResult, Parameter},
    storage::{
        Blake2_128, Blake2_128Concat, Blake2_256, Hashable, Identity, ReversibleStorageHasher,
        StorageDoubleMap, StorageHasher, StorageMap, StorageNMap, StorageValue, Twox64Concat,
        Twox128, Twox256,
    },
};
pub use bounded_collections::{
    self, BoundedBTreeMap, BoundedBTreeSet, BoundedSlice, BoundedVec, WeakBoundedVec, bounded_vec,
};
pub use citrate_core::{self, StateVersion};

/// The documented attributes that stand inside a pallet.
pub mod pallet_macros {
    pub use citrate_support_macros::pallet;
}

/// The account id derived from eight bytes, for pallets that own funds.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    codec::Encode,
    codec::Decode,
    codec::MaxEncodedLen,
    scale_info::TypeInfo,
)]
pub struct PalletId(pub [u8; 8]);

impl PalletId {
    /// The pallet's account: `modl`, the id, zeros.
    pub fn into_account_truncating<AccountId: codec::Decode>(&self) -> AccountId {
        self.into_sub_account_truncating(())
    }

    /// One of the pallet's accounts: `modl`, the id, the encoded `sub`, zeros.
    ///
    /// # Panics
    /// Never for account types of fixed length: padding is unlimited.
    pub fn into_sub_account_truncating<AccountId: codec::Decode, S: codec::Encode>(
        &self,
        sub: S,
    ) -> AccountId {
        let seed = codec::Encode::encode(&(*b"modl", self.0, sub));
        let mut input = traits::TrailingZeroInput::new(&seed);
        AccountId::decode(&mut input).expect("any bytes are an account, and padding is unlimited")
    }
}
