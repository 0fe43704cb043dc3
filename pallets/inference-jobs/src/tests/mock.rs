//! A small runtime with balances, stakes, models and jobs.

use std::sync::OnceLock;

use citrate_core::{AccountId32, Balance, H256, Perbill, Weight, hashing, sr25519};
use citrate_inference_types::{
    Counters, DType, Device, EngineInfo, JobId, ModelCard, ModelStatus, Policy, RECEIPT_VERSION,
    Receipt, Refereeable, Tensor, Tensors, Text, Tolerance, content_hash, job_id,
};
use citrate_support::parameter_types;
use citrate_support::traits::{ConstU32, ConstU128, Hooks, Randomness};
use citrate_support::weights::RuntimeDbWeight;
use citrate_testing::TestExternalities;
use codec::Encode;
use pallet_model_registry::Liability;
use pallet_referee::Judge;
use pallet_staking::{Role, Stake as _};
use sp_arithmetic::Permill;

use crate::{
    Blob, Bounds, Config, HoldReason, JobCount, Jobs, Pallet, Penalties, Reveals, Shares, State,
    Times,
};

#[citrate_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeHoldReason,
        RuntimeFreezeReason
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = pallet_system;

    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances;

    #[runtime::pallet_index(2)]
    pub type Staking = pallet_staking;

    #[runtime::pallet_index(3)]
    pub type Registry = pallet_model_registry;

    #[runtime::pallet_index(4)]
    pub type Market = crate;

    #[runtime::pallet_index(5)]
    pub type Referee = pallet_referee;

    #[runtime::pallet_index(6)]
    pub type Providers = pallet_providers;

    #[runtime::pallet_index(7)]
    pub type Attestations = pallet_attestations;
}

citrate_testing::system_config!(Test {
    AccountId = AccountId32,
    AccountData = pallet_balances::AccountData,
    DbWeight = DbWeight,
});

impl pallet_balances::Config for Test {
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type AccountStore = System;
    type DustRemoval = ();
    type ExistentialDeposit = ConstU128<5>;
    type MaxLocks = ConstU32<3>;
    type MaxReserves = ConstU32<2>;
    type MaxFreezes = ConstU32<3>;
    type WeightInfo = DbWeight;
}

parameter_types! {
    /// What a false report on a model costs, and for how long.
    pub const Liable: Liability =
        Liability { penalty: 400, reporter_share: Perbill::from_percent(25), blocks: 6 };
    pub const Treasury: AccountId32 = AccountId32::new([99; 32]);
    pub const OwnerShare: Permill = Permill::from_percent(20);
    pub const OwnerShareMax: Permill = Permill::from_percent(50);
    pub static Burn: Permill = Permill::zero();
    pub Parts: Shares = Shares {
        owner: OwnerShare::get(),
        treasury: Permill::from_percent(5),
        burn: Burn::get(),
    };
    pub const Durations: Times = Times { timeout: 3, reveal: 3, dispute: 5, block_ms: 30_000 };
    pub Limits: Bounds = Bounds {
        attempts: 2,
        queue: 6,
        finished: FinishedMax::get(),
        deadline_blocks: 100,
        rent: Rent::get(),
        free_output_bytes: 8,
    };
    pub static SpotCheckRate: Permill = Permill::zero();
    pub const Costs: Penalties = Penalties {
        silent: 50,
        wrong: 200,
        wrong_prices: 2,
        contradiction: 4_000,
        reporter_share: Perbill::from_percent(25),
    };
    pub const JudgementWeight: Weight = Weight::zero();
    /// No time, so that a weight is what is read and written.
    pub const AttestationCosts: pallet_attestations::Costs = pallet_attestations::Costs {
        proof: Weight::zero(),
        signature: Weight::zero(),
        batch: Weight::zero(),
        sum: Weight::zero(),
        share: Weight::zero(),
    };
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight { read: 1, write: 1_000 };
    pub static Rent: Balance = 0;
    pub static FinishedMax: u32 = 4;
}

impl pallet_staking::Config for Test {
    type ValidatorsMax = ConstU32<8>;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ProviderBondMin = ConstU128<1000>;
    type ValidatorBondMin = ConstU128<1000>;
    type UnbondingDelay = ConstU32<10>;
    type UnlockingMax = ConstU32<3>;
    type SlashBeneficiary = Treasury;
}

impl pallet_model_registry::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type DepositBase = ConstU128<100>;
    type DepositPerByte = ConstU128<1>;
    type ModelsPerOwnerMax = ConstU32<5>;
    type GrantsMax = ConstU32<2>;
    type OwnerShare = OwnerShare;
    type OwnerShareMax = OwnerShareMax;
    type Examiners = Providers;
    type Liability = Liable;
    type Referee = Referee;
}

#[derive(Debug)]
pub struct BlockRandomness;

impl Randomness<H256, u32> for BlockRandomness {
    fn random(subject: &[u8]) -> (H256, u32) {
        let now = System::block_number();
        (H256((subject, now).using_encoded(hashing::blake2_256)), now)
    }
}

/// Who sits in committees: the judges, who sign with the providers' keys.
#[derive(Debug)]
pub struct Validators;

impl pallet_referee::Committee for Validators {
    fn judges() -> Vec<Judge> {
        let judge = |number| Judge {
            account: judge(number),
            stake: Staking::active(&judge(number), Role::Validator),
        };
        (0..JUDGES).map(judge).collect()
    }

    fn key(member: &AccountId32) -> Option<sr25519::Public> {
        (0..JUDGES).find(|number| judge(*number) == *member).map(|number| provider(number).public())
    }

    fn weight() -> Weight {
        DbWeight::get().reads(u64::from(JUDGES))
    }
}

impl pallet_referee::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Docket = (Registry, Market);
    type Committee = Validators;
    type Stake = Staking;
    type Randomness = BlockRandomness;
    type Treasury = Treasury;
    type Bond = ConstU128<500>;
    type Reward = ConstU128<10>;
    type Penalty = ConstU128<300>;
    type Seats = ConstU32<3>;
    type CommitBlocks = ConstU32<4>;
    type RevealBlocks = ConstU32<3>;
    type RoundsMax = ConstU32<2>;
    type CasesMax = ConstU32<4>;
    type CasesPerBlockMax = ConstU32<2>;
}

impl pallet_attestations::Config for Test {
    type Stake = Staking;
    type Penalty = ConstU128<10>;
    type GatherBlocks = ConstU32<4>;
    type GatheringsMax = ConstU32<4>;
    type SumsPerBlockMax = ConstU32<2>;
    type AttestationsMax = ConstU32<4>;
    type Costs = AttestationCosts;
}

impl pallet_providers::Config for Test {
    type Models = Registry;
    type Stake = Staking;
    type StakeCap = ConstU128<100_000>;
    type CapacityMax = ConstU32<8>;
    type SilenceMax = ConstU32<1_000>;
    type KeyMemory = ConstU32<20>;
    type PastKeysMax = ConstU32<2>;
    type ProvidersPerModelMax = ConstU32<5>;
    type ModelsPerProviderMax = ConstU32<2>;
}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Randomness = BlockRandomness;
    type Treasury = Treasury;
    type Referee = Referee;
    type Attest = Attestations;
    type Shares = Parts;
    type Times = Durations;
    type SpotCheckRate = SpotCheckRate;
    type Penalties = Costs;
    type Bounds = Limits;
    type JobsPerBlockMax = ConstU32<3>;
    type JudgementsPerBlockMax = ConstU32<2>;
    type SpotChecksPerBlockMax = ConstU32<2>;
    type JudgementWeight = JudgementWeight;
}

/// The submitters.
pub(super) const USERS: [u8; 2] = [1, 2];
/// The model's owner.
pub(super) const OWNER: u8 = 3;
/// The model.
pub(super) const MODEL: H256 = H256([42; 32]);
/// What a job costs.
pub(super) const PRICE: Balance = 1000;
/// All the money.
pub(super) const ISSUANCE: Balance = (8 + JUDGES as Balance) * 1_000_000 + 100;
/// The referee's module.
pub(super) const MODULE: H256 = H256([66; 32]);
/// How many may be drawn for a committee.
pub(super) const JUDGES: u8 = 4;
/// How many providers there are.
pub(super) const PROVIDERS: u8 = 5;

/// The providers' keys, which are their accounts too. Made once: deriving them from words is slow.
pub(super) fn provider(number: u8) -> &'static sr25519::Pair {
    static PAIRS: OnceLock<[sr25519::Pair; PROVIDERS as usize]> = OnceLock::new();
    let pairs = PAIRS.get_or_init(|| {
        ["//Alice", "//Bob", "//Charlie", "//Dave", "//Eve"]
            .map(|name| sr25519::Pair::from_suri(name, None).unwrap())
    });
    &pairs[usize::from(number)]
}

pub(super) fn provider_account(number: u8) -> AccountId32 {
    AccountId32::new(provider(number).public().0)
}

pub(super) fn account(id: u8) -> AccountId32 {
    AccountId32::new([id; 32])
}

pub(super) fn signed(who: &AccountId32) -> RuntimeOrigin {
    RuntimeOrigin::signed(who.clone())
}

pub(super) fn free(who: &AccountId32) -> Balance {
    pallet_system::Account::<Test>::get(who).data.free
}

/// Everybody has a million, the treasury a little; the model is registered.
pub(super) fn ext() -> TestExternalities {
    let mut balances: Vec<_> = [1, 2, OWNER].map(|id| (account(id), 1_000_000)).to_vec();
    balances.extend((0..PROVIDERS).map(|number| (provider_account(number), 1_000_000)));
    balances.extend((0..JUDGES).map(|number| (judge(number), 1_000_000)));
    balances.push((Treasury::get(), 100));
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    };
    let mut ext = citrate_testing::new_test_ext(&config);
    ext.execute_with(|| register(MODEL, card()));
    ext
}

/// Registers a model of the owner's that takes jobs.
pub(super) fn register(model: H256, card: ModelCard) {
    Registry::register(signed(&account(OWNER)), model, card, PRICE).unwrap();
    pallet_model_registry::Registered::<Test>::mutate(model, |entry| {
        entry.as_mut().unwrap().status = ModelStatus::Active;
    });
}

pub(super) fn card() -> ModelCard {
    let card = include_str!("../../../../scripts/models/magika.json");
    let card: ModelCard = serde_json::from_str(card).unwrap();
    let close = Tolerance::Close { atol_nano: 100_000, rtol_nano: 100_000, outliers_max: 0 };
    ModelCard {
        referee: Refereeable::Yes { fuel: 1_000, memory_bytes: 1 << 20 },
        tolerance: vec![close].try_into().unwrap(),
        ..card
    }
}

/// The account of a member of committees; its key is a provider's.
pub(super) fn judge(number: u8) -> AccountId32 {
    account(200 + number)
}

/// Sets the referee up, and members of its committees with a stake.
pub(super) fn add_judges(count: u8) {
    Referee::set_module(RuntimeOrigin::root(), Some(MODULE)).unwrap();
    for number in 0..count {
        Staking::bond(signed(&judge(number)), Role::Validator, 1_000).unwrap();
    }
}

/// Makes a provider that serves the model.
pub(super) fn add_provider(number: u8, capacity: u32) {
    let who = signed(&provider_account(number));
    Staking::bond(who.clone(), Role::Provider, 10_000).unwrap();
    Providers::register(who.clone(), provider(number).public(), capacity).unwrap();
    Providers::serve(who, MODEL, PRICE).unwrap();
}

pub(super) fn input() -> Blob {
    Blob::Inline(b"fn main() {}".to_vec().try_into().unwrap())
}

pub(super) fn output() -> Blob {
    Blob::Inline(b"result".to_vec().try_into().unwrap())
}

/// What the model gives: a score for each label, all the same but the first.
#[expect(clippy::disallowed_types, reason = "a model's output; nothing is computed with it here")]
pub(super) fn scores(first: f32) -> Blob {
    let mut row = vec![0.001f32; 214];
    row[0] = first;
    let data = row.iter().flat_map(|score| score.to_le_bytes()).collect();
    let tensor = Tensor::try_new(DType::F32, vec![1, 214], data).unwrap();
    Blob::Inline(Tensors::single("target_label", tensor).unwrap().encode().try_into().unwrap())
}

/// Submits a job that several providers run, with a fee that just suffices.
pub(super) fn submit_redundant(user: u8, providers: u8, quorum: u8, blocks: u32) -> JobId {
    submit_with(user, Policy::Redundant { providers, quorum }, blocks)
}

/// Submits a job with a fee that just suffices.
pub(super) fn submit_with(user: u8, policy: Policy, blocks: u32) -> JobId {
    let who = account(user);
    let index = JobCount::<Test>::get(&who);
    let fee = Providers::quote(&MODEL, policy.providers()).unwrap();
    Market::submit(signed(&who), MODEL, input(), fee, policy, blocks).unwrap();
    job_id(&Pallet::<Test>::genesis(), &who, index)
}

/// The numbers of the providers that run a job together.
pub(super) fn panel(job: JobId) -> Vec<u8> {
    let (State::Committing { panel, .. } | State::Revealing { panel, .. }) = state(job) else {
        return Vec::new();
    };
    let number = |who| (0..PROVIDERS).find(|n| provider_account(*n) == who).unwrap();
    panel.into_iter().map(|seat| number(seat.provider)).collect()
}

/// Submits a job with a fee of at most 1500.
pub(super) fn submit(user: u8, blocks: u32) -> JobId {
    let who = account(user);
    let index = JobCount::<Test>::get(&who);
    Market::submit(signed(&who), MODEL, input(), 1500, Default::default(), blocks).unwrap();
    job_id(&Pallet::<Test>::genesis(), &who, index)
}

pub(super) fn next_block() {
    let now = System::block_number() + 1;
    System::set_block_number(now);
    Registry::on_initialize(now);
    let weight = Market::on_initialize(now);
    assert!(weight.all_lte(Market::hooks_weight_max()), "{weight:?}");
    Referee::on_initialize(now);
    check();
}

pub(super) fn state(job: JobId) -> State {
    Jobs::<Test>::get(job).unwrap().state
}

/// The number of the provider that has the job.
pub(super) fn assigned(job: JobId) -> Option<u8> {
    match state(job) {
        State::Assigned { provider, .. } => {
            (0..PROVIDERS).find(|n| provider_account(*n) == provider)
        }
        _ => None,
    }
}

pub(super) fn engine() -> EngineInfo {
    EngineInfo {
        name: Text::default(),
        version: Text::default(),
        device: Device::Cpu,
        settings: H256::zero(),
    }
}

pub(super) fn receipt(number: u8, job: JobId) -> Receipt {
    Receipt {
        version: RECEIPT_VERSION,
        genesis: Pallet::<Test>::genesis(),
        job,
        attempt: Jobs::<Test>::get(job).unwrap().attempt,
        model: MODEL,
        input: content_hash(b"fn main() {}"),
        output: content_hash(b"result"),
        digest: None,
        engine: engine(),
        counters: Counters::default(),
        provider: provider_account(number),
    }
}

/// Checks the books: no money made or lost, and on hold what the open jobs say.
pub(super) fn check() {
    let sum: Balance = pallet_system::Account::<Test>::iter()
        .map(|(_, account)| account.data.free + account.data.reserved)
        .sum();
    assert_eq!(sum, ISSUANCE);
    for user in USERS {
        let open: Balance = Jobs::<Test>::iter()
            .filter(|(_, job)| job.submitter == account(user))
            .filter(|(_, job)| job.state.is_open())
            .map(|(_, job)| job.max_fee)
            .sum();
        assert_eq!(Balances::on_hold(&HoldReason::Escrow.into(), &account(user)), open);
    }
    for who in (0..PROVIDERS).map(provider_account) {
        let bonds = pallet_referee::Cases::<Test>::iter()
            .filter_map(|(_, case)| case.challenger)
            .filter(|(challenger, _)| *challenger == who)
            .map(|(_, bond)| bond);
        let reason = pallet_referee::HoldReason::Dispute.into();
        assert_eq!(Balances::on_hold(&reason, &who), bonds.sum::<Balance>());
    }
    for (job, _, _) in Reveals::<Test>::iter() {
        let is_open = Jobs::<Test>::get(job).is_some_and(|job| job.state.is_open());
        assert!(is_open, "results of {job:?} are left");
    }
    for (who, provider) in pallet_providers::Providers::<Test>::iter() {
        let has = crate::Assigned::<Test>::iter_key_prefix(&who).count();
        assert_eq!(provider.assigned as usize, has, "jobs of {who}");
        assert!(provider.assigned <= provider.capacity);
        let open = crate::Assigned::<Test>::iter_key_prefix(&who);
        let claimed =
            Jobs::<Test>::iter_keys().filter(|job| Reveals::<Test>::contains_key(job, &who));
        let claimed = claimed
            .filter(|job| matches!(state(*job), State::Claimed { .. } | State::Disputed { .. }));
        // Its word on models answers too.
        let vouched = pallet_model_registry::Registered::<Test>::iter()
            .filter_map(|(_, model)| model.approval)
            .filter(|approval| approval.provider == who)
            .filter(|approval| System::block_number() <= approval.at + Liable::get().blocks)
            .map(|_| Liable::get().penalty);
        let risk = |job| Pallet::<Test>::risk(&Jobs::<Test>::get(job).unwrap());
        assert_eq!(
            provider.at_risk,
            open.chain(claimed).map(risk).chain(vouched).sum::<Balance>(),
            "{who}"
        );
    }
}
