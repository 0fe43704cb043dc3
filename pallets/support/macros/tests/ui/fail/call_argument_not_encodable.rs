// Mistake: an argument of a call that cannot be decoded.
// Cure: derive what the note lists for the type.
#[path = "../system.rs"]
mod pallet_system;

use framework::pallet_prelude::{Decode, Encode, TypeInfo};

#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Color(u8);

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
        pub fn call(_origin: OriginFor<T>, _color: crate::Color) -> DispatchResult { //~
            Ok(())
        }
    }
}

fn main() {}
