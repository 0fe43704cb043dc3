//! A pallet to start from: it stores one number.
//!
//! Anybody who signs may set the number with `do_something` and raise it with `increase`.

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(any(test, feature = "runtime-benchmarks"))]
mod benchmarking;
#[cfg(test)]
mod tests;
mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

/// The pallet.
#[citrate_support::pallet]
pub mod pallet {
    use crate::weights::WeightInfo;
    use citrate_support::pallet_prelude::*;
    use pallet_system::pallet_prelude::*;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// The largest number that is stored.
        #[pallet::constant]
        type Max: Get<u32>;

        /// What the calls weigh.
        type WeightInfo: WeightInfo;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The number, once somebody has set it.
    #[pallet::storage]
    pub type Something<T: Config> = StorageValue<_, u32>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The number was set.
        SomethingStored {
            /// The number.
            something: u32,
            /// Who set it.
            who: T::AccountId,
        },
    }

    /// Why a call fails.
    #[pallet::error]
    pub enum Error<T> {
        /// Nobody has set the number yet.
        NoneValue,
        /// The number would be larger than `Max`.
        TooLarge,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the number.
        ///
        /// # Errors
        /// `TooLarge`.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::do_something())]
        pub fn do_something(origin: OriginFor<T>, something: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            ensure!(something <= T::Max::get(), Error::<T>::TooLarge);
            Something::<T>::put(something);
            Self::deposit_event(Event::SomethingStored { something, who });
            Ok(())
        }

        /// Raises the number by one.
        ///
        /// # Errors
        /// `NoneValue`, `TooLarge`.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::increase())]
        pub fn increase(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let old = Something::<T>::get().ok_or(Error::<T>::NoneValue)?;
            let something = old.checked_add(1).ok_or(Error::<T>::TooLarge)?;
            ensure!(something <= T::Max::get(), Error::<T>::TooLarge);
            Something::<T>::put(something);
            Self::deposit_event(Event::SomethingStored { something, who });
            Ok(())
        }
    }
}
