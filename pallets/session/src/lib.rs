//! The keys that validators register for their nodes.
//!
//! A node makes keys for its roles (`author_rotateKeysWithOwner`) and proves for the account that will register them that
//! it owns them; the account's owner then registers them here with `set_keys`. No key belongs to two accounts. Who takes
//! the keys into use, and when, is decided elsewhere: `pallet-dag` looks at them at the first block of an epoch.
//!
//! Names and call indices are those of FRAME's session pallet.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod keys;
#[cfg(test)]
mod tests;

pub use keys::RoleKey;
pub use pallet::*;

/// What generated code names. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::keys::{RoleKey, statement};
    pub use alloc::vec::Vec;
    pub use citrate_api::OpaqueGeneratedSessionKeys;
    pub use citrate_core::KeyTypeId;
    pub use codec::{self, DecodeAll, Encode};
    pub use {scale_info, serde};
}

use alloc::vec::Vec;
use citrate_core::KeyTypeId;
use citrate_support::bounded_collections::{BoundedVec, ConstU32};

/// A key's bytes. LIMIT: those of the longest public keys in use.
pub type RawKey = BoundedVec<u8, ConstU32<64>>;

/// The keys of a node's roles, which the pallet does not look into; [`impl_opaque_keys!`] makes a struct of them.
pub trait OpaqueKeys {
    /// The keys by type. LIMIT: a handful.
    fn raw_keys(&self) -> Vec<(KeyTypeId, RawKey)>;

    /// Whether `proof` shows that who made it for `owner` has the secrets of all keys.
    fn ownership_proof_is_valid(&self, owner: &[u8], proof: &[u8]) -> bool;
}

/// The pallet.
#[citrate_support::pallet]
pub mod pallet {
    use crate::{OpaqueKeys, RawKey};
    use citrate_core::{AccountId32, Balance, KeyTypeId};
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::fungible;
    use citrate_support::traits::fungible::hold::{Inspect as _, Mutate as _};
    use citrate_support::traits::tokens::Precision;
    use pallet_system::pallet_prelude::*;

    /// Checking the signatures of a proof of ownership.
    const PROOF_WEIGHT: Weight = Weight::from_parts(300_000_000, 0);

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config<AccountId = AccountId32> {
        /// The keys.
        type Keys: OpaqueKeys + Parameter + MaxEncodedLen + MaybeSerializeDeserialize;

        /// The money.
        type Currency: fungible::hold::Mutate<AccountId32, Reason = Self::RuntimeHoldReason, Balance = Balance>;

        /// The runtime's reasons for a hold.
        type RuntimeHoldReason: From<HoldReason>;

        /// What is on hold while keys are registered: the price of their place in the state.
        #[pallet::constant]
        type KeyDeposit: Get<Balance>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why this pallet holds money.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The deposit for registered keys.
        Keys,
    }

    /// The keys that are registered, by account.
    #[pallet::storage]
    pub type NextKeys<T: Config> = StorageMap<_, Twox64Concat, AccountId32, T::Keys, OptionQuery>;

    /// The account that registered a key, by its type and bytes.
    #[pallet::storage]
    pub type KeyOwner<T: Config> =
        StorageMap<_, Twox64Concat, (KeyTypeId, RawKey), AccountId32, OptionQuery>;

    /// Keys at genesis.
    #[pallet::genesis_config]
    #[derive(DebugNoBound, DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Accounts and their keys, for which nobody pays a deposit.
        pub keys: Vec<(AccountId32, T::Keys)>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for (who, keys) in &self.keys {
                assert!(!NextKeys::<T>::contains_key(who), "{who} has keys twice at genesis");
                Pallet::<T>::replace(who, Some(keys)).expect("no key is two accounts' at genesis");
            }
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event {
        /// An account registered keys.
        KeysSet {
            /// Whose.
            who: AccountId32,
        },
        /// An account's keys were removed.
        KeysPurged {
            /// Whose.
            who: AccountId32,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// The proof does not show that the account owns the keys.
        InvalidProof,
        /// Another account registered one of the keys.
        DuplicatedKey,
        /// The account has no keys.
        NoKeys,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers the keys of the sender's node, in place of those before. `proof` is what the node made with them for
        /// the sender's account.
        #[pallet::call_index(0)]
        #[pallet::weight(PROOF_WEIGHT.saturating_add(T::DbWeight::get().reads_writes(8, 10)))]
        pub fn set_keys(origin: OriginFor<T>, keys: T::Keys, proof: Vec<u8>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            ensure!(keys.ownership_proof_is_valid(who.as_ref(), &proof), Error::<T>::InvalidProof);
            let deposit = T::KeyDeposit::get();
            let held = T::Currency::balance_on_hold(&HoldReason::Keys.into(), &who);
            T::Currency::hold(&HoldReason::Keys.into(), &who, deposit.saturating_sub(held))?;
            Self::replace(&who, Some(&keys))?;
            Self::deposit_event(Event::KeysSet { who });
            Ok(())
        }

        /// Removes the sender's keys and gives the deposit back. What already uses them goes on.
        #[pallet::call_index(1)]
        #[pallet::weight(T::DbWeight::get().reads_writes(6, 8))]
        pub fn purge_keys(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            ensure!(NextKeys::<T>::contains_key(&who), Error::<T>::NoKeys);
            Self::replace(&who, None)?;
            T::Currency::release_all(&HoldReason::Keys.into(), &who, Precision::BestEffort)?;
            Self::deposit_event(Event::KeysPurged { who });
            Ok(())
        }
    }

    impl<T: Config> Pallet<T> {
        /// The keys of an account.
        pub fn keys(who: &AccountId32) -> Option<T::Keys> {
            NextKeys::<T>::get(who)
        }

        /// The account that registered a key.
        pub fn key_owner(id: KeyTypeId, key: &[u8]) -> Option<AccountId32> {
            KeyOwner::<T>::get((id, RawKey::try_from(key.to_vec()).ok()?))
        }

        /// Puts an account's keys in the place of those before.
        fn replace(who: &AccountId32, keys: Option<&T::Keys>) -> DispatchResult {
            let new = keys.map(OpaqueKeys::raw_keys).unwrap_or_default();
            for key in &new {
                let owner = KeyOwner::<T>::get(key);
                ensure!(owner.is_none_or(|owner| owner == *who), Error::<T>::DuplicatedKey);
            }
            for old in NextKeys::<T>::get(who).iter().flat_map(OpaqueKeys::raw_keys) {
                if !new.contains(&old) {
                    KeyOwner::<T>::remove(old);
                }
            }
            for key in new {
                KeyOwner::<T>::insert(key, who);
            }
            NextKeys::<T>::set(who, keys.cloned());
            Ok(())
        }
    }
}
