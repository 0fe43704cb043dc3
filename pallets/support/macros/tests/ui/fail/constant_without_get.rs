// Mistake: a constant without a type.
// Cure: bound it: `type Limit: Get<u32>`.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;
    use framework::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {
        #[pallet::constant]
        type Limit: Copy; //~
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);
}

fn main() {}
