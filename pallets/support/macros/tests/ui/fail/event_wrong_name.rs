// Mistake: an event enum of another name.
// Cure: call it `Event`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::event]
    pub enum Happened<T: Config> { //~
        Done { who: T::AccountId },
    }
}

fn main() {}
