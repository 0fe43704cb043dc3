//! One key that may dispatch as root.
//!
//! For development chains and the first weeks of a live one: the key's owner can do anything. `remove_key` ends it.

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(test)]
mod tests;

pub use pallet::*;

/// The pallet: the key and its calls.
#[citrate_support::pallet]
pub mod pallet {
    use citrate_support::dispatch::{GetDispatchInfo, PostDispatchInfo, RawOrigin};
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::{Dispatchable, StaticLookup, UnfilteredDispatchable};
    use pallet_system::pallet_prelude::*;

    /// How an account is named in this runtime's calls.
    type AccountIdLookupOf<T> = <<T as pallet_system::Config>::Lookup as StaticLookup>::Source;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// The calls that the key may dispatch.
        type RuntimeCall: Parameter
            + UnfilteredDispatchable<RuntimeOrigin = Self::RuntimeOrigin>
            + Dispatchable<RuntimeOrigin = Self::RuntimeOrigin, PostInfo = PostDispatchInfo>
            + GetDispatchInfo;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The account that may dispatch as root; none once it was removed.
    #[pallet::storage]
    pub type Key<T: Config> = StorageValue<_, T::AccountId, OptionQuery>;

    /// The key at genesis.
    #[pallet::genesis_config]
    #[derive(DebugNoBound, DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The account that may dispatch as root.
        pub key: Option<T::AccountId>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Key::<T>::set(self.key.clone());
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A call was dispatched as root.
        Sudid {
            /// What the call returned.
            sudo_result: DispatchResult,
        },
        /// The key changed.
        KeyChanged {
            /// The key before.
            old: Option<T::AccountId>,
            /// The key now.
            new: T::AccountId,
        },
        /// The key was removed for good.
        KeyRemoved,
        /// A call was dispatched as another account.
        SudoAsDone {
            /// What the call returned.
            sudo_result: DispatchResult,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// The sender is not the sudo account.
        RequireSudo,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Dispatches a call as root. Free for the sudo account.
        #[pallet::call_index(0)]
        #[pallet::weight({
            let info = call.get_dispatch_info();
            (T::DbWeight::get().reads(1).saturating_add(info.call_weight), info.class)
        })]
        pub fn sudo(
            origin: OriginFor<T>,
            call: Box<<T as Config>::RuntimeCall>,
        ) -> DispatchResultWithPostInfo {
            Self::ensure_sudo(origin)?;
            Self::do_sudo(*call)
        }

        /// Dispatches a call as root, charging block space for the given weight instead of the call's own.
        #[pallet::call_index(1)]
        #[pallet::weight((*weight, call.get_dispatch_info().class))]
        pub fn sudo_unchecked_weight(
            origin: OriginFor<T>,
            call: Box<<T as Config>::RuntimeCall>,
            weight: Weight,
        ) -> DispatchResultWithPostInfo {
            Self::ensure_sudo(origin)?;
            // Only the declared weight counts here.
            let _ = weight;
            Self::do_sudo(*call)
        }

        /// Hands the key to another account.
        #[pallet::call_index(2)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn set_key(
            origin: OriginFor<T>,
            new: AccountIdLookupOf<T>,
        ) -> DispatchResultWithPostInfo {
            Self::ensure_sudo(origin)?;
            let new = T::Lookup::lookup(new)?;
            let old = Key::<T>::get();
            Key::<T>::put(&new);
            Self::deposit_event(Event::KeyChanged { old, new });
            Ok(Pays::No.into())
        }

        /// Dispatches a call as if `who` had signed it.
        #[pallet::call_index(3)]
        #[pallet::weight({
            let info = call.get_dispatch_info();
            (T::DbWeight::get().reads(1).saturating_add(info.call_weight), info.class)
        })]
        pub fn sudo_as(
            origin: OriginFor<T>,
            who: AccountIdLookupOf<T>,
            call: Box<<T as Config>::RuntimeCall>,
        ) -> DispatchResultWithPostInfo {
            Self::ensure_sudo(origin)?;
            let who = T::Lookup::lookup(who)?;
            // Filtered as the account's own calls are.
            let result = (*call).dispatch(RawOrigin::Signed(who).into());
            Self::deposit_event(Event::SudoAsDone {
                sudo_result: result.map(|_| ()).map_err(|e| e.error),
            });
            Ok(Pays::No.into())
        }

        /// Removes the key for good: nobody can dispatch as root by this pallet afterwards.
        #[pallet::call_index(4)]
        #[pallet::weight(T::DbWeight::get().reads_writes(1, 1))]
        pub fn remove_key(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
            Self::ensure_sudo(origin)?;
            Key::<T>::kill();
            Self::deposit_event(Event::KeyRemoved);
            Ok(Pays::No.into())
        }
    }

    impl<T: Config> Pallet<T> {
        /// The account that may dispatch as root.
        pub fn key() -> Option<T::AccountId> {
            Key::<T>::get()
        }

        /// Root may always use the key's calls.
        fn ensure_sudo(origin: OriginFor<T>) -> DispatchResult {
            match ensure_signed_or_root(origin)? {
                None => Ok(()),
                Some(who) if Some(&who) == Key::<T>::get().as_ref() => Ok(()),
                Some(_) => Err(Error::<T>::RequireSudo.into()),
            }
        }

        fn do_sudo(call: <T as Config>::RuntimeCall) -> DispatchResultWithPostInfo {
            let result = call.dispatch_bypass_filter(RawOrigin::Root.into());
            Self::deposit_event(Event::Sudid {
                sudo_result: result.map(|_| ()).map_err(|e| e.error),
            });
            Ok(Pays::No.into())
        }
    }
}
