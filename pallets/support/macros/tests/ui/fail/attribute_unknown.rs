// Mistake: an attribute that there is not.
// Cure: write it as the list does.
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

    #[pallet::evnet] //~
    pub enum Event<T: Config> {
        Done(T::AccountId),
    }
}

fn main() {}
