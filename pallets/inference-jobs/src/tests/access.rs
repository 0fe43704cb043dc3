//! Who may submit jobs for a model, and what its owner gets of them.

use citrate_core::{Balance, DispatchError, DispatchResult, H256};
use citrate_inference_types::{
    Access, ConformanceReport, JobStatus, Policy, Verdict, job_id, outputs_hash,
};
use citrate_support::dispatch::Pays;
use pallet_model_registry::Error as RegistryError;
use sp_arithmetic::Permill;

use super::disputes;
use super::life::deliver;
use super::mock::{
    JUDGES, MODEL, Market, OWNER, PRICE, Providers, Registry, RuntimeOrigin, SpotCheckRate,
    Staking, Test, account, add_judges, add_provider, card, check, engine, ext, free, input,
    next_block, panel, provider, provider_account, scores, signed, state, submit_redundant,
};
use super::panel::{commit, reveal};
use crate::{Error, JobCount, Jobs, Pallet, State};

/// The access fee of these tests.
const FEE: Balance = 300;

fn owner() -> RuntimeOrigin {
    signed(&account(OWNER))
}

fn set_access(access: Access) {
    Registry::set_access(owner(), MODEL, access).unwrap();
}

fn try_submit(user: u8, max_fee: Balance) -> DispatchResult {
    Market::submit(signed(&account(user)), MODEL, input(), max_fee, Policy::Attested, 50)
}

fn submit(user: u8, max_fee: Balance) -> H256 {
    let index = JobCount::<Test>::get(account(user));
    try_submit(user, max_fee).unwrap();
    job_id(&Pallet::<Test>::genesis(), &account(user), index)
}

fn no_access() -> DispatchResult {
    Err(RegistryError::<Test>::NoAccess.into())
}

#[test]
fn a_list_lets_in_whom_the_owner_grants_it_and_what_was_let_in_stays() {
    ext().execute_with(|| {
        add_provider(0, 8);
        set_access(Access::List);
        assert_eq!(try_submit(1, PRICE), no_access());
        submit(OWNER, PRICE);
        Registry::grant(owner(), MODEL, account(1)).unwrap();
        assert_eq!(try_submit(2, PRICE), no_access());
        let job = submit(1, PRICE);
        Registry::revoke(owner(), MODEL, account(1)).unwrap();
        assert_eq!(try_submit(1, PRICE), no_access());
        // The job that was accepted is assigned, done and paid like any other.
        next_block();
        assert_eq!(deliver(0, job), Ok(Pays::No));
        assert!(matches!(state(job), State::Settled { .. }));
        set_access(Access::Public);
        submit(2, PRICE);
        check();
    });
}

/// A provider's word that the model is what its card says.
pub(super) fn approve(number: u8, model: H256) -> DispatchResult {
    let about = Registry::info(&model).unwrap();
    let report = ConformanceReport {
        genesis: Pallet::<Test>::genesis(),
        model,
        card: about.card.hash(),
        engine: engine(),
        verdict: Verdict::Conforms { outputs: outputs_hash(&[]) },
        provider: provider_account(number),
    };
    let signature = provider(number).sign(&report.signing_payload());
    let done = Registry::report(signed(&provider_account(number)), report, signature);
    done.map(drop).map_err(|failed| failed.error)
}

#[test]
fn who_serves_a_pending_model_may_let_it_take_jobs() {
    ext().execute_with(|| {
        let pending = H256([43; 32]);
        Registry::register(owner(), pending, card(), PRICE).unwrap();
        let submit = || {
            let who = signed(&account(1));
            Market::submit(who, pending, input(), PRICE, Policy::Attested, 50)
        };
        let not_yet: DispatchError = RegistryError::<Test>::Pending.into();
        assert_eq!(submit(), Err(not_yet));
        // Who serves another model, or has no stake at work, has no say.
        let no_say: DispatchResult = Err(RegistryError::<Test>::NotExaminer.into());
        add_provider(0, 8);
        let who = || signed(&provider_account(0));
        assert_eq!(approve(0, pending), no_say);
        Providers::serve(who(), pending, PRICE).unwrap();
        Staking::chill(who()).unwrap();
        assert_eq!(approve(0, pending), no_say);
        Staking::activate(who()).unwrap();
        approve(0, pending).unwrap();
        submit().unwrap();
        Registry::deprecate(owner(), pending).unwrap();
        add_provider(1, 8);
        let late = Providers::serve(signed(&provider_account(1)), pending, PRICE);
        assert_eq!(late, Err(pallet_providers::Error::<Test>::ModelDeprecated.into()));
    });
}

#[test]
fn an_access_fee_is_the_owners_once_the_job_settles() {
    ext().execute_with(|| {
        add_provider(0, 8);
        set_access(Access::PayPerUse { fee: FEE });
        let low: DispatchError = Error::<Test>::FeeTooLow.into();
        assert_eq!(try_submit(1, PRICE + FEE - 1), Err(low));
        assert_eq!(Providers::quote(&MODEL, 1), Some(PRICE + FEE));
        let job = submit(1, PRICE + FEE);
        // What the owner asks for from now on is for the jobs to come.
        set_access(Access::PayPerUse { fee: 2 * FEE });
        let (buyer, earned) = (free(&account(1)), free(&account(OWNER)));
        next_block();
        deliver(0, job).unwrap();
        check();
        assert_eq!(free(&account(OWNER)) - earned, PRICE / 5 + FEE);
        assert_eq!(free(&account(1)), buyer, "all that was held is spent");
        let status = Pallet::<Test>::job(&job).unwrap().status;
        assert!(matches!(status, JobStatus::Settled { fee, .. } if fee == PRICE + FEE));
        // The owner does not pay itself.
        submit(OWNER, PRICE);
    });
}

#[test]
fn an_access_fee_goes_back_with_the_rest_where_nothing_settles() {
    ext().execute_with(|| {
        set_access(Access::PayPerUse { fee: FEE });
        let (buyer, earned) = (free(&account(1)), free(&account(OWNER)));
        let cancelled = submit(1, PRICE + FEE);
        Market::cancel(signed(&account(1)), cancelled).unwrap();
        add_provider(0, 8);
        let declined = submit(1, PRICE + FEE);
        next_block();
        let who = signed(&provider_account(0));
        Market::decline(who, declined, 0).unwrap();
        assert!(matches!(state(declined), State::Refunded { .. }));
        check();
        assert_eq!((free(&account(1)), free(&account(OWNER))), (buyer, earned));
    });
}

#[test]
fn an_access_fee_is_not_for_a_dearer_provider() {
    ext().execute_with(|| {
        add_provider(0, 8);
        let who = signed(&provider_account(0));
        Providers::serve(who, MODEL, PRICE + FEE).unwrap();
        set_access(Access::PayPerUse { fee: FEE });
        let job = submit(1, PRICE + FEE);
        next_block();
        assert_eq!(state(job), State::Queued, "what is left asks for less");
        let job = submit(1, PRICE + 2 * FEE);
        next_block();
        let earned = free(&account(OWNER));
        deliver(0, job).unwrap();
        let fee = PRICE + FEE;
        assert_eq!(free(&account(OWNER)) - earned, fee / 5 + FEE);
        check();
    });
}

#[test]
fn a_panel_is_paid_each_and_the_access_fee_once() {
    ext().execute_with(|| {
        (0..3).for_each(|number| add_provider(number, 1));
        set_access(Access::PayPerUse { fee: FEE });
        Registry::set_share(owner(), MODEL, Permill::from_percent(50)).unwrap();
        let earned = free(&account(OWNER));
        let job = submit_redundant(1, 3, 2, 60);
        assert_eq!(Jobs::<Test>::get(job).unwrap().max_fee, 3 * PRICE + FEE);
        // A share is a job's own from its submission on.
        Registry::set_share(owner(), MODEL, Permill::zero()).unwrap();
        next_block();
        for number in panel(job) {
            commit(number, job, &scores(0.9)).unwrap();
        }
        for number in panel(job) {
            reveal(number, job, &scores(0.9)).unwrap();
        }
        check();
        assert_eq!(free(&account(OWNER)) - earned, 3 * PRICE / 2 + FEE);
    });
}

#[test]
fn who_was_paid_for_a_wrong_result_gives_the_price_back_and_no_access_fee() {
    SpotCheckRate::set(Permill::one());
    ext().execute_with(|| {
        add_provider(0, 8);
        add_judges(JUDGES);
        set_access(Access::PayPerUse { fee: FEE });
        let before = free(&account(1));
        let job = submit(1, PRICE + FEE);
        next_block();
        disputes::deliver(0, job, 0.1).unwrap();
        assert_eq!(free(&account(1)), before - PRICE - FEE);
        next_block();
        disputes::judged(job, 0.9);
        assert_eq!(free(&account(1)), before - FEE, "the owner has that, and chose it alone");
        check();
    });
    SpotCheckRate::set(Permill::zero());
}
