//! Tests of the pallet on a small runtime.

use citrate_core::{AccountId32, Balance, DispatchError, H256, Perbill, Permill, Weight, sr25519};
use citrate_inference_types::{
    Access, ConformanceReport, Device, EngineInfo, ModelCard, ModelStatus, Text, Verdict,
};
use citrate_support::dispatch::{GetDispatchInfo, Pays};
use citrate_support::parameter_types;
use citrate_support::traits::{ConstU32, ConstU128, Dispatchable, Hooks};
use citrate_support::weights::RuntimeDbWeight;
use citrate_testing::TestExternalities;

use crate::conformance::CHECK_TIME;
use crate::{
    APPROVALS_PER_BLOCK_MAX, Config, Error, Event, Examiners, Granted, HoldReason, Liability,
    Models, Pallet, Rejections, Terms,
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
    pub type Registry = crate;
}

citrate_testing::system_config!(Test {
    AccountId = AccountId32,
    AccountData = pallet_balances::AccountData,
    DbWeight = DbWeight,
});

parameter_types! {
    pub const DbWeight: RuntimeDbWeight = RuntimeDbWeight { read: 1, write: 1_000 };
    pub const OwnerShare: Permill = Permill::from_percent(20);
    pub const OwnerShareMax: Permill = Permill::from_percent(50);
    pub const Liable: Liability =
        Liability { penalty: 400, reporter_share: Perbill::from_percent(25), blocks: 6 };
    pub static ModelsPerOwnerMax: u32 = 2;
    /// Whose stake answers for a report.
    pub static Backed: Vec<AccountId32> = vec![];
}

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

impl Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type DepositBase = ConstU128<100>;
    type DepositPerByte = ConstU128<1>;
    type ModelsPerOwnerMax = ModelsPerOwnerMax;
    type GrantsMax = ConstU32<2>;
    type OwnerShare = OwnerShare;
    type OwnerShareMax = OwnerShareMax;
    type Examiners = Serving;
    type Liability = Liable;
    type Referee = ();
}

/// Accounts 5 to 19 serve every model; each signs with a key of its own.
#[derive(Debug)]
pub struct Serving;

impl Examiners for Serving {
    fn session_key(provider: &AccountId32, _model: &H256) -> Option<sr25519::Public> {
        (5..20).find(|id| account(*id) == *provider).map(|id| key(id).public())
    }

    /// The last of them has nothing.
    fn back(provider: &AccountId32, amount: Balance) -> bool {
        assert_eq!(amount, Liable::get().penalty);
        let can = *provider != account(19);
        if can {
            Backed::mutate(|backed| backed.push(provider.clone()));
        }
        can
    }

    fn release(provider: &AccountId32, amount: Balance) {
        assert_eq!(amount, Liable::get().penalty);
        Backed::mutate(|backed| {
            let at = backed.iter().position(|who| who == provider).unwrap();
            backed.remove(at);
        });
    }

    fn punish(_: &AccountId32, amount: Balance, _: (&AccountId32, Perbill)) -> Balance {
        amount
    }

    fn weight() -> Weight {
        Weight::zero()
    }

    fn punish_weight() -> Weight {
        Weight::zero()
    }
}

/// Lets the time of this block's reports pass.
fn wait() {
    let free_from = System::block_number() + Liable::get().blocks + 1;
    System::set_block_number(free_from);
    Registry::on_initialize(free_from);
}

fn key(id: u8) -> sr25519::Pair {
    sr25519::Pair::from_seed(&[id; 32]).unwrap()
}

fn account(id: u8) -> AccountId32 {
    AccountId32::new([id; 32])
}

fn signed(id: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(id))
}

pub(crate) fn ext() -> TestExternalities {
    let balances = (1..=2).map(|id| (account(id), 100_000)).collect();
    let config = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances },
        ..Default::default()
    };
    citrate_testing::new_test_ext(&config)
}

fn card() -> ModelCard {
    serde_json::from_str(include_str!("../../../scripts/models/magika.json")).unwrap()
}

fn model(id: u8) -> H256 {
    H256([id; 32])
}

fn held(id: u8) -> Balance {
    Balances::on_hold(&HoldReason::Model.into(), &account(id))
}

/// What a provider says of a model.
fn report(id: u8, of: u8, verdict: Verdict) -> ConformanceReport {
    let settings = H256::zero();
    let (name, version) = (Text::truncated("onnxruntime"), Text::truncated("1.0"));
    ConformanceReport {
        genesis: System::genesis_hash(),
        model: model(of),
        card: Pallet::<Test>::info(&model(of)).unwrap().card.hash(),
        engine: EngineInfo { name, version, device: Device::Cpu, settings },
        verdict,
        provider: account(id),
    }
}

fn send(id: u8, report: ConformanceReport) -> Result<Pays, DispatchError> {
    let signature = key(id).sign(&report.signing_payload());
    let done = Registry::report(signed(id), report, signature);
    done.map(|info| info.pays_fee).map_err(|failed| failed.error)
}

const CONFORMS: Verdict = Verdict::Conforms { outputs: H256([8; 32]) };

fn rejected(reason: &str) -> Verdict {
    Verdict::Rejected { reason: Text::truncated(reason) }
}

/// Lets a model take jobs.
fn approve(of: u8) {
    send(5, report(5, of, CONFORMS)).unwrap();
}

fn status(of: u8) -> ModelStatus {
    Pallet::<Test>::info(&model(of)).unwrap().status
}

fn error(error: Error<Test>) -> Result<(), DispatchError> {
    Err(error.into())
}

#[test]
fn a_model_costs_a_deposit_that_comes_back() {
    ext().execute_with(|| {
        Registry::register(signed(1), model(1), card(), 7).unwrap();
        assert_eq!(held(1), Pallet::<Test>::deposit_for(&card()));
        assert!(held(1) > 1000);
        let info = Pallet::<Test>::info(&model(1)).unwrap();
        assert_eq!((info.owner, info.price, info.status), (account(1), 7, ModelStatus::Pending));
        assert_eq!(
            Registry::register(signed(2), model(1), card(), 7),
            error(Error::AlreadyRegistered)
        );
        assert_eq!(Registry::remove(signed(1), model(1)), error(Error::StillActive));
        Registry::deprecate(signed(1), model(1)).unwrap();
        <Registry as Models>::inc_uses(&model(1));
        assert_eq!(Registry::remove(signed(1), model(1)), error(Error::InUse));
        <Registry as Models>::dec_uses(&model(1));
        Registry::remove(signed(1), model(1)).unwrap();
        assert_eq!(held(1), 0);
        assert_eq!(Pallet::<Test>::info(&model(1)), None);
    });
}

#[test]
fn only_the_owner_changes_a_model() {
    ext().execute_with(|| {
        Registry::register(signed(1), model(1), card(), 7).unwrap();
        assert_eq!(Registry::set_price(signed(2), model(1), 8), error(Error::NotOwner));
        assert_eq!(Registry::deprecate(signed(2), model(1)), error(Error::NotOwner));
        assert_eq!(Registry::transfer(signed(2), model(1), account(2)), error(Error::NotOwner));
        assert_eq!(Registry::set_price(signed(1), model(9), 8), error(Error::UnknownModel));
        Registry::set_price(signed(1), model(1), 8).unwrap();
        assert_eq!(Pallet::<Test>::info(&model(1)).unwrap().price, 8);
    });
}

#[test]
fn a_transfer_takes_the_deposit_along() {
    ext().execute_with(|| {
        Registry::register(signed(1), model(1), card(), 7).unwrap();
        let deposit = held(1);
        Registry::transfer(signed(1), model(1), account(2)).unwrap();
        assert_eq!((held(1), held(2)), (0, deposit));
        assert_eq!(Registry::deprecate(signed(1), model(1)), error(Error::NotOwner));
        Registry::deprecate(signed(2), model(1)).unwrap();
        Registry::remove(signed(2), model(1)).unwrap();
        assert_eq!(held(2), 0);
    });
}

#[test]
fn an_update_links_the_versions_and_deprecates_the_old_one() {
    ext().execute_with(|| {
        Registry::register(signed(1), model(1), card(), 7).unwrap();
        let update = |old, new| Registry::update(signed(1), model(old), model(new), card(), 9);
        assert_eq!(update(1, 2), error(Error::NotActive));
        approve(1);
        update(1, 2).unwrap();
        // There is a version to use at any time.
        assert_eq!((status(1), status(2)), (ModelStatus::Active, ModelStatus::Pending));
        approve(2);
        let (old, new) =
            (Pallet::<Test>::info(&model(1)).unwrap(), Pallet::<Test>::info(&model(2)).unwrap());
        assert_eq!((old.status, old.next), (ModelStatus::Deprecated, Some(model(2))));
        assert_eq!((new.status, new.previous), (ModelStatus::Active, Some(model(1))));
        assert_eq!(update(1, 3), error(Error::NotActive));
    });
}

fn admit(id: u8) -> Result<Terms, DispatchError> {
    let entry = <Registry as Models>::get(&model(1)).unwrap();
    <Registry as Models>::admit(&model(1), &entry, &account(id))
}

#[test]
fn a_list_costs_a_deposit_that_comes_back() {
    ext().execute_with(|| {
        Registry::register(signed(1), model(1), card(), 7).unwrap();
        approve(1);
        let deposit = held(1);
        Registry::set_access(signed(1), model(1), Access::List).unwrap();
        assert_eq!(admit(2), Err(Error::<Test>::NoAccess.into()));
        assert!(admit(1).is_ok(), "the owner always may");
        for id in [9, 2] {
            Registry::grant(signed(1), model(1), account(id)).unwrap();
            assert!(admit(id).is_ok());
        }
        assert_eq!(Registry::grant(signed(1), model(1), account(2)), error(Error::NoChange));
        assert_eq!(Registry::grant(signed(1), model(1), account(3)), error(Error::TooManyGrants));
        assert_eq!(held(1), deposit + 2 * 32);
        Registry::revoke(signed(1), model(1), account(9)).unwrap();
        assert_eq!(admit(9), Err(Error::<Test>::NoAccess.into()));
        assert_eq!(Registry::revoke(signed(1), model(1), account(9)), error(Error::NoChange));
        assert_eq!(held(1), deposit + 32);
        // A list and its deposit go with the model.
        Registry::transfer(signed(1), model(1), account(2)).unwrap();
        assert_eq!((held(1), held(2)), (0, deposit + 32));
        assert_eq!(admit(1), Err(Error::<Test>::NoAccess.into()));
        Registry::deprecate(signed(2), model(1)).unwrap();
        wait();
        Registry::remove(signed(2), model(1)).unwrap();
        assert_eq!(held(2), 0);
        assert_eq!(Granted::<Test>::iter().count(), 0);
    });
}

#[test]
fn terms_are_the_owners_within_bounds() {
    ext().execute_with(|| {
        Registry::register(signed(1), model(1), card(), 7).unwrap();
        approve(1);
        let terms = |access_fee, percent| {
            Ok(Terms { access_fee, owner_share: Permill::from_percent(percent) })
        };
        assert_eq!(admit(2), terms(0, 20));
        let most = Permill::from_percent(50);
        Registry::set_share(signed(1), model(1), most).unwrap();
        let more = Permill::from_parts(500_001);
        assert_eq!(Registry::set_share(signed(1), model(1), more), error(Error::ShareTooLarge));
        Registry::set_access(signed(1), model(1), Access::PayPerUse { fee: 5 }).unwrap();
        assert_eq!(admit(2), terms(5, 50));
        assert_eq!(admit(1), terms(0, 50), "the owner pays itself nothing");
        let info = Pallet::<Test>::info(&model(1)).unwrap();
        assert_eq!((info.access, info.share), (Access::PayPerUse { fee: 5 }, most));
        for result in [
            Registry::set_share(signed(2), model(1), most),
            Registry::set_access(signed(2), model(1), Access::Public),
            Registry::grant(signed(2), model(1), account(2)),
            Registry::revoke(signed(2), model(1), account(2)),
        ] {
            assert_eq!(result, error(Error::NotOwner));
        }
        Registry::deprecate(signed(1), model(1)).unwrap();
        assert_eq!(admit(2), Err(Error::<Test>::Deprecated.into()));
    });
}

#[test]
fn a_new_version_leaves_alone_what_is_not_its_owners() {
    ext().execute_with(|| {
        Registry::register(signed(1), model(1), card(), 7).unwrap();
        approve(1);
        Registry::update(signed(1), model(1), model(2), card(), 9).unwrap();
        Registry::transfer(signed(1), model(1), account(2)).unwrap();
        approve(2);
        assert_eq!((status(1), status(2)), (ModelStatus::Active, ModelStatus::Active));
        assert_eq!(Pallet::<Test>::info(&model(1)).unwrap().next, None);
    });
}

#[test]
fn a_model_is_active_once_a_provider_has_found_it_to_be_what_its_card_says() {
    ext().execute_with(|| {
        Registry::register(signed(1), model(1), card(), 7).unwrap();
        assert_eq!(admit(1), Err(Error::<Test>::Pending.into()));
        let good = report(6, 1, CONFORMS);
        let changes: [fn(&mut ConformanceReport); 3] =
            [|r| r.genesis.0[0] ^= 1, |r| r.card.0[0] ^= 1, |r| r.provider = account(7)];
        for change in changes {
            let mut wrong = good.clone();
            change(&mut wrong);
            assert_eq!(send(6, wrong), Err(Error::<Test>::WrongReport.into()));
        }
        let unknown = ConformanceReport { model: model(9), ..good.clone() };
        assert_eq!(send(6, unknown), Err(Error::<Test>::UnknownModel.into()));
        // One that does not serve the model, and one whose key is another's.
        assert_eq!(send(2, report(2, 1, CONFORMS)), Err(Error::<Test>::NotExaminer.into()));
        let foreign = key(7).sign(&good.signing_payload());
        let refused = Registry::report(signed(6), good.clone(), foreign).unwrap_err().error;
        assert_eq!(refused, Error::<Test>::WrongSignature.into());
        assert_eq!(status(1), ModelStatus::Pending);

        System::set_block_number(17);
        assert_eq!(send(6, good.clone()), Ok(Pays::No));
        assert!(admit(2).is_ok());
        let approval = Pallet::<Test>::info(&model(1)).unwrap().approval.unwrap();
        assert_eq!((approval.provider, approval.at), (account(6), 17));
        assert_eq!((approval.engine, approval.outputs), (good.engine.clone(), H256([8; 32])));
        assert_eq!(send(6, good), Err(Error::<Test>::NotPending.into()));
        Registry::deprecate(signed(1), model(1)).unwrap();
        assert_eq!(send(7, report(7, 1, CONFORMS)), Err(Error::<Test>::NotPending.into()));
    });
}

#[test]
fn a_model_that_is_rejected_stays_pending_and_each_says_so_once() {
    ext().execute_with(|| {
        Registry::register(signed(1), model(1), card(), 7).unwrap();
        assert_eq!(send(5, report(5, 1, rejected("cut short"))), Ok(Pays::No));
        let event = RuntimeEvent::Registry(Event::ModelRejected {
            model: model(1),
            provider: account(5),
            reason: Text::truncated("cut short"),
        });
        assert!(System::events().iter().any(|record| record.event == event));
        let again = send(5, report(5, 1, rejected("cut short")));
        assert_eq!(again, Err(Error::<Test>::AlreadyReported.into()));
        for id in 6..13 {
            send(id, report(id, 1, rejected("so it is"))).unwrap();
        }
        let beyond = send(13, report(13, 1, rejected("so it is")));
        assert_eq!(beyond, Err(Error::<Test>::TooManyReports.into()));
        let info = Pallet::<Test>::info(&model(1)).unwrap();
        assert_eq!((info.status, info.rejections.len()), (ModelStatus::Pending, 8));
        assert_eq!(info.rejections[0].reason.as_str(), "cut short");
        // They cannot keep it from whoever finds it good, and then they are forgotten.
        send(14, report(14, 1, CONFORMS)).unwrap();
        let info = Pallet::<Test>::info(&model(1)).unwrap();
        assert_eq!((info.status, info.rejections.len()), (ModelStatus::Active, 0));
        // So they are with a model that is given up.
        Registry::register(signed(1), model(2), card(), 7).unwrap();
        send(5, report(5, 2, rejected("wrong"))).unwrap();
        Registry::deprecate(signed(1), model(2)).unwrap();
        Registry::remove(signed(1), model(2)).unwrap();
        assert_eq!(Rejections::<Test>::iter().count(), 0);
    });
}

#[test]
fn a_stake_answers_for_a_report_until_it_cannot_be_disputed_any_more() {
    ext().execute_with(|| {
        Registry::register(signed(1), model(1), card(), 7).unwrap();
        let poor = send(19, report(19, 1, CONFORMS));
        assert_eq!(poor, Err(Error::<Test>::NotExaminer.into()));
        assert_eq!(status(1), ModelStatus::Pending);
        approve(1);
        assert_eq!(Backed::get(), [account(5)]);
        Registry::deprecate(signed(1), model(1)).unwrap();
        assert_eq!(Registry::remove(signed(1), model(1)), error(Error::InUse));
        for _ in 0..Liable::get().blocks {
            let now = System::block_number() + 1;
            System::set_block_number(now);
            Registry::on_initialize(now);
            assert_eq!(Backed::get(), [account(5)]);
        }
        Registry::on_initialize(System::block_number() + 1);
        assert_eq!(Backed::get(), []);
        Registry::remove(signed(1), model(1)).unwrap();
    });
}

#[test]
fn as_many_models_become_active_in_a_block_as_a_later_one_looks_at() {
    ext().execute_with(|| {
        ModelsPerOwnerMax::set(APPROVALS_PER_BLOCK_MAX + 1);
        let last = u8::try_from(APPROVALS_PER_BLOCK_MAX).unwrap() + 1;
        for id in 1..=last {
            Registry::register(signed(1), model(id), card(), 7).unwrap();
        }
        (1..last).for_each(approve);
        let beyond = send(5, report(5, last, CONFORMS));
        assert_eq!(beyond, Err(Error::<Test>::TooManyReports.into()));
        System::set_block_number(System::block_number() + 1);
        approve(last);
        ModelsPerOwnerMax::set(2);
    });
}

#[test]
fn limits_hold() {
    ext().execute_with(|| {
        Registry::register(signed(1), model(1), card(), 7).unwrap();
        Registry::register(signed(1), model(2), card(), 7).unwrap();
        assert_eq!(Registry::register(signed(1), model(3), card(), 7), error(Error::TooManyModels));
        let mut bad = card();
        bad.limits.time_ms_max = 0;
        assert_eq!(Registry::register(signed(2), model(3), bad, 7), error(Error::InvalidCard));
        assert_eq!(Pallet::<Test>::page(None, 1).len(), 1);
        let first = Pallet::<Test>::page(None, 1)[0].hash;
        let second = Pallet::<Test>::page(Some(first), 10);
        assert_eq!(second.len(), 1);
        assert_ne!(second[0].hash, first);
    });
}

#[test]
fn calls_weigh_what_they_do() {
    use crate::Call;

    let run = |ext: &mut TestExternalities, id: u8, call: Call<Test>| {
        let call = RuntimeCall::Registry(call);
        let name = citrate_support::dispatch::GetCallMetadata::get_call_metadata(&call);
        let weight = call.get_dispatch_info().call_weight.ref_time() % CHECK_TIME;
        let (result, accesses) = ext.accesses(|| call.dispatch(signed(id)));
        result.unwrap();
        let did = (accesses.reads(), accesses.writes());
        assert!(
            did.0 <= weight % 1_000 && did.1 <= weight / 1_000,
            "{} of {weight}: {did:?}",
            name.function_name
        );
    };
    let say = |ext: &mut TestExternalities, of: u8, verdict: Verdict| {
        let report = ext.execute_with(|| report(5, of, verdict));
        let signature = key(5).sign(&report.signing_payload());
        run(ext, 5, Call::report { report, signature });
    };
    let mut ext = ext();
    let ext = &mut ext;
    run(ext, 1, Call::register { model: model(1), card: card(), price: 7 });
    say(ext, 1, CONFORMS);
    run(ext, 1, Call::update { previous: model(1), model: model(2), card: card(), price: 9 });
    say(ext, 2, rejected("an example's output is none of the card's"));
    say(ext, 2, CONFORMS);
    run(ext, 1, Call::set_price { model: model(2), price: 8 });
    run(ext, 1, Call::set_access { model: model(2), access: Access::List });
    run(ext, 1, Call::grant { model: model(2), who: account(2) });
    run(ext, 1, Call::grant { model: model(2), who: account(9) });
    run(ext, 1, Call::revoke { model: model(2), who: account(9) });
    run(ext, 1, Call::set_share { model: model(2), share: Permill::zero() });
    run(ext, 1, Call::transfer { model: model(2), to: account(2) });
    run(ext, 2, Call::deprecate { model: model(2) });
    let now = ext.execute_with(|| System::block_number() + Liable::get().blocks + 1);
    ext.execute_with(|| System::set_block_number(now));
    let (weight, accesses) = ext.accesses(|| Registry::on_initialize(now));
    let did = (accesses.reads(), accesses.writes());
    assert!(did.0 <= weight.ref_time() % 1_000 && did.1 <= weight.ref_time() / 1_000, "{did:?}");
    run(ext, 2, Call::remove { model: model(2) });
}

#[test]
fn every_call_weighs_what_its_benchmark_touches() {
    citrate_testing::assert_benchmarks_weighed::<Registry>(DbWeight::get(), ext);
}
