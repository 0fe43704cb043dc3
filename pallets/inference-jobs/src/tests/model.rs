//! Random histories: the books are right after every step, and every job ends.

use super::mock::{
    Balances, MODEL, Market, OWNER, Registry, Staking, Test, USERS, account, add_provider,
    assigned, check, ext, next_block, output, provider, provider_account, receipt, signed, submit,
};
use crate::{Jobs, State};
use pallet_balances::Reasons;

#[expect(clippy::too_many_lines, reason = "one arm for each thing that may happen")]
#[test]
fn escrow_in_is_paid_plus_refunded_on_every_path() {
    for seed in 0..25u64 {
        ext().execute_with(|| {
            let mut random = seed * 2_654_435_761 + 1;
            let mut next = |bound: u64| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (random >> 33) % bound
            };
            for number in 0..3 {
                add_provider(number, 1 + u32::from(number));
            }
            let mut jobs = Vec::new();
            for _ in 0..200 {
                let job = (!jobs.is_empty()).then(|| jobs[next(jobs.len() as u64) as usize]);
                let known = job.filter(|job| Jobs::<Test>::contains_key(job));
                match (next(12), known) {
                    (0 | 1, _)
                        if crate::QueueRange::<Test>::get().1
                            - crate::QueueRange::<Test>::get().0
                            < 6 =>
                    {
                        jobs.push(submit(USERS[next(2) as usize], 4 + next(40) as u32));
                    }
                    (2, Some(job)) => {
                        let user = USERS[next(2) as usize];
                        let _ = Market::cancel(signed(&account(user)), job);
                    }
                    (3 | 4, Some(job)) => {
                        if let Some(number) = assigned(job) {
                            let receipt = receipt(number, job);
                            let signature = provider(number).sign(&receipt.signing_payload());
                            let who = signed(&provider_account(number));
                            // In its time and by the provider that has it: nothing may keep it from its pay.
                            let paid =
                                Market::submit_receipt(who, job, receipt, output(), signature);
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
                        let who = signed(&provider_account(next(3) as u8));
                        let _ = match next(2) {
                            0 => Staking::chill(who),
                            _ => Staking::activate(who),
                        };
                    }
                    (7, _) => {
                        let who = signed(&provider_account(next(3) as u8));
                        let _ = match next(2) {
                            0 => Market::unserve(who, MODEL),
                            _ => Market::serve(who, MODEL),
                        };
                    }
                    (8, _) => {
                        let owner = signed(&account(OWNER));
                        Registry::set_price(owner, MODEL, u128::from(next(1500))).unwrap();
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
            }
            for user in USERS {
                Balances::remove_lock(*b"a-vote--", &account(user)).unwrap();
            }
            // Long enough for every deadline.
            for _ in 0..60 {
                next_block();
            }
            for (id, job) in Jobs::<Test>::iter() {
                let open = matches!(job.state, State::Queued | State::Assigned { .. });
                assert!(!open, "seed {seed}: {id:?} hangs as {:?}", job.state);
            }
        });
    }
}
