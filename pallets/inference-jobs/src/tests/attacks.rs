//! Attacks on the queue and on the draw.

use citrate_core::{Balance, DispatchError};
use citrate_support::traits::Hooks;

use super::mock::{
    MODEL, Market, PRICE, Rent, Staking, System, Test, Treasury, account, add_provider, assigned,
    check, ext, free, input, next_block, provider_account, signed, state, submit,
};
use crate::{Error, Event, Jobs, State};

fn rents() -> Vec<Balance> {
    let rent = |record: pallet_system::EventRecord<_, _>| match record.event {
        super::mock::RuntimeEvent::Market(
            Event::JobExpired { rent, .. } | Event::JobCancelled { rent, .. },
        ) => Some(rent),
        _ => None,
    };
    System::events().into_iter().filter_map(rent).collect()
}

#[test]
fn a_place_in_the_queue_is_paid_for_by_whom_nobody_serves() {
    ext().execute_with(|| {
        Rent::set(7);
        let (before, chain) = (free(&account(1)), free(&Treasury::get()));
        // 1,500 at most, and 7 for each block.
        let blocks = 50;
        let job = submit(1, blocks);
        let cancelled = submit(1, blocks);
        for _ in 0..10 {
            next_block();
        }
        Market::cancel(signed(&account(1)), cancelled).unwrap();
        while state(job).is_open() {
            next_block();
        }
        let State::Expired { at } = state(job) else { panic!() };
        let waited = Balance::from(at - Jobs::<Test>::get(job).unwrap().submitted_at);
        assert_eq!(rents(), [70, 7 * waited]);
        assert_eq!(before - free(&account(1)), 70 + 7 * waited);
        assert_eq!(free(&Treasury::get()) - chain, 70 + 7 * waited);
        check();
        Rent::set(0);
    });
}

#[test]
fn whoever_cannot_pay_for_the_wait_does_not_wait() {
    ext().execute_with(|| {
        let submit = |blocks| {
            let who = signed(&account(1));
            Market::submit(who, MODEL, input(), PRICE, Default::default(), blocks)
        };
        Rent::set(PRICE / 50);
        let low: DispatchError = Error::<Test>::FeeTooLow.into();
        assert_eq!(submit(51), Err(low));
        submit(50).unwrap();
        Rent::set(0);
    });
}

#[test]
fn a_job_that_a_provider_had_pays_no_rent() {
    ext().execute_with(|| {
        Rent::set(7);
        add_provider(0, 1);
        let before = free(&account(1));
        let job = submit(1, 60);
        next_block();
        assert_eq!(assigned(job), Some(0));
        // Another one serves the model, so that the job goes back to the queue, and leaves.
        add_provider(1, 1);
        Staking::chill(signed(&provider_account(1))).unwrap();
        Market::decline(signed(&provider_account(0)), job, 0).unwrap();
        assert_eq!(state(job), State::Queued);
        while state(job).is_open() {
            next_block();
        }
        assert!(matches!(state(job), State::Expired { .. }));
        assert_eq!((free(&account(1)), rents()), (before, vec![0]));
        check();
        Rent::set(0);
    });
}

/// Who submits cannot know who will get the job, nor try again until it is the right one: what is drawn cannot be withdrawn.
#[test]
fn the_submitter_cannot_choose_its_provider() {
    ext().execute_with(|| {
        (0..4).for_each(|number| add_provider(number, 8));
        let mut winners = [0u32; 4];
        let start = System::block_number();
        for block in 0..60 {
            // The same job each time; only the block that draws is another one.
            let winner = citrate_support::storage::with_transaction(|| {
                let job = submit(1, 99);
                System::set_block_number(start + 1 + block);
                Market::on_initialize(start + 1 + block);
                let cancelled = Market::cancel(signed(&account(1)), job);
                assert_eq!(cancelled, Err(Error::<Test>::NotQueued.into()));
                let winner = assigned(job).unwrap();
                citrate_support::storage::TransactionOutcome::Rollback(Ok::<u8, DispatchError>(
                    winner,
                ))
            });
            winners[usize::from(winner.unwrap())] += 1;
        }
        assert!(winners.iter().all(|wins| (5..=28).contains(wins)), "{winners:?}");
    });
}

/// Four accounts with a quarter of a stake each get as many jobs as one with all of it.
#[test]
fn a_provider_gains_nothing_by_being_many() {
    ext().execute_with(|| {
        add_provider(0, 8);
        Staking::bond_extra(signed(&provider_account(0)), 30_000).unwrap();
        (1..5).for_each(|number| add_provider(number, 8));
        let mut wins = [0u32; 2];
        for _ in 0..400 {
            let job = submit(1, 60);
            next_block();
            let number = assigned(job).unwrap();
            Market::decline(signed(&provider_account(number)), job, 0).unwrap();
            Market::cancel(signed(&account(1)), job).unwrap();
            wins[usize::from(number != 0)] += 1;
        }
        // One half, within three standard deviations.
        assert!((170..=230).contains(&wins[0]), "{wins:?}");
    });
}
