// Mistake: a pallet that is configured and not in the runtime.
// Cure: name it in the runtime: `#[runtime::pallet_index(n)] pub type Name = module;`.
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

    #[pallet::event]
    pub enum Event<T: Config> {
        Done { who: T::AccountId },
    }
}

#[framework::runtime]
mod runtime {
    #[runtime::runtime]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;
}

impl pallet_system::Config for Runtime {
    type AccountId = u64;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletInfo = PalletInfo;
    type BaseCallFilter = framework::traits::Everything;
}

impl pallet::Config for Runtime {} //~

fn main() {}
