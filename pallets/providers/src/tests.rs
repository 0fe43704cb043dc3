//! Tests of the pallet on a small runtime.

use citrate_core::{AccountId32, Balance, DispatchError, H256, Perbill, Permill, Weight, sr25519};
use citrate_inference_types::{Claims, Device, EngineInfo, ModelCard, Offer, Text};
use citrate_support::dispatch::{GetDispatchInfo, Pays};
use citrate_support::parameter_types;
use citrate_support::traits::{ConstU32, ConstU128, Dispatchable};
use citrate_support::weights::RuntimeDbWeight;
use citrate_testing::{Accesses, TestExternalities};
use pallet_model_registry::Liability;
use pallet_staking::Role;

use crate::{Call, Config, Error, Outcome, Pallet, PastKeys, Provider, Serving};

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
    pub type Providers = crate;
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
    type ExistentialDeposit = ConstU128<1>;
    type MaxLocks = ConstU32<1>;
    type MaxReserves = ConstU32<1>;
    type MaxFreezes = ConstU32<1>;
    type WeightInfo = DbWeight;
}

parameter_types! {
    /// What a false report on a model costs, and for how long.
    pub const Liable: Liability =
        Liability { penalty: 400, reporter_share: Perbill::from_percent(25), blocks: 6 };
    pub const Treasury: AccountId32 = AccountId32::new([99; 32]);
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight { read: 1, write: 1_000 };
    pub const OwnerShare: Permill = Permill::from_percent(20);
    pub static ProvidersPerModelMax: u32 = 4;
}

impl pallet_staking::Config for Test {
    type ValidatorsMax = ConstU32<8>;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ProviderBondMin = ConstU128<1_000>;
    type ValidatorBondMin = ConstU128<1_000>;
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
    type OwnerShareMax = OwnerShare;
    type Examiners = Providers;
    type Liability = Liable;
    type Referee = ();
}

impl Config for Test {
    type Models = Registry;
    type Stake = Staking;
    type StakeCap = ConstU128<50_000>;
    type CapacityMax = ConstU32<8>;
    type SilenceMax = ConstU32<40>;
    type KeyMemory = ConstU32<20>;
    type PastKeysMax = ConstU32<2>;
    type ProvidersPerModelMax = ProvidersPerModelMax;
    type ModelsPerProviderMax = ConstU32<2>;
}

/// Models of one owner; a run costs 100 at least.
const MODELS: [H256; 3] = [H256([1; 32]), H256([2; 32]), H256([3; 32])];
const OWNER: u8 = 9;
const STAKE: Balance = 10_000;

fn account(id: u8) -> AccountId32 {
    AccountId32::new([id; 32])
}

fn signed(id: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(id))
}

fn key(id: u8) -> sr25519::Public {
    sr25519::Public([id; 32])
}

fn error(error: Error<Test>) -> DispatchError {
    error.into()
}

fn ext() -> TestExternalities {
    let balances = (1..=OWNER).map(|id| (account(id), 1_000_000)).collect();
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    };
    let mut ext = citrate_testing::new_test_ext(&config);
    ext.execute_with(|| {
        let card = include_str!("../../../scripts/models/magika.json");
        let card: ModelCard = serde_json::from_str(card).unwrap();
        for model in MODELS {
            Registry::register(signed(OWNER), model, card.clone(), 100).unwrap();
        }
        System::set_block_number(1);
    });
    ext
}

/// Makes a provider that serves the first model.
fn add(id: u8, capacity: u32, price: Balance) {
    Staking::bond(signed(id), Role::Provider, STAKE).unwrap();
    Providers::register(signed(id), key(id), capacity).unwrap();
    Providers::serve(signed(id), MODELS[0], price).unwrap();
}

fn entry(id: u8) -> Provider<ConstU32<2>> {
    crate::Providers::<Test>::get(account(id)).unwrap()
}

/// Who may get a job of the first model, and what it costs there, where each can lose ten times the price.
fn candidates() -> Vec<(u8, Balance)> {
    let serving = Serving::<Test>::get(MODELS[0]).into_inner();
    Pallet::<Test>::candidates(serving, &MODELS[0], 100, |price| price * 10)
        .into_iter()
        .map(|found| ((1..=OWNER).find(|id| account(*id) == found.account).unwrap(), found.price))
        .collect()
}

fn claims(device: Device) -> Claims {
    let engine = EngineInfo {
        name: Text::truncated("onnxruntime"),
        version: Text::truncated("1.32.0"),
        device,
        settings: H256::zero(),
    };
    Claims { engine, memory_bytes: 1 << 30 }
}

fn heartbeat(id: u8, device: Device) -> Result<Pays, DispatchError> {
    Providers::heartbeat(signed(id), claims(device))
        .map(|info| info.pays_fee)
        .map_err(|failed| failed.error)
}

#[test]
fn a_provider_has_a_stake_and_is_bounded() {
    ext().execute_with(|| {
        assert_eq!(Providers::register(signed(1), key(1), 1), Err(error(Error::NoStake)));
        let serve = |model| Providers::serve(signed(1), model, 0);
        assert_eq!(serve(MODELS[0]), Err(error(Error::NotProvider)));
        add(1, 8, 100);
        for capacity in [0, 9] {
            let found = Providers::register(signed(1), key(1), capacity);
            assert_eq!(found, Err(error(Error::WrongCapacity)));
        }
        assert_eq!(serve(H256([7; 32])), Err(error(Error::UnknownModel)));
        serve(MODELS[1]).unwrap();
        assert_eq!(serve(MODELS[2]), Err(error(Error::TooManyModels)));
        assert!(Serving::<Test>::get(MODELS[2]).is_empty());
        assert_eq!(Providers::deregister(signed(1)), Err(error(Error::Busy)));
        for model in &MODELS[..2] {
            Providers::unserve(signed(1), *model).unwrap();
            assert_eq!(Providers::unserve(signed(1), *model), Err(error(Error::NoChange)));
            assert!(!Serving::<Test>::contains_key(model));
            assert!(!pallet_model_registry::Uses::<Test>::contains_key(model));
        }
        Pallet::<Test>::occupy(&account(1), 5);
        assert_eq!(Providers::deregister(signed(1)), Err(error(Error::Busy)), "it has a job");
        Pallet::<Test>::vacate(&account(1), 5);
        Providers::deregister(signed(1)).unwrap();
        assert_eq!(Pallet::<Test>::provider(&account(1)), None);
        Registry::deprecate(signed(OWNER), MODELS[0]).unwrap();
        Providers::register(signed(1), key(1), 1).unwrap();
        assert_eq!(serve(MODELS[0]), Err(error(Error::ModelDeprecated)));
    });
}

#[test]
fn a_price_is_the_providers_own_and_the_models_at_least() {
    ext().execute_with(|| {
        add(1, 1, 300);
        add(2, 1, 0);
        add(3, 1, 200);
        assert_eq!(candidates(), [(1, 300), (2, 100), (3, 200)]);
        let again = Providers::serve(signed(1), MODELS[0], 300);
        assert_eq!(again, Err(error(Error::NoChange)));
        Providers::serve(signed(1), MODELS[0], 250).unwrap();
        assert_eq!(candidates(), [(1, 250), (2, 100), (3, 200)]);
        assert_eq!(entry(1).offers.into_inner(), [Offer { model: MODELS[0], price: 250 }]);
        assert_eq!(Serving::<Test>::get(MODELS[0]).len(), 3, "nobody stands there twice");
        assert_eq!(pallet_model_registry::Uses::<Test>::get(MODELS[0]), 3);
    });
}

#[test]
fn a_quote_is_what_enough_providers_ask() {
    ext().execute_with(|| {
        let quote = |runs| Pallet::<Test>::quote(&MODELS[0], runs);
        assert_eq!(quote(2), Some(200), "the least, where nobody serves it");
        for (id, price) in [(1, 300), (2, 0), (3, 150)] {
            add(id, 1, price);
        }
        assert_eq!((quote(1), quote(2), quote(3)), (Some(100), Some(300), Some(900)));
        assert_eq!((quote(0), quote(4)), (None, Some(400)));
        assert_eq!(quote(u32::MAX), Some(100 * u128::from(u32::MAX)));
        // Whoever has no stake at work does not count.
        Staking::chill(signed(2)).unwrap();
        assert_eq!((quote(1), quote(2)), (Some(150), Some(600)));
        assert_eq!(Pallet::<Test>::quote(&H256([7; 32]), 1), None);
    });
}

#[test]
fn what_a_provider_holds_is_bounded_by_its_capacity_and_its_stake() {
    ext().execute_with(|| {
        add(1, 2, 100);
        add(2, 8, 400);
        let who = [1, 2].map(account);
        assert_eq!(candidates(), [(1, 100), (2, 400)]);
        for _ in 0..2 {
            who.iter().for_each(|who| Pallet::<Test>::occupy(who, 4_000));
        }
        // The first one has no room, the second one's stake backs 8,000 and not 12,000.
        assert_eq!(candidates(), []);
        Pallet::<Test>::vacate(&who[0], 4_000);
        Pallet::<Test>::vacate(&who[1], 4_000);
        assert_eq!(candidates(), [(1, 100), (2, 400)]);
        // A result that may still be disputed takes no room, but the stake answers for it.
        Pallet::<Test>::back(&who[1], 2_001);
        assert_eq!(candidates(), [(1, 100)]);
        assert_eq!((entry(2).assigned, entry(2).at_risk), (1, 6_001));
        Pallet::<Test>::release(&who[1], 2_001);
        assert_eq!(candidates(), [(1, 100), (2, 400)]);
    });
}

#[test]
fn who_is_not_heard_of_gets_nothing_until_it_is() {
    ext().execute_with(|| {
        add(1, 1, 100);
        let after = Pallet::<Test>::heartbeat_after();
        assert_eq!(heartbeat(1, Device::Cpu), Ok(Pays::No), "the first one says what it runs");
        assert_eq!(heartbeat(1, Device::Cpu), Err(error(Error::TooEarly)));
        assert_eq!(heartbeat(1, Device::Cuda), Ok(Pays::Yes), "a change counts at once");
        assert_eq!(entry(1).claims, Some(claims(Device::Cuda)));
        System::set_block_number(after);
        assert_eq!(heartbeat(1, Device::Cuda), Err(error(Error::TooEarly)));
        System::set_block_number(after + 1);
        assert_eq!(heartbeat(1, Device::Cuda), Ok(Pays::No));
        System::set_block_number(after + 41);
        assert_eq!(candidates(), [(1, 100)]);
        System::set_block_number(after + 42);
        assert_eq!(candidates(), []);
        assert!(!Pallet::<Test>::provider(&account(1)).unwrap().active);
        assert_eq!(heartbeat(1, Device::Cuda), Ok(Pays::No));
        assert_eq!(candidates(), [(1, 100)]);
        // What it does is a sign of life too.
        System::set_block_number(200);
        Pallet::<Test>::note_seen(&account(1));
        assert_eq!(candidates(), [(1, 100)]);
        assert_eq!(heartbeat(2, Device::Cpu), Err(error(Error::NotProvider)));
    });
}

#[test]
fn who_has_no_stake_at_work_or_sleeps_makes_room_for_others() {
    ext().execute_with(|| {
        ProvidersPerModelMax::set(2);
        add(1, 1, 100);
        add(2, 1, 100);
        Staking::bond(signed(3), Role::Provider, STAKE).unwrap();
        Providers::register(signed(3), key(3), 1).unwrap();
        let serve = |id| Providers::serve(signed(id), MODELS[0], 100);
        let full = error(Error::TooManyProviders);
        assert_eq!(serve(3), Err(full));
        assert!(entry(3).offers.is_empty());
        Staking::chill(signed(2)).unwrap();
        serve(3).unwrap();
        let serving = || Serving::<Test>::get(MODELS[0]).into_inner();
        assert_eq!(serving(), [account(1), account(3)]);
        assert!(entry(2).offers.is_empty());
        // Two providers: what keeps the model registered is counted right.
        assert_eq!(pallet_model_registry::Uses::<Test>::get(MODELS[0]), 2);
        Staking::activate(signed(2)).unwrap();
        assert_eq!(serve(2), Err(full));
        System::set_block_number(42);
        Pallet::<Test>::note_seen(&account(1));
        serve(2).unwrap();
        assert_eq!(serving(), [account(1), account(2)]);
        ProvidersPerModelMax::set(4);
    });
}

#[test]
fn who_has_failed_comes_back_with_its_record() {
    ext().execute_with(|| {
        add(1, 1, 100);
        add(2, 1, 100);
        Pallet::<Test>::record(&account(1), Outcome::Failed);
        Pallet::<Test>::record(&account(2), Outcome::Completed);
        for id in [1, 2] {
            Providers::unserve(signed(id), MODELS[0]).unwrap();
            Providers::deregister(signed(id)).unwrap();
            let again = Providers::deregister(signed(id));
            assert_eq!(again, Err(error(Error::NotProvider)));
            let served = Providers::serve(signed(id), MODELS[0], 100);
            assert_eq!(served, Err(error(Error::NotProvider)));
        }
        assert_eq!(Pallet::<Test>::provider(&account(2)), None);
        assert_eq!((entry(1).capacity, entry(1).failed), (0, 1));
        Providers::register(signed(1), key(1), 1).unwrap();
        assert_eq!((entry(1).capacity, entry(1).failed), (1, 1));
    });
}

#[test]
fn a_provider_answers_for_its_past_keys_for_a_while() {
    ext().execute_with(|| {
        add(1, 1, 100);
        let set = |id| Providers::register(signed(1), key(id), 1);
        set(2).unwrap();
        set(2).unwrap();
        set(3).unwrap();
        assert_eq!(set(4), Err(error(Error::TooManyKeys)));
        let answers = |id| Pallet::<Test>::answers_for(&account(1), &key(id));
        assert_eq!([1, 2, 3, 4].map(answers), [true, true, true, false]);
        System::set_block_number(21);
        assert_eq!([1, 2, 3, 4].map(answers), [true, true, true, false]);
        System::set_block_number(22);
        assert_eq!([1, 2, 3, 4].map(answers), [false, false, true, false]);
        set(4).unwrap();
        assert_eq!(PastKeys::<Test>::get(account(1)).len(), 1);
    });
}

#[test]
fn failures_bring_fewer_jobs() {
    ext().execute_with(|| {
        add(1, 1, 100);
        let of = |completed, failed, wrong| {
            Provider { completed, failed, wrong, ..entry(1) }.reputation().deconstruct()
        };
        assert_eq!(of(0, 0, 0), 1_000_000);
        assert_eq!(of(1_000, 0, 0), 1_000_000);
        assert_eq!(of(0, 4, 0), 500_000);
        assert_eq!(of(48, 0, 1), 500_000);
        assert!(of(u32::MAX, u32::MAX, u32::MAX) < 20_000);
        let weight = || {
            let serving = Serving::<Test>::get(MODELS[0]).into_inner();
            Pallet::<Test>::candidates(serving, &MODELS[0], 0, |_price| 0)[0].weight
        };
        assert_eq!(weight(), STAKE);
        for outcome in [Outcome::Wrong; 3] {
            Pallet::<Test>::record(&account(1), outcome);
        }
        assert_eq!(weight(), STAKE * 16 / (16 + 3 * 64));
        // Stake beyond the cap does not count.
        Staking::bond_extra(signed(1), 500_000).unwrap();
        assert_eq!(weight(), 50_000 * 16 / (16 + 3 * 64));
    });
}

/// In the mock a read weighs 1 and a write 1,000.
fn assert_covers(weight: Weight, accesses: &Accesses, what: &str) {
    let (reads, writes) = (weight.ref_time() % 1_000, weight.ref_time() / 1_000);
    assert!(
        accesses.reads() <= reads && accesses.writes() <= writes,
        "{what} weighs {reads} reads and {writes} writes: {accesses:#?}",
    );
}

fn call(ext: &mut TestExternalities, id: u8, call: Call<Test>) {
    let call = RuntimeCall::Providers(call);
    let weight = call.get_dispatch_info().call_weight;
    let what = format!("{call:?}");
    let (result, accesses) = ext.accesses(|| call.dispatch(signed(id)));
    result.unwrap_or_else(|error| panic!("{what}: {error:?}"));
    assert_covers(weight, &accesses, &what);
}

#[test]
fn calls_weigh_what_they_do() {
    let mut ext = ext();
    ProvidersPerModelMax::set(1);
    ext.execute_with(|| {
        Staking::bond(signed(1), Role::Provider, STAKE).unwrap();
        Staking::bond(signed(2), Role::Provider, STAKE).unwrap();
    });
    let (model, price) = (MODELS[0], 100);
    for id in [1, 2] {
        call(&mut ext, id, Call::register { session_key: key(9), capacity: 1 });
        call(&mut ext, id, Call::register { session_key: key(id), capacity: 2 });
        call(&mut ext, id, Call::heartbeat { claims: claims(Device::Cpu) });
    }
    call(&mut ext, 1, Call::serve { model, price });
    ext.execute_with(|| Staking::chill(signed(1)).unwrap());
    // The list is full, and the first one makes room.
    call(&mut ext, 2, Call::serve { model, price });
    call(&mut ext, 2, Call::unserve { model });
    call(&mut ext, 2, Call::deregister {});
    ProvidersPerModelMax::set(4);
}
