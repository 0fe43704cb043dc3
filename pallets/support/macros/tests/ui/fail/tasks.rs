// Mistake: tasks.
// Cure: make it a call with `feeless_if`, or one that `validate_unsigned` checks.
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

    #[pallet::tasks_experimental] //~
    impl<T: Config> Pallet<T> {
        pub fn one() -> DispatchResult {
            Ok(())
        }
    }
}

fn main() {}
