// Mistake: a constant of another type than the config asks for.
// Cure: take the `ConstU32` or the like that the message names.
#[path = "../system.rs"]
mod pallet_system;

#[framework::pallet]
pub mod pallet {
    use crate::pallet_system;
    use framework::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: pallet_system::Config {
        #[pallet::constant]
        type Limit: Get<u32>;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);
}

#[framework::runtime]
mod runtime {
    #[runtime::runtime]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::pallet_index(1)]
    pub type Demo = super::pallet;
}

impl pallet_system::Config for Runtime {
    type AccountId = u64;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletInfo = PalletInfo;
    type BaseCallFilter = framework::traits::Everything;
}

impl pallet::Config for Runtime {
    type Limit = framework::traits::ConstU64<3>; //~
}

fn main() {}
