// Mistake: a call without a weight.
// Cure: add `#[pallet::weight(T::WeightInfo::name())]`, or `#[pallet::call(weight(T::WeightInfo))]` to the block.
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
        pub fn call(_origin: OriginFor<T>) -> DispatchResult { //~
            Ok(())
        }
    }
}

fn main() {}
