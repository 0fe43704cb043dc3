// Mistake: a genesis build without a config.
// Cure: add a struct `GenesisConfig` with `#[pallet::genesis_config]`.
#[path = "../system.rs"]
mod pallet_system;

#[derive(Default)]
pub struct Start;

#[framework::pallet]
pub mod pallet { //~
    use crate::pallet_system;
    use framework::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::genesis_build]
    impl BuildGenesisConfig for crate::Start {
        fn build(&self) {}
    }
}

fn main() {}
