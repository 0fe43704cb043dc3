//! The time of a block, taken from its slot.
//!
//! The block's author passes the time as an inherent (`timstap0`: milliseconds, the slot number times the slot
//! duration); `set` stores it once per block. The pallet checks only that time moves forward by at least
//! [`Config::MinimumPeriod`]: which slot a block may claim is the node's rule, so that tools that build their own
//! blocks on our state keep working.

#![cfg_attr(not(feature = "std"), no_std)]

mod inherent;

#[cfg(test)]
mod tests;

pub use inherent::{INHERENT_IDENTIFIER, InherentError};
pub use pallet::*;

/// The pallet: one inherent, one moment.
#[citrate_support::pallet]
pub mod pallet {
    use super::{INHERENT_IDENTIFIER, InherentError};
    use citrate_core::Moment;
    use citrate_support::pallet_prelude::*;
    use citrate_support::traits::{OnTimestampSet, Time, UnixTime};
    use pallet_system::pallet_prelude::*;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// Told of every new time.
        type OnTimestampSet: OnTimestampSet<Moment>;

        /// The least time between two blocks in milliseconds: half the slot duration, which is also how clients
        /// learn the block time.
        #[pallet::constant]
        type MinimumPeriod: Get<Moment>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The time of the current block, in milliseconds since the Unix epoch.
    #[pallet::storage]
    pub type Now<T: Config> = StorageValue<_, Moment, ValueQuery>;

    /// Whether this block's time was set; cleared when the block ends.
    #[pallet::storage]
    pub type DidUpdate<T: Config> = StorageValue<_, bool, ValueQuery>;

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_n: BlockNumberFor<T>) -> Weight {
            // `on_finalize` reads and clears `DidUpdate`.
            T::DbWeight::get().reads_writes(1, 1)
        }

        fn on_finalize(_n: BlockNumberFor<T>) {
            DidUpdate::<T>::kill();
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the time of this block. An inherent: once per block, with no origin, and later than the parent's
        /// time by at least the minimum period.
        #[pallet::call_index(0)]
        #[pallet::weight((T::DbWeight::get().reads_writes(2, 2), DispatchClass::Mandatory))]
        pub fn set(origin: OriginFor<T>, #[pallet::compact] now: Moment) -> DispatchResult {
            ensure_none(origin)?;
            // A mandatory call that fails makes the block invalid, so both checks bind the author.
            ensure!(!DidUpdate::<T>::get(), DispatchError::Other("timestamp set twice in a block"));
            let prev = Now::<T>::get();
            ensure!(
                prev == 0 || now >= prev.saturating_add(T::MinimumPeriod::get()),
                DispatchError::Other("timestamp does not increase by the minimum period")
            );
            Now::<T>::put(now);
            DidUpdate::<T>::put(true);
            T::OnTimestampSet::on_timestamp_set(now);
            Ok(())
        }
    }

    #[pallet::inherent]
    impl<T: Config> ProvideInherent for Pallet<T> {
        type Call = Call<T>;
        type Error = InherentError;
        const INHERENT_IDENTIFIER: InherentIdentifier = INHERENT_IDENTIFIER;

        fn create_inherent(data: &InherentData) -> Option<Self::Call> {
            let now = Self::inherent_moment(data)?;
            let earliest = Now::<T>::get().saturating_add(T::MinimumPeriod::get());
            Some(Call::set { now: now.max(earliest) })
        }

        fn check_inherent(call: &Self::Call, data: &InherentData) -> Result<(), Self::Error> {
            let Call::set { now } = call else { return Ok(()) };
            let Some(expected) = Self::inherent_moment(data) else { return Ok(()) };
            // The time is a function of the slot: a block that claims another is wrong, however close it is.
            let earliest = Now::<T>::get().saturating_add(T::MinimumPeriod::get());
            if *now < earliest {
                Err(InherentError::TooEarly)
            } else if *now > expected.max(earliest) {
                Err(InherentError::TooFarInFuture)
            } else {
                Ok(())
            }
        }

        fn is_inherent(call: &Self::Call) -> bool {
            matches!(call, Call::set { .. })
        }
    }

    impl<T: Config> Pallet<T> {
        /// The time of the current block, in milliseconds.
        pub fn now() -> Moment {
            Now::<T>::get()
        }

        fn inherent_moment(data: &InherentData) -> Option<Moment> {
            data.get::<Moment>(&INHERENT_IDENTIFIER).ok().flatten()
        }

        /// Sets the time without an inherent.
        #[cfg(feature = "std")]
        pub fn set_timestamp(now: Moment) {
            Now::<T>::put(now);
            DidUpdate::<T>::put(true);
            T::OnTimestampSet::on_timestamp_set(now);
        }
    }

    impl<T: Config> Time for Pallet<T> {
        type Moment = Moment;
        fn now() -> Moment {
            Now::<T>::get()
        }
    }

    impl<T: Config> UnixTime for Pallet<T> {
        fn now() -> core::time::Duration {
            core::time::Duration::from_millis(Now::<T>::get())
        }
    }
}
