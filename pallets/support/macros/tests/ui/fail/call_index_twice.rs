// Mistake: two calls with one index.
// Cure: give one of them a number of its own.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system::{self, OriginFor};
    use framework::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        #[pallet::call_index(0)]
        #[pallet::weight(Weight::zero())]
        pub fn first(_origin: OriginFor<T>) -> DispatchResult {
            Ok(())
        }

        #[pallet::call_index(0)]
        #[pallet::weight(Weight::zero())]
        pub fn second(_origin: OriginFor<T>) -> DispatchResult { //~
            Ok(())
        }
    }
}

fn main() {}
