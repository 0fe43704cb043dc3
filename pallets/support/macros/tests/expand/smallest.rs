#[pallet]
pub mod pallet {
    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);
}
