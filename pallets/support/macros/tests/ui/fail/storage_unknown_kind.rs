// Mistake: a storage item of no known kind.
// Cure: take one of those that the message lists.
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
    pub type Numbers<T> = Vec<u32>; //~
}

fn main() {}
