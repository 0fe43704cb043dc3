//! What a job costs, who gets it for that, and whose stake answers for it.

use citrate_core::Balance;
use citrate_inference_types::{JobId, JobStatus, Policy, job_id};
use pallet_providers::Providers as Entries;

use super::mock::{
    MODEL, Market, PRICE, Providers, Staking, System, Test, account, add_provider, assigned, check,
    ext, free, input, next_block, output, panel, provider, provider_account, receipt, scores,
    signed, state,
};
use super::panel::{commit_call, reveal_call};
use crate::{Event, JobCount, Jobs, Pallet, State};
use citrate_support::traits::Dispatchable;

/// A provider that asks this for a run.
fn add(number: u8, price: Balance) {
    add_provider(number, 1);
    if price != PRICE {
        Providers::serve(signed(&provider_account(number)), MODEL, price).unwrap();
    }
}

/// Submits a job that may cost so much.
fn submit(max_fee: Balance, policy: Policy) -> JobId {
    let who = account(1);
    let index = JobCount::<Test>::get(&who);
    Market::submit(signed(&who), MODEL, input(), max_fee, policy, 50).unwrap();
    job_id(&Pallet::<Test>::genesis(), &who, index)
}

fn deliver(number: u8, job: JobId) {
    let receipt = receipt(number, job);
    let signature = provider(number).sign(&receipt.signing_payload());
    let who = signed(&provider_account(number));
    Market::submit_receipt(who, job, receipt, output(), signature).unwrap();
}

fn fee(job: JobId) -> Balance {
    match Pallet::<Test>::job(&job).unwrap().status {
        JobStatus::Settled { fee, .. } => fee,
        status => panic!("{status:?}"),
    }
}

fn at_risk(number: u8) -> Balance {
    Entries::<Test>::get(provider_account(number)).unwrap().at_risk
}

#[test]
fn a_provider_gets_what_it_asks_and_the_submitter_the_rest() {
    ext().execute_with(|| {
        add(0, PRICE + 200);
        let before = (free(&account(1)), free(&provider_account(0)));
        let job = submit(PRICE + 500, Policy::Attested);
        next_block();
        assert_eq!(assigned(job), Some(0));
        deliver(0, job);
        assert_eq!(fee(job), PRICE + 200);
        assert_eq!(before.0 - free(&account(1)), PRICE + 200);
        // Less the owner's fifth and the chain's twentieth.
        assert_eq!(free(&provider_account(0)) - before.1, (PRICE + 200) * 75 / 100);
        check();
    });
}

#[test]
fn who_asks_for_more_than_a_job_offers_does_not_get_it() {
    ext().execute_with(|| {
        add(0, PRICE + 200);
        let job = submit(PRICE + 199, Policy::Attested);
        next_block();
        assert_eq!(state(job), State::Queued);
        add(1, 0);
        next_block();
        assert_eq!(assigned(job), Some(1), "the model's own price");
        deliver(1, job);
        assert_eq!(fee(job), PRICE);
        // With nobody for its price a job ends with its time.
        Staking::chill(signed(&provider_account(1))).unwrap();
        let job = submit(PRICE + 199, Policy::Attested);
        while state(job).is_open() {
            next_block();
        }
        assert!(matches!(state(job), State::Expired { .. }));
        check();
    });
}

#[test]
fn the_cheaper_one_gets_more_jobs() {
    ext().execute_with(|| {
        add(0, PRICE);
        add(1, 3 * PRICE);
        let mut wins = [0u32; 2];
        for _ in 0..400 {
            let job = submit(3 * PRICE, Policy::Attested);
            next_block();
            let number = assigned(job).unwrap();
            deliver(number, job);
            wins[usize::from(number)] += 1;
        }
        // Three to one, within three standard deviations.
        assert!((274..=326).contains(&wins[0]), "{wins:?}");
    });
}

#[test]
fn a_panel_has_one_price_the_highest_of_its_members() {
    ext().execute_with(|| {
        for (number, price) in [(0, PRICE), (1, PRICE + 100), (2, PRICE + 50), (3, 2 * PRICE)] {
            add(number, price);
        }
        let before = free(&account(1));
        // The fourth one asks for more than a third of what there is.
        let job = submit(3 * (PRICE + 100) + 2, Policy::Redundant { providers: 3, quorum: 2 });
        next_block();
        let mut members = panel(job);
        members.sort_unstable();
        assert_eq!(members, [0, 1, 2]);
        for number in &members {
            let who = signed(&provider_account(*number));
            let commit = super::mock::RuntimeCall::Market(commit_call(*number, job, &scores(0.9)));
            commit.dispatch(who).unwrap();
        }
        let earned: Vec<Balance> = members.iter().map(|n| free(&provider_account(*n))).collect();
        for number in &members {
            let who = signed(&provider_account(*number));
            let reveal = super::mock::RuntimeCall::Market(reveal_call(*number, job, &scores(0.9)));
            reveal.dispatch(who).unwrap();
        }
        assert_eq!(fee(job), 3 * (PRICE + 100));
        assert_eq!(before - free(&account(1)), 3 * (PRICE + 100));
        for (number, before) in members.iter().zip(earned) {
            let earned = free(&provider_account(*number)) - before;
            assert_eq!(earned, (PRICE + 100) * 75 / 100, "provider {number}");
        }
        check();
    });
}

#[test]
fn another_attempt_has_the_price_of_who_gets_it_then() {
    ext().execute_with(|| {
        add(0, PRICE + 300);
        add(1, PRICE + 100);
        let job = submit(2 * PRICE, Policy::Attested);
        next_block();
        let first = assigned(job).unwrap();
        let fees = [PRICE + 300, PRICE + 100];
        assert_eq!(Jobs::<Test>::get(job).unwrap().fee, fees[usize::from(first)]);
        Market::decline(signed(&provider_account(first)), job, 0).unwrap();
        assert_eq!(at_risk(first), 0);
        next_block();
        let second = assigned(job).unwrap();
        assert_ne!(first, second);
        deliver(second, job);
        assert_eq!(fee(job), fees[usize::from(second)]);
        check();
    });
}

#[test]
fn a_stake_answers_for_all_that_a_provider_has_not_brought_yet() {
    ext().execute_with(|| {
        // A wrong result costs 200 and twice the price: 6,200 of a stake of 10,000.
        add_provider(0, 8);
        Providers::serve(signed(&provider_account(0)), MODEL, 3 * PRICE).unwrap();
        let jobs = [0; 2].map(|_| submit(3 * PRICE, Policy::Attested));
        next_block();
        let states = jobs.map(assigned);
        assert!(states == [Some(0), None] || states == [None, Some(0)], "{states:?}");
        assert_eq!(at_risk(0), 200 + 2 * 3 * PRICE);
        let (done, waits) = if states[0].is_some() { (0, 1) } else { (1, 0) };
        deliver(0, jobs[done]);
        assert_eq!(at_risk(0), 0);
        next_block();
        assert_eq!(assigned(jobs[waits]), Some(0));
        check();
        let settled = System::events().iter().any(|record| {
            matches!(
                record.event,
                super::mock::RuntimeEvent::Market(Event::JobSettled { fee: 3_000, .. })
            )
        });
        assert!(settled);
    });
}
