//! A pallet in FRAME's own style and with its crates' names: a value, events, errors, weights, a genesis.

pub use pallet::*;

use frame_support::weights::Weight;

/// What the calls weigh.
pub trait WeightInfo {
    /// Of `set_level`.
    fn set_level() -> Weight;
    /// Of `raise_level`.
    fn raise_level() -> Weight;
}

/// As a benchmark would write it.
#[derive(Debug)]
pub struct SubstrateWeight<T>(core::marker::PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn set_level() -> Weight {
        use frame_support::traits::Get;
        Weight::from_parts(9_000_000, 0).saturating_add(T::DbWeight::get().writes(1_u64))
    }

    fn raise_level() -> Weight {
        use frame_support::traits::Get;
        Weight::from_parts(6_000_000, 1489)
            .saturating_add(T::DbWeight::get().reads_writes(1_u64, 1_u64))
    }
}

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// The runtime's event.
        type RuntimeEvent: From<Event<Self>> + IsType<<Self as frame_system::Config>::RuntimeEvent>;
        /// The most that the level may be.
        #[pallet::constant]
        type MaxLevel: Get<u32>;
        /// What the calls weigh.
        type WeightInfo: WeightInfo;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// The level, once it was set.
    #[pallet::storage]
    pub type Level<T> = StorageValue<_, u32>;

    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The level at the start.
        pub level: Option<u32>,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Level::<T>::set(self.level);
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Somebody set the level.
        LevelSet { level: u32, who: T::AccountId },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// No level was set.
        NoLevel,
        /// The level would be too high.
        TooHigh,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the level.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::set_level())]
        pub fn set_level(origin: OriginFor<T>, level: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            ensure!(level <= T::MaxLevel::get(), Error::<T>::TooHigh);
            <Level<T>>::put(level);
            Self::deposit_event(Event::LevelSet { level, who });
            Ok(())
        }

        /// Raises the level by one.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::raise_level())]
        pub fn raise_level(origin: OriginFor<T>) -> DispatchResult {
            let _who = ensure_signed(origin)?;
            match Level::<T>::get() {
                None => Err(Error::<T>::NoLevel.into()),
                Some(old) => {
                    let new = old.checked_add(1).ok_or(Error::<T>::TooHigh)?;
                    Level::<T>::put(new);
                    Ok(())
                }
            }
        }
    }
}
