// Mistake: a pallet's struct of another shape.
// Cure: write `pub struct Pallet<T>(_);`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet; //~
}

fn main() {}
