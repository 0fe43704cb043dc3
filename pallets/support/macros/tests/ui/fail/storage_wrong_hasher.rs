// Mistake: a map whose hasher is no hasher.
// Cure: put a hasher before each key.
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
    pub type Number<T> = StorageMap<_, u32, u32, u64>; //~
}

fn main() {}
