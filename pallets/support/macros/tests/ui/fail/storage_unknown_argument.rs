// Mistake: a named argument of a storage item that there is not.
// Cure: write it as the list does.
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
    pub type Number<T> = StorageMap<Hasher = Identity, Key = u8, Vlaue = u8>; //~
}

fn main() {}
