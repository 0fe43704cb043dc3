// Mistake: a call that returns another type.
// Cure: return `DispatchResult`, or `DispatchResultWithPostInfo` to say what it weighed.
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
        pub fn call(_origin: OriginFor<T>) -> u32 { //~
            7
        }
    }
}

fn main() {}
