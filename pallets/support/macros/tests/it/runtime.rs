//! A runtime of the system pallet and the demo, and what it answers.

use crate::{demo, mini_system};
use citrate_support::{
    dispatch::{DispatchClass, DispatchError, GetCallMetadata, GetDispatchInfo, Pays},
    traits::{
        BuildGenesisConfig, ConstU32, Dispatchable, Everything, GetStorageVersion, OnInitialize,
        OriginTrait, PalletInfoAccess, StorageVersion,
    },
    weights::Weight,
};
use codec::{Decode, Encode};

#[citrate_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeHoldReason)]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = mini_system;

    #[runtime::pallet_index(7)]
    pub type Demo = demo;
}

impl mini_system::Config for Runtime {
    type AccountId = u64;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletInfo = PalletInfo;
    type BaseCallFilter = Everything;
    type BlockHashCount = ConstU32<4096>;
}

pub struct NotShown;
impl citrate_support::traits::Get<u8> for NotShown {
    fn get() -> u8 {
        1
    }
}

impl demo::Config for Runtime {
    type Limit = ConstU32<10>;
    type Unit = u16;
    type NotShown = NotShown;
}
