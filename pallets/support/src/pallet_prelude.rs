//! What a pallet usually needs: `use citrate_support::pallet_prelude::*;`.

pub use crate::{
    CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound, RuntimeDebug,
    RuntimeDebugNoBound,
    bounded_collections::{
        BoundedBTreeMap, BoundedBTreeSet, BoundedSlice, BoundedVec, WeakBoundedVec,
    },
    defensive,
    dispatch::{
        DispatchClass, DispatchError, DispatchResult, DispatchResultWithPostInfo, Parameter, Pays,
    },
    ensure, fail,
    storage::{
        Blake2_128, Blake2_128Concat, Blake2_256, Identity, StorageDecodeLength, Twox64Concat,
        Twox128, Twox256,
        types::{
            CountedStorageMap, CountedStorageNMap, Key as NMapKey, OptionQuery, ResultQuery,
            StorageDoubleMap, StorageMap, StorageNMap, StorageValue, ValueQuery,
        },
    },
    traits::{
        BuildGenesisConfig, ConstBool, ConstU8, ConstU16, ConstU32, ConstU64, ConstU128,
        EnsureOrigin, Get, GetDefault, GetStorageVersion, Hooks, IsType, MaybeSerializeDeserialize,
        Member, PalletInfoAccess, ProvideInherent, StorageVersion, Time, TypedGet,
        ValidateUnsigned,
    },
    weights::Weight,
};
pub use alloc::{boxed::Box, string::String, vec, vec::Vec};
pub use citrate_core::{
    self, BlockNumber, H256, InherentData, InherentIdentifier, InvalidTransaction,
    TransactionLongevity, TransactionPriority, TransactionSource, TransactionTag,
    TransactionValidity, TransactionValidityError, UnknownTransaction, ValidTransaction,
};
pub use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
pub use core::marker::PhantomData;
pub use scale_info::TypeInfo;
