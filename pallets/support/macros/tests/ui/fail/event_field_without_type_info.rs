// Mistake: an event with a type that has no type information.
// Cure: derive `TypeInfo` for it.
#[path = "../system.rs"]
mod pallet_system;

use framework::pallet_prelude::{Decode, DecodeWithMemTracking, Encode};

#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking)]
pub struct Color(u8);

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;
    use framework::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::event]
    pub enum Event<T: Config> {
        Done { who: T::AccountId, color: crate::Color }, //~
    }
}

fn main() {}
