//! Defaults for [`Config`](crate::Config), taken by `#[derive_impl]`.
//!
//! ```
//! use citrate_support::{construct_runtime, derive_impl};
//!
//! construct_runtime!(
//!     pub enum Test {
//!         System: pallet_system,
//!     }
//! );
//!
//! #[derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
//! impl pallet_system::Config for Test {}
//!
//! citrate_testing::new_test_ext(&RuntimeGenesisConfig::default()).execute_with(|| {
//!     let remark = b"hello".to_vec();
//!     System::remark_with_event(RuntimeOrigin::signed(1), remark).expect("anybody may");
//!     assert_eq!(System::event_count(), 1);
//! });
//! ```

use crate::DefaultConfig;
use citrate_core::AccountId32;
use citrate_support::{
    register_default_impl,
    traits::{AccountIdLookup, BlakeTwo256, ConstU16, ConstU32, Everything, IdentityLookup},
};

/// For runtimes of tests: accounts are numbers, and nothing weighs anything.
#[derive(Debug)]
pub struct TestDefaultConfig;

#[register_default_impl(TestDefaultConfig)]
impl DefaultConfig for TestDefaultConfig {
    #[inject_runtime_type]
    type RuntimeEvent = ();
    #[inject_runtime_type]
    type RuntimeOrigin = ();
    #[inject_runtime_type]
    type RuntimeCall = ();
    #[inject_runtime_type]
    type PalletInfo = ();
    type BaseCallFilter = Everything;
    type BlockWeights = ();
    type BlockLength = ();
    type Nonce = u32;
    type Hashing = BlakeTwo256;
    type AccountId = u64;
    type Lookup = IdentityLookup<u64>;
    type BlockHashCount = ConstU32<250>;
    type DbWeight = ();
    type Version = ();
    type AccountData = ();
    type OnNewAccount = ();
    type OnKilledAccount = ();
    type SS58Prefix = ConstU16<42>;
    type OnSetCode = ();
    type MaxConsumers = ConstU32<16>;
    type MultiBlockMigrator = ();
}

/// For runtimes of chains: accounts are public keys, and addresses are what wallets send. Weights,
/// lengths and the version are the chain's own to say.
#[derive(Debug)]
pub struct SolochainDefaultConfig;

#[register_default_impl(SolochainDefaultConfig)]
impl DefaultConfig for SolochainDefaultConfig {
    #[inject_runtime_type]
    type RuntimeEvent = ();
    #[inject_runtime_type]
    type RuntimeOrigin = ();
    #[inject_runtime_type]
    type RuntimeCall = ();
    #[inject_runtime_type]
    type PalletInfo = ();
    type BaseCallFilter = Everything;
    type BlockWeights = ();
    type BlockLength = ();
    type Nonce = u32;
    type Hashing = BlakeTwo256;
    type AccountId = AccountId32;
    type Lookup = AccountIdLookup<AccountId32, ()>;
    type BlockHashCount = ConstU32<256>;
    type DbWeight = ();
    type Version = ();
    type AccountData = ();
    type OnNewAccount = ();
    type OnKilledAccount = ();
    type SS58Prefix = ConstU16<42>;
    type OnSetCode = ();
    type MaxConsumers = ConstU32<128>;
    type MultiBlockMigrator = ();
}
