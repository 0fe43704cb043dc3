// Mistake: a call without an origin.
// Cure: take `origin: OriginFor<T>` first.
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

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        #[pallet::call_index(0)]
        #[pallet::weight(Weight::zero())]
        pub fn call(number: u32) -> DispatchResult { //~
            let _ = number;
            Ok(())
        }
    }
}

fn main() {}
