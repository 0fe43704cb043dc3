#[pallet]
pub mod pallet {
    #[pallet::config]
    pub trait Config<I: 'static = ()>: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T, I = ()>(_);

    #[pallet::storage]
    pub type Last<T: Config<I>, I: 'static = ()> = StorageValue<_, T::AccountId>;

    #[pallet::event]
    #[pallet::generate_deposit(fn deposit_event)]
    pub enum Event<T: Config<I>, I: 'static = ()> {
        Done(T::AccountId),
    }
}
