//! The configuration of the market's pallets: stakes, models, jobs.

use citrate_core::{Balance, BlockNumber, Perbill, Weight};
use citrate_support::parameter_types;
use citrate_support::traits::{ConstU32, ConstU64, ConstU128};
use pallet_inference_jobs::Penalties;
use sp_arithmetic::Permill;

use crate::constants::{
    CIT, EPOCH_LENGTH, EVIDENCE_EPOCHS, MICRO_CIT, MINUTES, SLOT_DURATION_MS, VALIDATORS_MAX,
};
use crate::{AccountId, Balances, Dag, ModelRegistry, Runtime, RuntimeHoldReason, Staking};

/// The least stake of a provider.
const PROVIDER_BOND_MIN: Balance = 100 * CIT;
/// The least stake of a validator.
pub(crate) const VALIDATOR_BOND_MIN: Balance = 1_000 * CIT;
/// Blocks from unbonding to withdrawal: a week, in which a cheat can still be found out.
const UNBONDING_DELAY: BlockNumber = 7 * 24 * 60 * MINUTES;
/// Stake beyond this brings a provider no more jobs, so that no one of them gets all.
const STAKE_CAP: Balance = 100_000 * CIT;
/// Blocks to get a receipt into the chain, on top of the model's own time: 20 seconds.
const TIMEOUT_BLOCKS: u32 = 40;
/// Blocks to get a result into the chain once all have committed to theirs: 20 seconds, of which a provider lets four pass.
const REVEAL_BLOCKS: u32 = 40;
/// A longer output pays for its receipt: without that, a job for nothing would buy 16 KiB of the chain for the fee of
/// its submission. The scores of a classifier of 200 classes fit.
const FREE_OUTPUT_BYTES: u32 = 1_024;
/// LIMIT: the furthest deadline of a job: a day.
const DEADLINE_BLOCKS_MAX: u32 = 24 * 60 * MINUTES;

parameter_types! {
    /// Gets the chain's share of fees, and what is slashed. Nobody has its key.
    pub const Treasury: AccountId = AccountId::new(*b"citrate/treasury________________");
    /// A model owner's share of a job's fee.
    pub const OwnerShare: Permill = Permill::from_percent(20);
    /// The chain's share of a job's fee.
    pub const TreasuryShare: Permill = Permill::from_percent(5);
    /// What faults cost. Silence: more than most jobs bring. A wrong result: whoever cheats must lose more than it could win
    /// with many small jobs, and whoever is wrong once by bad luck, a tenth of the least stake. Two signed results of one job:
    /// no honest provider signs two.
    pub const Costs: Penalties = Penalties {
        silent: CIT,
        wrong: 10 * CIT,
        wrong_prices: 10,
        contradiction: 50 * CIT,
        reporter_share: Perbill::from_percent(10),
    };
    /// What it takes to compare five results of 16 KiB in WebAssembly: an estimate, not measured yet (`docs/status.md`).
    pub const JudgementWeight: Weight = Weight::from_parts(3_000_000_000, 0);
}

// A provider cannot take its stake away before its last job has ended.
const _: () = assert!(UNBONDING_DELAY > DEADLINE_BLOCKS_MAX);
// Nor can a validator before the last of its blocks is too old for evidence: a stake counts for at most three epochs
// after it unbonds, and a chain block takes a slot at least.
const _: () = assert!(UNBONDING_DELAY as u64 > (EVIDENCE_EPOCHS as u64 + 3) * EPOCH_LENGTH);

impl pallet_staking::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ProviderBondMin = ConstU128<PROVIDER_BOND_MIN>;
    type ValidatorBondMin = ConstU128<VALIDATOR_BOND_MIN>;
    type UnbondingDelay = ConstU32<UNBONDING_DELAY>;
    type UnlockingMax = ConstU32<32>;
    type ValidatorsMax = ConstU32<VALIDATORS_MAX>;
    type SlashBeneficiary = Treasury;
}

impl pallet_model_registry::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type DepositBase = ConstU128<CIT>;
    type DepositPerByte = ConstU128<{ 100 * MICRO_CIT }>;
    type ModelsPerOwnerMax = ConstU32<1_000>;
}

impl pallet_inference_jobs::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Models = ModelRegistry;
    type Stake = Staking;
    type Randomness = Dag;
    type Treasury = Treasury;
    type OwnerShare = OwnerShare;
    type TreasuryShare = TreasuryShare;
    type TimeoutBlocks = ConstU32<TIMEOUT_BLOCKS>;
    type BlockTimeMs = ConstU64<SLOT_DURATION_MS>;
    type RevealBlocks = ConstU32<REVEAL_BLOCKS>;
    type Penalties = Costs;
    type KeyMemoryBlocks = ConstU32<UNBONDING_DELAY>;
    type StakeCap = ConstU128<STAKE_CAP>;
    type FreeOutputBytes = ConstU32<FREE_OUTPUT_BYTES>;
    type AttemptsMax = ConstU32<3>;
    type QueueMax = ConstU32<10_000>;
    type JobsPerBlockMax = ConstU32<24>;
    type JudgementsPerBlockMax = ConstU32<4>;
    type JudgementWeight = JudgementWeight;
    type PastKeysMax = ConstU32<16>;
    type FinishedMax = ConstU32<10_000>;
    type DeadlineBlocksMax = ConstU32<DEADLINE_BLOCKS_MAX>;
    type ProvidersPerModelMax = ConstU32<64>;
    type ModelsPerProviderMax = ConstU32<64>;
    type CapacityMax = ConstU32<64>;
}
