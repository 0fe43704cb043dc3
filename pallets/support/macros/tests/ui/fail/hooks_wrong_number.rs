// Mistake: hooks for another type of block numbers.
// Cure: write `impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T>`.
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

    #[pallet::hooks]
    impl<T: Config> Hooks<u64> for Pallet<T> { //~
        fn on_finalize(_number: u64) {}
    }
}

fn main() {}
