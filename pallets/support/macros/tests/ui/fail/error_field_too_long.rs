// Mistake: an error with a field that is too long.
// Cure: keep what is long in an event, or let the field be a number.
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

    #[pallet::error]
    pub enum Error<T> {
        Named(Vec<u8>), //~
    }
}

fn main() {}
