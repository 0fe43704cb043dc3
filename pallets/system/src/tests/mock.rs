//! A runtime of this pallet alone.

use crate as pallet_system;
use crate::limits::{BlockLength, BlockWeights};
use citrate_core::{Perbill, RuntimeVersion, Weight};
use citrate_support::{parameter_types, traits::ConstU32, weights::RuntimeDbWeight};
use citrate_testing::TestExternalities;

citrate_support::construct_runtime!(
    pub enum Test {
        System: pallet_system,
    }
);

parameter_types! {
    pub Version: RuntimeVersion = RuntimeVersion {
        spec_name: "test".into(),
        spec_version: 3,
        transaction_version: 2,
        system_version: 1,
        ..Default::default()
    };
    pub Weights: BlockWeights = BlockWeights::builder()
        .base_block(Weight::from_parts(10, 0))
        .for_class(citrate_support::dispatch::DispatchClass::all(), |w| {
            w.base_extrinsic = Weight::from_parts(5, 0);
        })
        .for_class(citrate_support::dispatch::DispatchClass::Normal, |w| {
            w.max_extrinsic = Some(Weight::from_parts(500, 500));
            w.max_total = Some(Weight::from_parts(750, 750));
        })
        .for_class(citrate_support::dispatch::DispatchClass::Operational, |w| {
            w.max_total = Some(Weight::from_parts(1_000, 1_000));
            w.reserved = Some(Weight::from_parts(250, 250));
        })
        .build_or_panic();
    pub Length: BlockLength = BlockLength::max_with_normal_ratio(1_000, Perbill::from_percent(75));
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight { read: 1, write: 2 };
    pub static Killed: Vec<u64> = vec![];
}

/// Remembers accounts that are gone.
#[derive(Debug)]
pub struct RecordKilled;

impl citrate_support::traits::OnKilledAccount<u64> for RecordKilled {
    fn on_killed_account(who: &u64) {
        Killed::mutate(|all| all.push(*who));
    }
}

#[citrate_support::derive_impl(crate::config_preludes::TestDefaultConfig)]
impl crate::Config for Test {
    type AccountData = u32;
    type BlockHashCount = ConstU32<10>;
    type BlockWeights = Weights;
    type BlockLength = Length;
    type DbWeight = DbWeight;
    type Version = Version;
    type OnKilledAccount = RecordKilled;
    type MaxConsumers = ConstU32<3>;
}

/// The state after genesis, in block 1.
pub(crate) fn ext() -> TestExternalities {
    citrate_testing::new_test_ext(&RuntimeGenesisConfig::default())
}
