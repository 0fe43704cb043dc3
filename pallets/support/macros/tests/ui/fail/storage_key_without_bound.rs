// Mistake: a key without a largest length.
// Cure: take `BoundedVec` or the like, or a hash of it, or mark the item `#[pallet::unbounded]`.
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
    pub type Texts<T> = StorageNMap<_, (NMapKey<Identity, u8>, NMapKey<Identity, Vec<u8>>), u32>; //~
}

fn main() {}
