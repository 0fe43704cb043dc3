// Mistake: a genesis config that builds nothing.
// Cure: add `#[pallet::genesis_build] impl<T: Config> BuildGenesisConfig for GenesisConfig<T>`.
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
    #[derive(Default)]
    pub struct GenesisConfig { //~
        pub number: u32,
    }
}

fn main() {}
