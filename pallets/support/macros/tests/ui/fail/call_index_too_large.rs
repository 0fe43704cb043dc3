// Mistake: a call index above 255.
// Cure: take a number below 256: it is one byte of every transaction.
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
        #[pallet::call_index(256)] //~
        #[pallet::weight(Weight::zero())]
        pub fn call(_origin: OriginFor<T>) -> DispatchResult {
            Ok(())
        }
    }
}

fn main() {}
