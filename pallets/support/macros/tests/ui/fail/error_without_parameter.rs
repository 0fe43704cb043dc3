// Mistake: an error enum without its parameter.
// Cure: write `pub enum Error<T>`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::error]
    pub enum Error { //~
        TooMuch,
    }
}

fn main() {}
