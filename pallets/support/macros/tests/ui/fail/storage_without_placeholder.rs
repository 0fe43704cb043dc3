// Mistake: a storage item without its first argument.
// Cure: write `_` first.
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
    pub type Number<T> = StorageValue<u32, ValueQuery>; //~
}

fn main() {}
