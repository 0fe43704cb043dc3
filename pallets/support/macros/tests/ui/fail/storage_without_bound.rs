// Mistake: a stored type without a largest length.
// Cure: take `BoundedVec` or the like, or mark the item `#[pallet::unbounded]`.
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
    pub type Text<T> = StorageValue<_, Vec<u8>, ValueQuery>; //~
}

fn main() {}
