//! The configuration of every pallet.

use crate::constants::{
    BLOCK_HASH_COUNT, BLOCK_LENGTH_MAX, BLOCK_WEIGHT_MAX, BYTE_FEE, EXISTENTIAL_DEPOSIT,
    MICROSECOND_FEE, READ_WEIGHT, SLOT_DURATION_MS, WRITE_WEIGHT,
};
use crate::{
    AccountId, Balance, Dag, MultiBlockMigrations, Nonce, OriginCaller, PalletInfo, Runtime,
    RuntimeCall, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, RuntimeOrigin, System,
    VERSION,
};
use citrate_core::{FixedU128, Perbill, Perquintill, RuntimeVersion, Weight};
use citrate_support::migrations::ForceUnstuckOnFailedMigration;
use citrate_support::parameter_types;
use citrate_support::traits::{
    AccountIdLookup, BlakeTwo256, ConstU8, ConstU16, ConstU32, ConstU64, ConstU128, Everything,
};
use citrate_support::weights::{RuntimeDbWeight, WeightToFee};
use pallet_balances::{AccountData, Credit};
use pallet_system::limits::{BlockLength, BlockWeights};
use pallet_transaction_payment::{BalancesAdapter, OnFee, SlowAdjusting, SlowAdjustingParameters};

/// The share of a block that normal calls may use; operational ones have the rest to themselves.
const NORMAL_RATIO: Perbill = Perbill::from_percent(75);

parameter_types! {
    /// The version of this runtime.
    pub const Version: RuntimeVersion = VERSION;
    /// What blocks may weigh.
    pub Weights: BlockWeights = BlockWeights::with_sensible_defaults(BLOCK_WEIGHT_MAX, NORMAL_RATIO);
    /// How long blocks may be.
    pub Length: BlockLength = BlockLength::max_with_normal_ratio(BLOCK_LENGTH_MAX, NORMAL_RATIO);
    /// What access to the state weighs.
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight { read: READ_WEIGHT, write: WRITE_WEIGHT };
}

impl pallet_system::Config for Runtime {
    type BaseCallFilter = Everything;
    type RuntimeOrigin = RuntimeOrigin;
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type PalletInfo = PalletInfo;
    type Nonce = Nonce;
    type AccountId = AccountId;
    type Lookup = AccountIdLookup<AccountId, ()>;
    type Hashing = BlakeTwo256;
    type AccountData = AccountData;
    type BlockHashCount = ConstU32<BLOCK_HASH_COUNT>;
    type BlockWeights = Weights;
    type BlockLength = Length;
    type DbWeight = DbWeight;
    type Version = Version;
    type SS58Prefix = ConstU16<42>;
    type OnSetCode = ();
    type OnNewAccount = ();
    type OnKilledAccount = ();
    type MaxConsumers = ConstU32<16>;
    type MultiBlockMigrator = MultiBlockMigrations;
}

parameter_types! {
    /// What a migration over several blocks may weigh in each: half of a block. The other half is for the hooks.
    pub const MigrationWeight: Weight = BLOCK_WEIGHT_MAX.saturating_div(2);
}

impl pallet_migrations::Config for Runtime {
    type Migrations = crate::SteppedMigrations;
    type CursorMaxLen = ConstU32<1_024>;
    type IdentifierMaxLen = ConstU32<256>;
    type MigrationStatusHandler = ();
    // A frozen chain could not even be mended by root.
    type FailedMigrationHandler = ForceUnstuckOnFailedMigration;
    type MaxServiceWeight = MigrationWeight;
}

impl pallet_timestamp::Config for Runtime {
    type OnTimestampSet = ();
    type MinimumPeriod = ConstU64<{ SLOT_DURATION_MS / 2 }>;
}

impl pallet_balances::Config for Runtime {
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type AccountStore = System;
    type DustRemoval = ();
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<50>;
    type MaxFreezes = ConstU32<50>;
    type WeightInfo = crate::weights::pallet_balances::WeightInfo<Self>;
}

/// The price of weight: by time, and nothing for the size of proofs, which nobody makes of our blocks.
#[derive(Debug)]
pub struct WeightPrice;

impl WeightToFee for WeightPrice {
    type Balance = Balance;
    fn weight_to_fee(weight: &Weight) -> Balance {
        // A microsecond is a million of weight's units.
        Balance::from(weight.ref_time()).saturating_mul(MICROSECOND_FEE) / 1_000_000
    }
}

/// The price of bytes.
#[derive(Debug)]
pub struct LengthPrice;

impl WeightToFee for LengthPrice {
    type Balance = Balance;
    fn weight_to_fee(weight: &Weight) -> Balance {
        Balance::from(weight.ref_time()).saturating_mul(BYTE_FEE)
    }
}

/// Pays a block's fees and tips to its author, and burns them when the block names none.
#[derive(Debug)]
pub struct ToAuthor;

impl OnFee<Runtime> for ToAuthor {
    fn on_fee(fee: Credit<Runtime>, tip: Credit<Runtime>) {
        if let Some(author) = Dag::author() {
            // An author below the existential deposit gets nothing until a fee lifts it above.
            drop(pallet_balances::Pallet::<Runtime>::resolve(&author, fee.merge(tip)));
        }
    }
}

/// The fee multiplier aims at blocks a quarter full, and can grow by 1 % a second at most.
#[derive(Debug)]
pub struct FeeParameters;

impl SlowAdjustingParameters for FeeParameters {
    fn target_fullness() -> Perquintill {
        Perquintill::from_percent(25)
    }
    fn variability() -> FixedU128 {
        FixedU128::from_rational(1, 150)
    }
    fn minimum() -> FixedU128 {
        FixedU128::from_u32(1)
    }
    fn maximum() -> FixedU128 {
        FixedU128::from_u32(1_000)
    }
}

impl pallet_transaction_payment::Config for Runtime {
    type OnChargeTransaction = BalancesAdapter<ToAuthor>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightToFee = WeightPrice;
    type LengthToFee = LengthPrice;
    type FeeMultiplierUpdate = SlowAdjusting<FeeParameters>;
}

impl pallet_sudo::Config for Runtime {
    type RuntimeCall = RuntimeCall;
}

impl pallet_utility::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
}
