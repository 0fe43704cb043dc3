// Mistake: a map without a hasher.
// Cure: put one before the key: `Blake2_128Concat` if users choose keys, `Twox64Concat` if not.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::storage]
    pub type Number<T> = StorageMap<_, u32, u64>; //~
}

fn main() {}
