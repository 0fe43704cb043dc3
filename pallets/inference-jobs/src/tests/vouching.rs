//! What it costs to say of a model that it is what its card says, when it is not.

#![expect(clippy::disallowed_types, reason = "scores of a model; the chain reads them as integers")]

use citrate_core::{Balance, DispatchError, DispatchResult, H256, Weight};
use citrate_inference_types::{Example, ModelCard, ModelStatus, Policy, Refereeable, content_hash};
use citrate_support::dispatch::GetDispatchInfo;
use citrate_support::traits::Dispatchable as _;
use pallet_model_registry::{Disputed, Error, Expected, Registered};
use pallet_referee::Cases;

use super::access::approve;
use super::disputes::{judged, stake, votes};
use super::mock::{
    JUDGES, Liable, Market, OWNER, PRICE, Providers, Referee, Registry, RuntimeCall, RuntimeOrigin,
    System, Test, account, add_judges, add_provider, card, check, ext, free, input, next_block,
    provider_account, scores, signed,
};
use super::weights::{RECEIPT_TIME, assert_covers};
use crate::Blob;

/// The model of these tests.
const VOUCHED: H256 = H256([43; 32]);
/// What it gives.
const RIGHT: f32 = 0.9;
/// What it does not.
const WRONG: f32 = 0.1;
/// What a false report costs, and what a challenger puts up.
const PENALTY: Balance = 400;
const BOND: Balance = 500;

fn error(error: Error<Test>) -> DispatchError {
    error.into()
}

fn output(score: f32) -> Vec<u8> {
    let Blob::Inline(bytes) = scores(score) else { unreachable!() };
    bytes.into_inner()
}

/// A card that says that the model gives these for its examples.
fn promising(outputs: &[&[u8]]) -> ModelCard {
    let example = |output: &&[u8]| Example {
        input: content_hash(b"an input"),
        input_bytes: 8,
        output: content_hash(output),
        output_bytes: u32::try_from(output.len()).unwrap(),
    };
    let examples = outputs.iter().map(example).collect::<Vec<_>>();
    ModelCard { examples: examples.try_into().unwrap(), ..card() }
}

/// The first provider vouches for a model of this card.
fn vouched(card: ModelCard) {
    add_judges(JUDGES);
    add_provider(0, 8);
    Registry::register(signed(&account(OWNER)), VOUCHED, card, PRICE).unwrap();
    Providers::serve(signed(&provider_account(0)), VOUCHED, PRICE).unwrap();
    approve(0, VOUCHED).unwrap();
    check();
}

fn dispute(example: u32, expected: &[u8]) -> DispatchResult {
    let expected = Expected::try_from(expected.to_vec()).unwrap();
    Registry::dispute_report(signed(&account(2)), VOUCHED, example, expected)
}

/// The one case.
fn case() -> H256 {
    Disputed::<Test>::iter().map(|(case, _)| case).next().unwrap()
}

fn status() -> ModelStatus {
    Registered::<Test>::get(VOUCHED).unwrap().status
}

#[test]
fn who_vouches_for_a_model_that_does_not_do_its_examples_is_slashed() {
    ext().execute_with(|| {
        vouched(promising(&[&output(WRONG)]));
        let before = free(&account(2));
        dispute(0, &output(WRONG)).unwrap();
        assert_eq!(free(&account(2)), before - BOND);
        judged(case(), RIGHT);
        assert_eq!(stake(0), 10_000 - PENALTY);
        assert_eq!(free(&account(2)), before + PENALTY / 4, "the bond is back, and a share");
        let entry = Registered::<Test>::get(VOUCHED).unwrap();
        assert_eq!((entry.status, entry.approval), (ModelStatus::Pending, None));
        assert_eq!(Providers::provider(&provider_account(0)).unwrap().wrong, 1);
        let who = signed(&account(1));
        let refused = Market::submit(who, VOUCHED, input(), PRICE, Policy::Attested, 50);
        assert_eq!(refused, Err(error(Error::Pending)));
        // Once for one report; the next one is another.
        assert_eq!(dispute(0, &output(WRONG)), Err(error(Error::NotDisputable)));
        approve(0, VOUCHED).unwrap();
        check();
        dispute(0, &output(WRONG)).unwrap();
        judged(case(), RIGHT);
        assert_eq!(stake(0), 10_000 - 2 * PENALTY);
        // What was released then is not released again.
        for _ in 0..=Liable::get().blocks {
            next_block();
        }
    });
}

#[test]
fn who_disputes_a_true_report_loses_the_bond_to_its_provider() {
    ext().execute_with(|| {
        vouched(promising(&[&output(RIGHT)]));
        let (provider, challenger) = (free(&provider_account(0)), free(&account(2)));
        dispute(0, &output(RIGHT)).unwrap();
        judged(case(), RIGHT);
        assert_eq!((stake(0), status()), (10_000, ModelStatus::Active));
        assert_eq!(free(&provider_account(0)), provider + BOND);
        assert_eq!(free(&account(2)), challenger - BOND);
    });
}

/// Its own result may lie between what the card promises and what the referee finds, within the tolerance of both.
#[test]
fn an_honest_provider_in_the_middle_is_not_slashed() {
    ext().execute_with(|| {
        // The card allows 1.9e-4 here.
        vouched(promising(&[&output(RIGHT + 0.000_35)]));
        dispute(0, &output(RIGHT + 0.000_35)).unwrap();
        judged(case(), RIGHT);
        assert_eq!((stake(0), status()), (10_000, ModelStatus::Active));
        dispute(0, &output(RIGHT + 0.000_35)).unwrap();
        judged(case(), RIGHT - 0.000_05);
        assert_eq!((stake(0), status()), (10_000 - PENALTY, ModelStatus::Pending));
    });
}

#[test]
fn an_output_that_is_none_of_the_cards_needs_no_referee() {
    ext().execute_with(|| {
        vouched(promising(&[&output(RIGHT), b"no tensors"]));
        Referee::set_module(RuntimeOrigin::root(), None).unwrap();
        assert!(dispute(0, &output(RIGHT)).is_err(), "there is none");
        let before = free(&account(2));
        dispute(1, b"no tensors").unwrap();
        assert_eq!((stake(0), status()), (10_000 - PENALTY, ModelStatus::Pending));
        assert_eq!(free(&account(2)), before + PENALTY / 4);
        check();
    });
}

#[test]
fn an_output_of_another_length_than_the_card_says_is_none() {
    ext().execute_with(|| {
        let mut card = promising(&[&output(RIGHT)]);
        card.examples[0].output_bytes -= 1;
        vouched(card);
        dispute(0, &output(RIGHT)).unwrap();
        assert_eq!((stake(0), status()), (10_000 - PENALTY, ModelStatus::Pending));
    });
}

#[test]
fn only_what_can_be_judged_is_disputed() {
    ext().execute_with(|| {
        vouched(promising(&[&output(RIGHT)]));
        let expected = Expected::try_from(output(RIGHT)).unwrap();
        let of = |model| Registry::dispute_report(signed(&account(2)), model, 0, expected.clone());
        assert_eq!(of(H256([9; 32])), Err(error(Error::UnknownModel)));
        assert_eq!(of(super::mock::MODEL), Err(error(Error::NotDisputable)), "nobody vouches");
        assert_eq!(dispute(1, &output(RIGHT)), Err(error(Error::NotDisputable)));
        assert_eq!(dispute(0, &output(WRONG)), Err(error(Error::WrongOutput)));
        let poor = signed(&account(77));
        assert!(Registry::dispute_report(poor, VOUCHED, 0, expected.clone()).is_err());
        assert_eq!(Disputed::<Test>::iter().count(), 0);
        dispute(0, &output(RIGHT)).unwrap();
        let open: DispatchError = pallet_referee::Error::<Test>::AlreadyOpen.into();
        assert_eq!(dispute(0, &output(RIGHT)), Err(open));
        assert_eq!(Referee::dispute(signed(&account(1)), case()), Err(open));
        judged(case(), RIGHT);
        for _ in 0..Liable::get().blocks {
            next_block();
        }
        assert_eq!(dispute(0, &output(RIGHT)), Err(error(Error::NotDisputable)), "too late");
    });
    ext().execute_with(|| {
        let examples = promising(&[&output(RIGHT)]);
        vouched(ModelCard { referee: Refereeable::No, ..examples });
        assert_eq!(dispute(0, &output(RIGHT)), Err(error(Error::NotDisputable)));
    });
}

#[test]
fn the_second_of_two_disputes_finds_nobody_and_gets_its_bond_back() {
    ext().execute_with(|| {
        vouched(promising(&[&output(WRONG), &output(0.2)]));
        let before = free(&account(2));
        dispute(0, &output(WRONG)).unwrap();
        let first = case();
        dispute(1, &output(0.2)).unwrap();
        let second = Disputed::<Test>::iter_keys().find(|case| *case != first).unwrap();
        judged(first, RIGHT);
        judged(second, RIGHT);
        assert_eq!(stake(0), 10_000 - PENALTY);
        assert_eq!(free(&account(2)), before + PENALTY / 4);
    });
}

#[test]
fn without_a_verdict_nobody_loses_anything_and_the_model_is_kept_meanwhile() {
    ext().execute_with(|| {
        vouched(promising(&[&output(WRONG)]));
        let before = free(&account(2));
        dispute(0, &output(WRONG)).unwrap();
        let (owner, who) = (signed(&account(OWNER)), signed(&provider_account(0)));
        Providers::unserve(who, VOUCHED).unwrap();
        Registry::deprecate(owner.clone(), VOUCHED).unwrap();
        let case = case();
        for _ in 0..30 {
            if Cases::<Test>::contains_key(case) {
                assert_eq!(Registry::remove(owner.clone(), VOUCHED), Err(error(Error::InUse)));
            }
            next_block();
        }
        assert_eq!((stake(0), free(&account(2))), (10_000, before));
        Registry::remove(owner, VOUCHED).unwrap();
        check();
    });
}

/// Else the owner could have removed it before anybody finds out.
#[test]
fn a_false_report_on_a_model_that_was_given_up_costs_as_much() {
    ext().execute_with(|| {
        vouched(promising(&[&output(WRONG)]));
        Providers::unserve(signed(&provider_account(0)), VOUCHED).unwrap();
        Registry::deprecate(signed(&account(OWNER)), VOUCHED).unwrap();
        dispute(0, &output(WRONG)).unwrap();
        judged(case(), RIGHT);
        assert_eq!((stake(0), status()), (10_000 - PENALTY, ModelStatus::Deprecated));
        Registry::remove(signed(&account(OWNER)), VOUCHED).unwrap();
    });
}

#[test]
fn a_stake_does_not_answer_twice() {
    ext().execute_with(|| {
        add_provider(0, 8);
        Registry::register(signed(&account(OWNER)), VOUCHED, card(), PRICE).unwrap();
        Providers::serve(signed(&provider_account(0)), VOUCHED, PRICE).unwrap();
        Providers::back(&provider_account(0), 10_000 - PENALTY + 1);
        assert_eq!(approve(0, VOUCHED), Err(error(Error::NotExaminer)));
        Providers::release(&provider_account(0), 1);
        approve(0, VOUCHED).unwrap();
    });
}

#[test]
fn disputes_of_reports_weigh_what_they_do() {
    let mut ext = ext();
    ext.execute_with(|| vouched(promising(&[&output(WRONG), b"no tensors"])));
    let without_time = |mut weight: Weight| {
        weight = weight
            .saturating_sub(Weight::from_parts(weight.ref_time() / 250_000_000 * 250_000_000, 0));
        weight
    };
    let call = |ext: &mut citrate_testing::TestExternalities, example, expected: Vec<u8>| {
        let expected = Expected::try_from(expected).unwrap();
        let model = VOUCHED;
        let call = pallet_model_registry::Call::dispute_report { model, example, expected };
        let call = RuntimeCall::Registry(call);
        let weight = without_time(call.get_dispatch_info().call_weight);
        let (done, accesses) = ext.accesses(|| call.dispatch(signed(&account(2))));
        done.unwrap();
        assert_covers(weight, &accesses, "a dispute of a report");
    };
    call(&mut ext, 0, output(WRONG));
    ext.execute_with(next_block);
    let case = ext.execute_with(case);
    for vote in ext.execute_with(|| votes(case, RIGHT)) {
        let made = RuntimeCall::Referee(ext.execute_with(vote));
        let mut weight = made.get_dispatch_info().call_weight;
        while weight.ref_time() >= RECEIPT_TIME {
            weight = weight.saturating_sub(Weight::from_parts(RECEIPT_TIME, 0));
        }
        let what = format!("{made:?}");
        let (done, accesses) = ext.accesses(|| made.dispatch(RuntimeOrigin::none()));
        done.unwrap();
        assert_covers(weight, &accesses, &what);
    }
    ext.execute_with(|| {
        assert_eq!(status(), ModelStatus::Pending);
        System::set_block_number(System::block_number() + 1);
        approve(0, VOUCHED).unwrap();
    });
    call(&mut ext, 1, b"no tensors".to_vec());
    assert_eq!(ext.execute_with(status), ModelStatus::Pending);
}
