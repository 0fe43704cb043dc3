//! Bytes by their hash, kept for a deposit, or for nothing while the chain itself asks for them.
//!
//! A call that is proposed or scheduled can be megabytes long; what carries it around is its hash. Anybody may *note* the
//! bytes, with money on hold for as long as they stay. Other pallets, through [`QueryPreimage`] and [`StorePreimage`], and
//! the manager *request* them: requested bytes can be brought by anybody for nothing, once, and stay until nobody requests
//! them any more.
//!
//! INVARIANT: there are bytes of a hash exactly if its status has a length; what is on hold for [`HoldReason::Preimage`] is
//! the sum of all tickets.
//!
//! [`QueryPreimage`]: citrate_support::traits::preimages::QueryPreimage
//! [`StorePreimage`]: citrate_support::traits::preimages::StorePreimage

#![cfg_attr(not(feature = "std"), no_std)]

mod check;
mod provide;
#[cfg(test)]
mod tests;

pub use pallet::*;

use citrate_core::Balance;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// LIMIT: bytes of one preimage: more than a runtime's compressed code has.
pub const MAX_SIZE: u32 = 4 * 1024 * 1024;

/// What is known of a hash.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum RequestStatus<AccountId> {
    /// Somebody keeps the bytes there, and nobody requests them.
    Unrequested {
        /// Who has how much on hold for them.
        ticket: (AccountId, Balance),
        /// How many they are.
        len: u32,
    },
    /// They are requested.
    Requested {
        /// Who has how much on hold for them, if anybody.
        maybe_ticket: Option<(AccountId, Balance)>,
        /// How often they are requested.
        count: u32,
        /// How many they are, if they are there.
        maybe_len: Option<u32>,
    },
}

/// The pallet: bytes, their status, and calls.
#[citrate_support::pallet]
pub mod pallet {
    use crate::{MAX_SIZE, RequestStatus};
    use citrate_core::Balance;
    use citrate_support::dispatch::BadOrigin;
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::TryRuntimeError;
    use citrate_support::traits::fungible;
    use pallet_system::pallet_prelude::*;

    /// What hashing and storing a byte weighs.
    const BYTE_WEIGHT: Weight = Weight::from_parts(3_000, 0);

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// The money that is on hold.
        type Currency: fungible::hold::Mutate<
                Self::AccountId,
                Reason = Self::RuntimeHoldReason,
                Balance = Balance,
            >;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// Who requests bytes, and notes them without a deposit.
        type ManagerOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// What is on hold for a preimage of any length.
        #[pallet::constant]
        type BaseDeposit: Get<Balance>;

        /// What is on hold for each of its bytes.
        #[pallet::constant]
        type ByteDeposit: Get<Balance>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// For the bytes that an account keeps in the state.
        Preimage,
    }

    /// What is known of a hash.
    #[pallet::storage]
    pub type RequestStatusFor<T: Config> =
        StorageMap<_, Identity, H256, RequestStatus<T::AccountId>, OptionQuery>;

    /// The bytes, by their hash and length.
    #[pallet::storage]
    pub type PreimageFor<T: Config> =
        StorageMap<_, Identity, (H256, u32), BoundedVec<u8, ConstU32<MAX_SIZE>>, OptionQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Bytes were noted.
        Noted {
            /// Their hash.
            hash: H256,
        },
        /// Bytes are requested that were not before.
        Requested {
            /// Their hash.
            hash: H256,
        },
        /// Bytes are gone.
        Cleared {
            /// Their hash.
            hash: H256,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// More bytes than a preimage may have.
        TooBig,
        /// The bytes are there already.
        AlreadyNoted,
        /// The bytes are another account's.
        NotAuthorized,
        /// There are no such bytes.
        NotNoted,
        /// Nobody requests the bytes.
        #[codec(index = 5)]
        NotRequested,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn try_state(_n: BlockNumberFor<T>) -> Result<(), TryRuntimeError> {
            Self::check()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Notes bytes: with a deposit, unless they are requested or the manager notes them, when it costs nothing.
        #[pallet::call_index(0)]
        #[pallet::weight(Self::note_weight(bytes.len()))]
        pub fn note_preimage(origin: OriginFor<T>, bytes: Vec<u8>) -> DispatchResultWithPostInfo {
            let depositor = Self::signed_or_manager(origin)?;
            let free = Self::do_note(bytes, depositor.as_ref())? || depositor.is_none();
            Ok(if free { Pays::No } else { Pays::Yes }.into())
        }

        /// Gives bytes up: the deposit is released, and they are gone unless they are requested.
        #[pallet::call_index(1)]
        #[pallet::weight(Self::call_weight())]
        pub fn unnote_preimage(origin: OriginFor<T>, hash: H256) -> DispatchResult {
            let owner = Self::signed_or_manager(origin)?;
            Self::do_unnote(&hash, owner.as_ref())
        }

        /// Requests bytes, be they there or not.
        #[pallet::call_index(2)]
        #[pallet::weight(Self::call_weight())]
        pub fn request_preimage(origin: OriginFor<T>, hash: H256) -> DispatchResult {
            T::ManagerOrigin::ensure_origin(origin)?;
            Self::do_request(&hash);
            Ok(())
        }

        /// Takes one request back; bytes that nobody requests and nobody has a deposit for are gone.
        #[pallet::call_index(3)]
        #[pallet::weight(Self::call_weight())]
        pub fn unrequest_preimage(origin: OriginFor<T>, hash: H256) -> DispatchResult {
            T::ManagerOrigin::ensure_origin(origin)?;
            Self::do_unrequest(&hash)
        }
    }

    impl<T: Config> Pallet<T> {
        /// The account that signed, or `None` for the manager.
        fn signed_or_manager(origin: OriginFor<T>) -> Result<Option<T::AccountId>, BadOrigin> {
            match T::ManagerOrigin::try_origin(origin) {
                Ok(_) => Ok(None),
                Err(origin) => ensure_signed(origin).map(Some),
            }
        }

        fn call_weight() -> Weight {
            T::DbWeight::get().reads_writes(3, 4)
        }

        fn note_weight(len: usize) -> Weight {
            let len = u64::try_from(len).unwrap_or(u64::MAX);
            Self::call_weight().saturating_add(BYTE_WEIGHT.saturating_mul(len))
        }
    }
}
