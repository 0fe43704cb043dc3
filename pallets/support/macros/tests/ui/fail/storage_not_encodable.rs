// Mistake: a stored type that cannot be encoded.
// Cure: derive `Encode`, `Decode`, `MaxEncodedLen` and `TypeInfo` for it.
#[path = "../system.rs"]
mod pallet_system;

pub struct Color;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;
    use framework::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::storage]
    pub type Paint<T> = StorageValue<_, crate::Color>; //~
}

fn main() {}
