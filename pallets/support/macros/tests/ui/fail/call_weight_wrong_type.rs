// Mistake: a weight that is no weight.
// Cure: give a `Weight`, a number of picoseconds, or a pair of weight and class.
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
        #[pallet::weight("heavy")] //~
        pub fn call(_origin: OriginFor<T>) -> DispatchResult {
            Ok(())
        }
    }
}

fn main() {}
