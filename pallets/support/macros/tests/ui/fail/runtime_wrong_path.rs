// Mistake: a pallet in the runtime whose module does not exist.
// Cure: name the module in which the pallet is, or the crate.
#[path = "../system.rs"]
mod pallet_system;

#[framework::runtime]
mod runtime {
    #[runtime::runtime]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::pallet_index(1)]
    pub type Demo = pallet_dmeo; //~
}

impl pallet_system::Config for Runtime {
    type AccountId = u64;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletInfo = PalletInfo;
    type BaseCallFilter = framework::traits::Everything;
}

fn main() {}
