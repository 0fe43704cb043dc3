// Mistake: a config's own `RuntimeEvent` without its bounds.
// Cure: leave the type out, or bound it with `From<Event<Self>>` and `IsType<..>`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;
    use framework::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {
        type RuntimeEvent: Parameter; //~
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::event]
    #[pallet::generate_deposit(fn deposit_event)]
    pub enum Event<T: Config> {
        Done { who: T::AccountId },
    }
}

fn main() {}
