//! The configuration of every pallet.

use crate::validators::{BondedValidators, FinalityVoters, SessionKeys};
use crate::{
    AccountId, Balance, Balances, Dag, MICRO_UNIT, MILLI_UNIT, MultiBlockMigrations, Nonce, OriginCaller, PalletInfo,
    Runtime, RuntimeCall, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, RuntimeOrigin,
    System, UNIT, VERSION,
};
use citrate_core::{FixedU128, Perbill, Permill, Perquintill, RuntimeVersion, Weight};
use citrate_support::migrations::ForceUnstuckOnFailedMigration;
use citrate_support::parameter_types;
use citrate_support::traits::{
    AccountIdLookup, BlakeTwo256, ConstU8, ConstU16, ConstU32, ConstU64, ConstU128, Everything,
};
use citrate_support::weights::{RuntimeDbWeight, WeightToFee};
use pallet_balances::{AccountData, Credit};
use pallet_system::limits::{BlockLength, BlockWeights};
use pallet_transaction_payment::{BalancesAdapter, OnFee, SlowAdjusting, SlowAdjustingParameters};

/// Length of a slot in milliseconds.
const SLOT_DURATION_MS: u64 = 500;
/// Slots in an epoch: two minutes. A stake counts from the third epoch after it was bonded.
const EPOCH_LENGTH: u64 = 2 * 60_000 / SLOT_DURATION_MS;
/// Epochs for which an equivocation can be reported.
const EVIDENCE_EPOCHS: u32 = 60;
/// Blocks from unbonding to withdrawal: a week at a block for each slot.
const UNBONDING_DELAY: u32 = 7 * 24 * 60 * 120;
/// The share of a block that normal calls may use; operational ones have the rest to themselves.
const NORMAL_RATIO: Perbill = Perbill::from_percent(75);
/// What a block may execute: a quarter of a second, half of a slot.
const BLOCK_WEIGHT_MAX: Weight = Weight::from_parts(250_000_000_000, 5 * 1024 * 1024);

// A validator cannot take its stake away before the last of its blocks is too old for evidence.
const _: () = assert!(UNBONDING_DELAY as u64 > (EVIDENCE_EPOCHS as u64 + 3) * EPOCH_LENGTH);

parameter_types! {
    /// The version of this runtime.
    pub const Version: RuntimeVersion = VERSION;
    /// What blocks may weigh.
    pub Weights: BlockWeights = BlockWeights::with_sensible_defaults(BLOCK_WEIGHT_MAX, NORMAL_RATIO);
    /// How long blocks may be.
    pub Length: BlockLength = BlockLength::max_with_normal_ratio(5 * 1024 * 1024, NORMAL_RATIO);
    /// What access to the state weighs, in picoseconds.
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight { read: 8_000_000, write: 50_000_000 };
    /// What a migration over several blocks may weigh in each: half of a block. The other half is for the hooks.
    pub const MigrationWeight: Weight = BLOCK_WEIGHT_MAX.saturating_div(2);
    /// What one block's payload may weigh.
    pub const PayloadWeightMax: Weight = Weight::from_parts(187_500_000_000, 15 * 256 * 1024);
    /// What a merged block brings the author who merges it.
    pub const MergerShare: Permill = Permill::from_percent(10);
    /// The chain's share of what a block brings.
    pub const TreasuryShare: Permill = Permill::from_percent(10);
    /// Gets the chain's share, and what is slashed. Nobody has its key.
    pub const Treasury: AccountId = AccountId::new(*b"treasury________________________");
    /// What a validator loses for each slot in which it sealed two blocks, and for a double vote.
    pub const EquivocationSlash: Perbill = Perbill::from_percent(10);
    /// What a reporter gets of it.
    pub const ReporterShare: Perbill = Perbill::from_percent(10);
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
    type BlockHashCount = ConstU32<4096>;
    type BlockWeights = Weights;
    type BlockLength = Length;
    type DbWeight = DbWeight;
    type Version = Version;
    // The same as in `node/src/main.rs`, which tells wallets.
    type SS58Prefix = ConstU16<42>;
    type OnSetCode = ();
    type OnNewAccount = ();
    type OnKilledAccount = ();
    type MaxConsumers = ConstU32<16>;
    type MultiBlockMigrator = MultiBlockMigrations;
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
    type ExistentialDeposit = ConstU128<MILLI_UNIT>;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<50>;
    type MaxFreezes = ConstU32<50>;
    type WeightInfo = DbWeight;
}

/// The price of weight: a millionth of a token for a microsecond.
#[derive(Debug)]
pub struct WeightPrice;

impl WeightToFee for WeightPrice {
    type Balance = Balance;
    fn weight_to_fee(weight: &Weight) -> Balance {
        Balance::from(weight.ref_time()).saturating_mul(MICRO_UNIT) / 1_000_000
    }
}

/// The price of bytes: a millionth of a token for each.
#[derive(Debug)]
pub struct LengthPrice;

impl WeightToFee for LengthPrice {
    type Balance = Balance;
    fn weight_to_fee(weight: &Weight) -> Balance {
        Balance::from(weight.ref_time()).saturating_mul(MICRO_UNIT)
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

/// The fee multiplier aims at blocks a quarter full.
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

impl pallet_dag::Config for Runtime {
    type SlotDuration = ConstU64<SLOT_DURATION_MS>;
    type EpochLength = ConstU64<EPOCH_LENGTH>;
    type MaxAuthorities = ConstU32<200>;
    type PayloadBytesMax = ConstU32<{ 4 * 1024 * 1024 }>;
    type PayloadWeightMax = PayloadWeightMax;
    type MergesetMax = ConstU32<180>;
    type DelayBoundMs = ConstU32<1_000>;
    type Validators = BondedValidators;
    type OnNewValidators = FinalityVoters;
    type Currency = Balances;
    type MergerShare = MergerShare;
    type TreasuryShare = TreasuryShare;
    type Treasury = Treasury;
    type EvidenceEpochs = ConstU32<EVIDENCE_EPOCHS>;
    type OffencesMax = ConstU32<16>;
    type EquivocationSlash = EquivocationSlash;
    type ReporterShare = ReporterShare;
}

impl pallet_staking::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ProviderBondMin = ConstU128<{ 100 * UNIT }>;
    type ValidatorBondMin = ConstU128<{ 1_000 * UNIT }>;
    type UnbondingDelay = ConstU32<UNBONDING_DELAY>;
    type UnlockingMax = ConstU32<32>;
    type ValidatorsMax = ConstU32<1_000>;
    type SlashBeneficiary = Treasury;
}

impl pallet_session::Config for Runtime {
    type Keys = SessionKeys;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type KeyDeposit = ConstU128<UNIT>;
}

impl pallet_grandpa::Config for Runtime {
    type MaxAuthorities = ConstU32<200>;
    type SetsKept = ConstU64<144>;
    type ReportLongevity = ConstU64<EPOCH_LENGTH>;
    type OnEquivocation = FinalityVoters;
}

impl pallet_template::Config for Runtime {
    type Max = ConstU32<1_000>;
    type WeightInfo = DbWeight;
}
