//! A small runtime with balances, stakes, models and jobs.

use std::sync::OnceLock;

use citrate_core::{AccountId32, Balance, H256, Perbill, Weight, hashing, sr25519};
use citrate_inference_types::{
    Counters, DType, Device, EngineInfo, JobId, ModelCard, Policy, RECEIPT_VERSION, Receipt,
    Tensor, Tensors, Text, content_hash, job_id,
};
use citrate_support::parameter_types;
use citrate_support::traits::{ConstU32, ConstU64, ConstU128, Hooks, Randomness};
use citrate_support::weights::RuntimeDbWeight;
use citrate_testing::TestExternalities;
use codec::Encode;
use pallet_staking::Role;
use sp_arithmetic::Permill;

use crate::{Blob, Config, HoldReason, JobCount, Jobs, Pallet, Penalties, Reveals, State};

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
}

parameter_types! {
    pub const Treasury: AccountId32 = AccountId32::new([99; 32]);
    pub const OwnerShare: Permill = Permill::from_percent(20);
    pub const TreasuryShare: Permill = Permill::from_percent(5);
    pub const Costs: Penalties = Penalties {
        silent: 50,
        wrong: 200,
        wrong_prices: 2,
        contradiction: 4_000,
        reporter_share: Perbill::from_percent(25),
    };
    pub const JudgementWeight: Weight = Weight::zero();
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight { read: 1, write: 1_000 };
    pub static FinishedMax: u32 = 4;
    pub static ProvidersPerModelMax: u32 = 5;
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
}

#[derive(Debug)]
pub struct BlockRandomness;

impl Randomness<H256, u32> for BlockRandomness {
    fn random(subject: &[u8]) -> (H256, u32) {
        let now = System::block_number();
        (H256((subject, now).using_encoded(hashing::blake2_256)), now)
    }
}

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Models = Registry;
    type Stake = Staking;
    type Randomness = BlockRandomness;
    type Treasury = Treasury;
    type OwnerShare = OwnerShare;
    type TreasuryShare = TreasuryShare;
    type TimeoutBlocks = ConstU32<3>;
    type BlockTimeMs = ConstU64<30_000>;
    type RevealBlocks = ConstU32<3>;
    type Penalties = Costs;
    type KeyMemoryBlocks = ConstU32<20>;
    type StakeCap = ConstU128<100_000>;
    type FreeOutputBytes = ConstU32<8>;
    type AttemptsMax = ConstU32<2>;
    type QueueMax = ConstU32<6>;
    type JobsPerBlockMax = ConstU32<3>;
    type JudgementsPerBlockMax = ConstU32<2>;
    type JudgementWeight = JudgementWeight;
    type PastKeysMax = ConstU32<2>;
    type FinishedMax = FinishedMax;
    type DeadlineBlocksMax = ConstU32<100>;
    type ProvidersPerModelMax = ProvidersPerModelMax;
    type ModelsPerProviderMax = ConstU32<2>;
    type CapacityMax = ConstU32<8>;
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
pub(super) const ISSUANCE: Balance = 8 * 1_000_000 + 100;
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
    balances.push((Treasury::get(), 100));
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    };
    let mut ext = citrate_testing::new_test_ext(&config);
    ext.execute_with(|| Registry::register(signed(&account(OWNER)), MODEL, card(), PRICE).unwrap());
    ext
}

pub(super) fn card() -> ModelCard {
    serde_json::from_str(include_str!("../../../../scripts/models/magika.json")).unwrap()
}

/// Makes a provider that serves the model.
pub(super) fn add_provider(number: u8, capacity: u32) {
    let who = signed(&provider_account(number));
    Staking::bond(who.clone(), Role::Provider, 10_000).unwrap();
    Market::set_provider(who.clone(), provider(number).public(), capacity).unwrap();
    Market::serve(who, MODEL).unwrap();
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
    let who = account(user);
    let index = JobCount::<Test>::get(&who);
    let policy = Policy::Redundant { providers, quorum };
    let fee = Registry::info(&MODEL).unwrap().price * u128::from(providers);
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
    let weight = Market::on_initialize(now);
    assert!(weight.all_lte(Market::hooks_weight_max()), "{weight:?}");
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

pub(super) fn receipt(number: u8, job: JobId) -> Receipt {
    Receipt {
        version: RECEIPT_VERSION,
        genesis: Pallet::<Test>::genesis(),
        job,
        attempt: Jobs::<Test>::get(job).unwrap().attempt,
        model: MODEL,
        input: content_hash(b"fn main() {}"),
        output: content_hash(b"result"),
        engine: EngineInfo {
            name: Text::default(),
            version: Text::default(),
            device: Device::Cpu,
            settings: H256::zero(),
        },
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
    for (job, _, _) in Reveals::<Test>::iter() {
        let is_open = Jobs::<Test>::get(job).is_some_and(|job| job.state.is_open());
        assert!(is_open, "results of {job:?} are left");
    }
    for (who, provider) in crate::Providers::<Test>::iter() {
        let has = crate::Assigned::<Test>::iter_key_prefix(&who).count();
        assert_eq!(provider.assigned as usize, has, "jobs of {who}");
        assert!(provider.assigned <= provider.capacity);
    }
}
