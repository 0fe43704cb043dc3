//! Random histories: the books are right after every step, and every job ends.

use super::mock::{
    Market, Staking, Test, USERS, account, add_provider, assigned, check, ext, next_block, output,
    provider, provider_account, receipt, signed, submit,
};
use crate::{Jobs, State};

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
                match (next(8), known) {
                    (0 | 1, _)
                        if crate::QueueRange::<Test>::get().1
                            - crate::QueueRange::<Test>::get().0
                            < 6 =>
                    {
                        jobs.push(submit(USERS[next(2) as usize], 1 + next(40) as u32));
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
                            let _ = Market::submit_receipt(who, job, receipt, output(), signature);
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
                    _ => next_block(),
                }
                check();
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
