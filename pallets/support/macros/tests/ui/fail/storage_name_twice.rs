// Mistake: two storage items under one prefix.
// Cure: give each its own `#[pallet::storage_prefix = ".."]`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;
    use framework::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::storage]
    pub type Number<T> = StorageValue<_, u32>;

    #[pallet::storage]
    #[pallet::storage_prefix = "Number"]
    pub type Other<T> = StorageValue<_, u64>; //~
}

fn main() {}
