// Mistake: a genesis config without a default.
// Cure: derive `Default`, or `DefaultNoBound` if it has a parameter.
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

    #[pallet::genesis_config]
    pub struct GenesisConfig {
        pub number: u32,
    }

    #[pallet::genesis_build]
    impl BuildGenesisConfig for GenesisConfig { //~
        fn build(&self) {}
    }
}

fn main() {}
