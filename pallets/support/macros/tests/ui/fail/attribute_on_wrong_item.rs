// Mistake: an attribute on an item that it is not for.
// Cure: move it to the kind of item that the message names.
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

    #[pallet::event] //~
    pub struct Event<T>(T);
}

fn main() {}
