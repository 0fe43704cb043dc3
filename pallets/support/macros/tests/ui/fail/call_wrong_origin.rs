// Mistake: a call whose first argument is no origin.
// Cure: take `origin: OriginFor<T>` and ask `ensure_signed(origin)?` who it is.
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
        pub fn call(_who: T::AccountId) -> DispatchResult { //~
            Ok(())
        }
    }
}

fn main() {}
