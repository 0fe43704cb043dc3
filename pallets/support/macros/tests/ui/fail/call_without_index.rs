// Mistake: a call without an index.
// Cure: give it a `#[pallet::call_index(n)]` that no other call has or had.
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
        #[pallet::weight(Weight::zero())]
        pub fn call(_origin: OriginFor<T>) -> DispatchResult { //~
            Ok(())
        }
    }
}

fn main() {}
