// Mistake: a pallet without its struct.
// Cure: add `#[pallet::pallet] pub struct Pallet<T>(_);`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet { //~
    use crate::pallet_system;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}
}

fn main() {}
