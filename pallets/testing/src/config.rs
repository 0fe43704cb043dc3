//! Configuration of the system pallet for runtimes of tests.

/// Configures the system pallet: `system_config!(Test { AccountId = u64 })`.
///
/// The runtime's types (`RuntimeCall` and so on) are taken from where the macro stands; any
/// associated type named in the braces replaces its default (`AccountData`, and then `DbWeight`).
#[macro_export]
macro_rules! system_config {
    ($runtime:ty { AccountId = $account:ty $(,)? }) => {
        $crate::system_config!($runtime { AccountId = $account, AccountData = () });
    };
    ($runtime:ty { AccountId = $account:ty, AccountData = $data:ty $(,)? }) => {
        $crate::system_config!(
            $runtime { AccountId = $account, AccountData = $data, DbWeight = () }
        );
    };
    ($runtime:ty {
        AccountId = $account:ty, AccountData = $data:ty, DbWeight = $db_weight:ty $(,)?
    }) => {
        impl ::pallet_system::Config for $runtime {
            type BaseCallFilter = ::citrate_support::traits::Everything;
            type RuntimeOrigin = RuntimeOrigin;
            type RuntimeCall = RuntimeCall;
            type RuntimeEvent = RuntimeEvent;
            type PalletInfo = PalletInfo;
            type Nonce = u32;
            type AccountId = $account;
            type Lookup = ::citrate_support::traits::IdentityLookup<$account>;
            type Hashing = ::citrate_support::traits::BlakeTwo256;
            type AccountData = $data;
            type BlockHashCount = ::citrate_support::traits::ConstU32<250>;
            type BlockWeights = ();
            type BlockLength = ();
            type DbWeight = $db_weight;
            type Version = ();
            type SS58Prefix = ::citrate_support::traits::ConstU16<42>;
            type OnSetCode = ();
            type OnNewAccount = ();
            type OnKilledAccount = ();
            type MaxConsumers = ::citrate_support::traits::ConstU32<16>;
            type MultiBlockMigrator = ();
        }
    };
}

/// Configures the balances pallet: `balances_config!(Test { ExistentialDeposit = 10 })`.
///
/// The runtime derives `RuntimeHoldReason` and `RuntimeFreezeReason`, and its account data is
/// `pallet_balances::AccountData`.
#[macro_export]
macro_rules! balances_config {
    ($runtime:ty { ExistentialDeposit = $deposit:expr $(,)? }) => {
        impl ::pallet_balances::Config for $runtime {
            type RuntimeHoldReason = RuntimeHoldReason;
            type RuntimeFreezeReason = RuntimeFreezeReason;
            type AccountStore = System;
            type DustRemoval = ();
            type ExistentialDeposit = ::citrate_support::traits::ConstU128<{ $deposit }>;
            type MaxLocks = ::citrate_support::traits::ConstU32<4>;
            type MaxReserves = ::citrate_support::traits::ConstU32<4>;
            type MaxFreezes = ::citrate_support::traits::ConstU32<4>;
            type WeightInfo = <Self as ::pallet_system::Config>::DbWeight;
        }
    };
}
