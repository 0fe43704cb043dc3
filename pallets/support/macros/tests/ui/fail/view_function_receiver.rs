// Mistake: a view function with a receiver.
// Cure: take the arguments only: `pub fn name(key: u32) -> u32`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        pub fn one(&self) -> u32 { //~
            1
        }
    }
}

fn main() {}
