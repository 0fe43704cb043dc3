//! All of the others under the name of FRAME's umbrella crate.

#![cfg_attr(not(feature = "std"), no_std)]

pub use frame_support::pallet;
#[doc(no_inline)]
pub use frame_support::{pallet_macros, traits::Hooks};

/// What a pallet usually needs.
pub mod prelude {
    pub use super::hashing::*;
    pub use frame_support::{
        DefaultNoBound,
        dispatch::{DispatchErrorWithPostInfo, GetDispatchInfo, PostDispatchInfo},
        pallet_prelude::*,
        traits::{IsSubType, OnRuntimeUpgrade},
    };
    pub use frame_system;
    pub use frame_system::pallet_prelude::*;
    pub use sp_runtime::traits::{
        AccountIdConversion, BlockNumberProvider, Bounded, CheckedAdd, CheckedSub, Dispatchable,
        Hash, Saturating, StaticLookup, TrailingZeroInput, Zero,
    };
}

/// What a file of weights needs.
pub mod weights_prelude {
    pub use core::marker::PhantomData;
    pub use frame_support::{
        traits::Get,
        weights::{
            Weight,
            constants::{ParityDbWeight, RocksDbWeight},
        },
    };
    pub use frame_system;
}

/// The framework's traits.
pub mod traits {
    pub use frame_support::traits::*;
}

/// Hash functions.
pub mod hashing {
    pub use sp_core::hashing::*;
}

/// The crates themselves.
pub mod deps {
    pub use frame_support;
    pub use frame_system;
    pub use sp_core;
    pub use sp_io;
    pub use sp_runtime;
}
