// Mistake: an extra constant that gives no value.
// Cure: return it: `fn name() -> u32 { .. }`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        fn limit() {} //~
    }
}

fn main() {}
