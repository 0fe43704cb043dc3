//! The traits between pallets, runtimes and the framework, under FRAME's names.

mod accounts;
mod filter;
mod genesis;
mod get;
mod hash;
mod hooks;
mod inherent;
mod lookup;
mod misc;
mod origin;
mod pallet;
pub mod preimages;
mod stored_map;
pub mod tokens;
mod verify;
mod version;

#[cfg(test)]
mod tests;

pub use self::{
    accounts::{HandleLifetime, OnKilledAccount, OnNewAccount},
    filter::{
        Contains, ContainsPair, Equals, Everything, InsideBoth, IsInVec, Nothing, TheseExcept,
    },
    genesis::{BuildGenesisConfig, OnGenesis},
    get::{
        ConstBool, ConstI8, ConstI16, ConstI32, ConstI64, ConstI128, ConstU8, ConstU16, ConstU32,
        ConstU64, ConstU128, Get, GetDefault, TypedGet,
    },
    hash::{BlakeTwo256, Hash},
    hooks::{
        BeforeAllRuntimeMigrations, Hooks, IntegrityTest, OffchainWorker, OnFinalize, OnIdle,
        OnInitialize, OnPoll, OnRuntimeUpgrade, PostTransactions, TryRuntimeError, TryState,
    },
    inherent::{InherentOrder, IsFatalError, IsInherent, ProvideInherent, ValidateUnsigned},
    lookup::{AccountIdLookup, IdentityLookup, Lookup, StaticLookup},
    misc::{
        AccountIdConversion, BlockNumberProvider, Convert, ConvertInto, DefensiveOption,
        DefensiveResult, EstimateCallFee, FindAuthor, InstanceFilter, IsSubType, IsType,
        OnTimestampSet, Randomness, SortedMembers, Time, TrailingZeroInput, TryMorph, UnixTime,
        VariantCount, VariantCountOf,
    },
    origin::{
        AsEnsureOriginWithArg, AsSystemOriginSigner, CallerTrait, Either, EitherOf,
        EitherOfDiverse, EnsureOrigin, EnsureOriginWithArg, EnsureWithSuccess, NeverEnsureOrigin,
        OriginTrait,
    },
    pallet::{CrateVersion, PalletInfo, PalletInfoAccess, PalletInfoData, PalletsInfoAccess},
    stored_map::{StorageMapShim, StoredMap},
    tokens::{
        BalanceStatus, Currency, ExistenceRequirement, Imbalance, OnUnbalanced, ReservableCurrency,
        WithdrawReasons, fungible,
    },
    verify::{IdentifyAccount, Verify},
    version::{GetStorageVersion, NoStorageVersionSet, StorageVersion},
};
pub use crate::dispatch::{
    BadOrigin, Callable, Dispatchable, GetCallIndex, GetCallMetadata, GetCallName, LookupError,
    UnfilteredDispatchable,
};
pub use bounded_collections::TryCollect;
pub use sp_arithmetic::traits::{
    AtLeast32Bit, AtLeast32BitUnsigned, BaseArithmetic, Bounded, CheckedAdd, CheckedDiv,
    CheckedMul, CheckedSub, One, SaturatedConversion, Saturating, UniqueSaturatedFrom,
    UniqueSaturatedInto, Unsigned, Zero,
};

use core::fmt::Debug;

/// A value that can live in storage and events.
pub trait Member: Send + Sync + Sized + Debug + Eq + PartialEq + Clone + 'static {}
impl<T: Send + Sync + Sized + Debug + Eq + PartialEq + Clone + 'static> Member for T {}

macro_rules! maybe {
    ($(#[$doc:meta])* $name:ident: $($bound:tt)+) => {
        $(#[$doc])*
        #[cfg(feature = "std")]
        pub trait $name: $($bound)+ {}
        #[cfg(feature = "std")]
        impl<T: $($bound)+> $name for T {}
        $(#[$doc])*
        #[cfg(not(feature = "std"))]
        pub trait $name {}
        #[cfg(not(feature = "std"))]
        impl<T> $name for T {}
    };
}

maybe!(
    /// Display, where there is a standard library.
    MaybeDisplay: core::fmt::Display
);
maybe!(
    /// Serialization, where there is a standard library.
    MaybeSerialize: serde::Serialize
);
/// Serialization both ways: genesis is JSON, in wasm as well.
pub trait MaybeSerializeDeserialize: serde::de::DeserializeOwned + serde::Serialize {}
impl<T: serde::de::DeserializeOwned + serde::Serialize> MaybeSerializeDeserialize for T {}
