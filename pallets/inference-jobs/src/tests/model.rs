//! Random histories: the books are right after every step, every job ends, and states follow each other as drawn.

use std::collections::{BTreeMap, BTreeSet};

use super::disputes::votes;
use super::mock::{
    Balances, JUDGES, MODEL, Market, OWNER, PROVIDERS, Providers, Referee, Registry, RuntimeCall,
    RuntimeOrigin, Staking, Test, USERS, account, add_judges, add_provider, assigned, check, ext,
    next_block, panel, provider, provider_account, receipt, signed, submit, submit_redundant,
    submit_with,
};
use super::panel::{commit, reveal};
use crate::{Jobs, State};
use citrate_core::{DispatchResult, H256};
use citrate_inference_types::{Access, Policy};
use citrate_support::traits::Dispatchable as _;
use pallet_balances::Reasons;
use pallet_referee::{Cases, Stage};
use sp_arithmetic::Permill;

#[expect(clippy::disallowed_types, reason = "a score of a model; the chain reads it as an integer")]
/// Does what the stage of the job asks of a provider.
fn play(number: u8, job: H256, score: f32) -> DispatchResult {
    match Jobs::<Test>::get(job).map(|job| job.state) {
        Some(State::Committing { .. }) => commit(number, job, &super::mock::scores(score)),
        Some(State::Revealing { .. }) => reveal(number, job, &super::mock::scores(score)),
        _ => Ok(()),
    }
}

/// The arrows between states that were seen, by the states' names.
#[derive(Default)]
struct Arrows {
    seen: BTreeSet<(&'static str, &'static str)>,
    last: BTreeMap<H256, (&'static str, u32)>,
}

impl Arrows {
    fn look(&mut self) {
        for (id, job) in Jobs::<Test>::iter() {
            let (to, attempt) = (name(&job.state), job.attempt);
            let known = self.last.insert(id, (to, attempt));
            let (from, before) = known.unwrap_or(("[*]", attempt));
            match attempt - before {
                0 if from == to => {}
                0 => drop(self.seen.insert((from, to))),
                // A block takes a job from one provider and gives it to the next.
                1 if job.state.is_open() => {
                    self.seen.insert((from, "Queued"));
                    if to != "Queued" {
                        self.seen.insert(("Queued", to));
                    }
                }
                1 => drop(self.seen.insert((from, to))),
                more => panic!("{more} attempts in one step"),
            }
        }
    }

    /// What is seen is what `docs/design/market.md` draws.
    fn check(&self) {
        let drawn = include_str!("../../../../docs/design/market.md");
        let drawn: BTreeSet<(&str, &str)> = drawn
            .lines()
            .filter_map(|line| {
                line.split_once(" : ").map_or(line, |(arrow, _)| arrow).split_once(" --> ")
            })
            .map(|(from, to)| (from.trim(), to.trim()))
            .filter(|(_, to)| *to != "[*]")
            .collect();
        assert_eq!(self.seen, drawn);
    }
}

fn name(state: &State) -> &'static str {
    match state {
        State::Queued => "Queued",
        State::Assigned { .. } => "Assigned",
        State::Committing { .. } => "Committing",
        State::Revealing { .. } => "Revealing",
        State::Claimed { .. } => "Claimed",
        State::Disputed { .. } => "Disputed",
        State::Settled { .. } => "Settled",
        State::Refunded { .. } => "Refunded",
        State::Expired { .. } => "Expired",
        State::Cancelled { .. } => "Cancelled",
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each thing that may happen")]
#[test]
fn escrow_in_is_paid_plus_refunded_on_every_path() {
    let mut arrows = Arrows::default();
    for seed in 0..40u64 {
        arrows.last.clear();
        ext().execute_with(|| {
            let mut random = seed * 2_654_435_761 + 1;
            let mut next = |bound: u64| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (random >> 33) % bound
            };
            for number in 0..PROVIDERS {
                add_provider(number, 1 + u32::from(number));
                Staking::bond_extra(signed(&provider_account(number)), 50_000).unwrap();
            }
            add_judges(JUDGES);
            let mut jobs = Vec::new();
            for _ in 0..300 {
                // Mostly one that is open.
                let open =
                    |job: &H256| Jobs::<Test>::get(job).is_some_and(|job| job.state.is_open());
                if next(8) != 0 {
                    jobs.retain(open);
                }
                let job = (!jobs.is_empty()).then(|| jobs[next(jobs.len() as u64) as usize]);
                let known = job.filter(|job| Jobs::<Test>::contains_key(job));
                match (next(30), known) {
                    (0 | 1, _) if crate::Pallet::<Test>::queue_len() < 6 => {
                        jobs.push(submit(USERS[next(2) as usize], 4 + next(40) as u32));
                    }
                    (10..=12, _) if crate::Pallet::<Test>::queue_len() < 6 => {
                        let providers = 2 + next(4) as u8;
                        let quorum = providers / 2 + 1;
                        let blocks = 7 + next(40) as u32;
                        jobs.push(submit_redundant(
                            USERS[next(2) as usize],
                            providers,
                            quorum,
                            blocks,
                        ));
                    }
                    (13..=18, Some(job)) => {
                        let members = panel(job);
                        let mut played = members.clone();
                        if next(3) != 0 && !members.is_empty() {
                            played = vec![members[next(members.len() as u64) as usize]];
                        }
                        for number in played {
                            // Mostly right, and mostly what was committed to.
                            let score = if next(4) == 0 { 0.1 } else { 0.9 };
                            let _ = play(number, job, score);
                        }
                    }
                    (19 | 24, _) if crate::Pallet::<Test>::queue_len() < 6 => {
                        let providers = 1 + next(3) as u8;
                        let policy = Policy::Refereed { providers, quorum: providers / 2 + 1 };
                        jobs.push(submit_with(USERS[next(2) as usize], policy, 30));
                    }
                    (20, Some(job)) => {
                        let who = signed(&provider_account(next(u64::from(PROVIDERS)) as u8));
                        let _ = Referee::dispute(who, job);
                    }
                    (21..=23, Some(job)) => {
                        let open = Cases::<Test>::get(job);
                        if open.is_some_and(|case| matches!(case.stage, Stage::Committing { .. })) {
                            // Some committees find what nobody said.
                            let score = if next(6) == 0 { 0.5 } else { 0.9 };
                            for vote in votes(job, score) {
                                let _ =
                                    RuntimeCall::Referee(vote()).dispatch(RuntimeOrigin::none());
                            }
                        }
                    }
                    (2, Some(job)) => {
                        let user = USERS[next(2) as usize];
                        let _ = Market::cancel(signed(&account(user)), job);
                    }
                    (3 | 4, Some(job)) => {
                        if let Some(number) = assigned(job) {
                            let score = if next(4) == 0 { 0.1 } else { 0.9 };
                            let output = super::mock::scores(score);
                            let mut receipt = receipt(number, job);
                            receipt.output = output.hash();
                            let signature = provider(number).sign(&receipt.signing_payload());
                            let who = signed(&provider_account(number));
                            // In its time and by the provider that has it: nothing may keep it from its pay.
                            let paid = Market::submit_receipt(who, job, receipt, output, signature);
                            assert!(paid.is_ok(), "{paid:?}");
                        }
                    }
                    (5, Some(job)) => {
                        if let Some(number) = assigned(job) {
                            let attempt = next(2) as u32;
                            let _ =
                                Market::decline(signed(&provider_account(number)), job, attempt);
                        }
                    }
                    (6, _) => {
                        let who = signed(&provider_account(next(u64::from(PROVIDERS)) as u8));
                        let _ = match next(2) {
                            0 => Staking::chill(who),
                            _ => Staking::activate(who),
                        };
                    }
                    (7, _) => {
                        let who = signed(&provider_account(next(u64::from(PROVIDERS)) as u8));
                        let _ = match next(4) {
                            0 => Providers::unserve(who, MODEL),
                            1 => Providers::serve(who, MODEL, u128::from(next(1500))),
                            // At the model's own price, which any job pays.
                            _ => Providers::serve(who, MODEL, 0),
                        };
                    }
                    (8, _) => {
                        let owner = signed(&account(OWNER));
                        let drawn = next(1500) as u32;
                        let access = match drawn % 3 {
                            0 => Access::Public,
                            _ => Access::PayPerUse { fee: u128::from(drawn / 3) },
                        };
                        let share = Permill::from_parts(drawn * 333);
                        let price = u128::from(drawn % 1000);
                        Registry::set_price(owner.clone(), MODEL, price).unwrap();
                        Registry::set_access(owner.clone(), MODEL, access).unwrap();
                        Registry::set_share(owner, MODEL, share).unwrap();
                    }
                    (9, _) => {
                        // Locks come and go, and nobody is paid less for them.
                        let (user, amount) = (account(USERS[next(2) as usize]), next(2_000_000));
                        Balances::set_lock(*b"a-vote--", &user, u128::from(amount), Reasons::All)
                            .unwrap();
                    }
                    _ => next_block(),
                }
                check();
                arrows.look();
            }
            for user in USERS {
                Balances::remove_lock(*b"a-vote--", &account(user)).unwrap();
            }
            // Long enough for every deadline.
            for _ in 0..60 {
                next_block();
                arrows.look();
            }
            for (id, job) in Jobs::<Test>::iter() {
                assert!(!job.state.is_open(), "seed {seed}: {id:?} hangs as {:?}", job.state);
            }
        });
    }
    arrows.check();
}
