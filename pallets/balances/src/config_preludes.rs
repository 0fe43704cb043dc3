//! Defaults for [`Config`](crate::Config), taken by `#[derive_impl]`.

use crate::DefaultConfig;
use citrate_support::{
    register_default_impl,
    traits::{ConstU32, ConstU128},
};

/// For runtimes of tests; `AccountStore` remains to be named, which usually is `System`.
#[derive(Debug)]
pub struct TestDefaultConfig;

#[register_default_impl(TestDefaultConfig)]
impl DefaultConfig for TestDefaultConfig {
    #[inject_runtime_type]
    type RuntimeHoldReason = ();
    #[inject_runtime_type]
    type RuntimeFreezeReason = ();
    type DustRemoval = ();
    type ExistentialDeposit = ConstU128<1>;
    type MaxLocks = ConstU32<100>;
    type MaxReserves = ConstU32<100>;
    type MaxFreezes = ConstU32<100>;
    type WeightInfo = ();
}
