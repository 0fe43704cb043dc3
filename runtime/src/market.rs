//! The configuration of the market's pallets: stakes, models, jobs.

use alloc::vec::Vec;

use citrate_core::{Balance, BlockNumber, Perbill, Weight, sr25519};
use citrate_support::parameter_types;
use citrate_support::traits::{ConstU32, ConstU128};
use pallet_attestations::Costs as AttestationCosts;
use pallet_dag::Member;
use pallet_inference_jobs::{Bounds, Penalties, Shares, Times};
use pallet_model_registry::Liability;
use pallet_referee::Judge;
use sp_arithmetic::Permill;

use crate::constants::{
    CIT, EPOCH_LENGTH, EVIDENCE_EPOCHS, MICRO_CIT, MINUTES, SLOT_DURATION_MS, VALIDATORS_MAX,
};
use crate::{
    AccountId, Attestations, Balances, Dag, InferenceJobs, ModelRegistry, Providers, Referee,
    Runtime, RuntimeHoldReason, Session, Staking,
};

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
/// Blocks in which a result may be disputed, where its policy says so: a minute.
const DISPUTE_BLOCKS: u32 = MINUTES;
/// A longer output pays for its receipt: without that, a job for nothing would buy 16 KiB of the chain for the fee of
/// its submission. The scores of a classifier of 200 classes fit.
const FREE_OUTPUT_BYTES: u32 = 1_024;
/// LIMIT: the furthest deadline of a job: a day.
const DEADLINE_BLOCKS_MAX: u32 = 24 * 60 * MINUTES;

parameter_types! {
    /// The part of a job's price that a model's owner gets without asking.
    pub const OwnerShare: Permill = Permill::from_percent(20);
    /// The most that it may ask for: who runs a model gets about half of its price, or nobody would.
    pub const OwnerShareMax: Permill = Permill::from_percent(45);
    /// Gets the chain's share of fees, and what is slashed. Nobody has its key.
    pub const Treasury: AccountId = AccountId::new(*b"citrate/treasury________________");
    /// Who gets which part of a job's fee.
    pub const Parts: Shares = Shares {
        owner: OwnerShare::get(),
        treasury: Permill::from_percent(5),
        burn: Permill::zero(),
    };
    /// How long things may take.
    pub const Durations: Times = Times {
        timeout: TIMEOUT_BLOCKS,
        reveal: REVEAL_BLOCKS,
        dispute: DISPUTE_BLOCKS,
        block_ms: SLOT_DURATION_MS,
    };
    /// Limits of the market.
    pub const Limits: Bounds = Bounds {
        attempts: 3,
        queue: 10_000,
        finished: 10_000,
        deadline_blocks: DEADLINE_BLOCKS_MAX,
        // 10,000 places that nobody serves cost 50 mCIT a block: 360 CIT an hour.
        rent: 5 * MICRO_CIT,
        free_output_bytes: FREE_OUTPUT_BYTES,
    };
    /// One in twenty: who cheats in every job is slashed more than it can win. With a rate r a cheat wins a job's fee until it is
    /// found after 1 / r jobs on average, and then loses the fault's price, which is 10 fees and more.
    pub const SpotCheckRate: Permill = Permill::from_percent(5);
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
    /// What answers for the word that a model is what its card says: twice a wrong result, because every job of the model relies
    /// on it, and a fifth of the least stake, so that a provider can vouch for some models a day. A day is long enough for
    /// whoever buys or serves the model to run its examples, and much shorter than a stake takes to unbond.
    pub const Vouching: Liability = Liability {
        penalty: 20 * CIT,
        reporter_share: Perbill::from_percent(10),
        blocks: 24 * 60 * MINUTES,
    };
    /// What it takes to compare five results of 16 KiB in WebAssembly (`docs/performance.md`), and a fifth more.
    pub const JudgementWeight: Weight = Weight::from_parts(20_000_000_000, 0);
    /// What arithmetic on BLS12-381 takes in WebAssembly (`docs/performance.md`), and on the whole a fifth more.
    pub const CurveCosts: AttestationCosts = AttestationCosts {
        proof: Weight::from_parts(10_000_000_000, 0),
        signature: Weight::from_parts(500_000_000, 0),
        batch: Weight::from_parts(6_000_000_000, 0),
        sum: Weight::from_parts(4_500_000_000, 0),
        share: Weight::from_parts(500_000_000, 0),
    };
}

// A provider cannot take its stake away before its last job has ended.
const _: () = assert!(UNBONDING_DELAY > DEADLINE_BLOCKS_MAX);
// Nor before its word on a model can be disputed no more.
const _: () = assert!(UNBONDING_DELAY > 24 * 60 * MINUTES);
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
    // A list is read whole: 8 KiB.
    type GrantsMax = ConstU32<256>;
    type OwnerShare = OwnerShare;
    type OwnerShareMax = OwnerShareMax;
    type Examiners = Providers;
    type Liability = Vouching;
    type Referee = Referee;
}

impl pallet_providers::Config for Runtime {
    type Models = ModelRegistry;
    type Stake = Staking;
    type StakeCap = ConstU128<STAKE_CAP>;
    type CapacityMax = ConstU32<64>;
    type SilenceMax = ConstU32<{ 10 * MINUTES }>;
    type KeyMemory = ConstU32<UNBONDING_DELAY>;
    type PastKeysMax = ConstU32<16>;
    type ProvidersPerModelMax = ConstU32<64>;
    type ModelsPerProviderMax = ConstU32<64>;
}

impl pallet_inference_jobs::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Randomness = Dag;
    type Treasury = Treasury;
    type Referee = Referee;
    type Attest = Attestations;
    type Shares = Parts;
    type Times = Durations;
    type SpotCheckRate = SpotCheckRate;
    type Penalties = Costs;
    type Bounds = Limits;
    // Should all of them run out of time at once, with full panels, that is 0.11 s of a block.
    type JobsPerBlockMax = ConstU32<10>;
    // A redundant job is judged with its last result; these are the ones that run out of time.
    type JudgementsPerBlockMax = ConstU32<2>;
    type SpotChecksPerBlockMax = ConstU32<4>;
    type JudgementWeight = JudgementWeight;
}

impl pallet_attestations::Config for Runtime {
    type Stake = Staking;
    // As much as silence: a wrong share costs the chain as much time as a job that has to be given to another one.
    type Penalty = ConstU128<CIT>;
    // As long as providers have to make their results known.
    type GatherBlocks = ConstU32<REVEAL_BLOCKS>;
    type GatheringsMax = ConstU32<1_024>;
    type SumsPerBlockMax = ConstU32<4>;
    // As many as there are finished jobs.
    type AttestationsMax = ConstU32<10_000>;
    type Costs = CurveCosts;
}

impl pallet_referee::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Docket = (ModelRegistry, InferenceJobs);
    type Committee = Authors;
    type Stake = Staking;
    type Randomness = Dag;
    type Treasury = Treasury;
    // As much as a provider loses for a wrong result of a cheap job: a dispute is not cheaper than a lie.
    type Bond = ConstU128<{ 10 * CIT }>;
    type Reward = ConstU128<{ CIT / 10 }>;
    type Penalty = ConstU128<{ 20 * CIT }>;
    type Seats = ConstU32<7>;
    // The referee is some ten times slower than the engine, and a validator may have to fetch the model.
    type CommitBlocks = ConstU32<{ MINUTES }>;
    type RevealBlocks = ConstU32<REVEAL_BLOCKS>;
    type RoundsMax = ConstU32<2>;
    type CasesMax = ConstU32<32>;
    type CasesPerBlockMax = ConstU32<2>;
}

/// Those who author blocks sit in the referee's committees, with the session keys that they registered for inference.
#[derive(Debug)]
pub struct Authors;

impl pallet_referee::Committee for Authors {
    fn judges() -> Vec<Judge> {
        let judge = |member: Member| Judge {
            account: member.account,
            stake: member.authority.weight.into(),
        };
        pallet_dag::Authorities::<Runtime>::get().into_iter().map(judge).collect()
    }

    fn key(judge: &AccountId) -> Option<sr25519::Public> {
        Some(Session::keys(judge)?.provider)
    }

    fn weight() -> Weight {
        <Runtime as pallet_system::Config>::DbWeight::get().reads(1)
    }
}
