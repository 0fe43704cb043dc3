#[pallet]
pub mod pallet {
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// The most.
        #[pallet::constant]
        type Limit: Get<u32>;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// A number per account.
    #[pallet::storage]
    #[pallet::getter(fn number)]
    pub type Numbers<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, u32, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// It was set.
        Set { who: T::AccountId },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// More than the limit.
        TooMuch,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the number.
        #[pallet::call_index(0)]
        #[pallet::weight(Weight::from_parts(8, 0))]
        pub fn set(origin: OriginFor<T>, #[pallet::compact] number: u32) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Numbers::<T>::insert(who, number);
            Ok(())
        }
    }
}
