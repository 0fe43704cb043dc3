//! Every way that a job can go.

use citrate_core::{DispatchError, H256, sr25519};
use citrate_inference_types::{JobStatus, Receipt, RefundReason};
use citrate_support::dispatch::Pays;
use pallet_balances::Reasons;
use pallet_providers::Providers as Entries;
use pallet_staking::{Role, Stake};

use super::mock::{
    Balances, FinishedMax, MODEL, Market, OWNER, PRICE, Registry, RuntimeOrigin, Staking, System,
    Test, Treasury, account, add_provider, assigned, check, ext, free, input, next_block, output,
    provider, provider_account, receipt, signed, state, submit,
};
use crate::{Blob, Error, Jobs, Pallet, State};

fn error(error: Error<Test>) -> DispatchError {
    error.into()
}

pub(super) fn deliver(number: u8, job: H256) -> Result<Pays, DispatchError> {
    let receipt = receipt(number, job);
    deliver_receipt(number, job, receipt, output())
}

fn deliver_receipt(
    number: u8,
    job: H256,
    receipt: Receipt,
    output: Blob,
) -> Result<Pays, DispatchError> {
    let signature = provider(number).sign(&receipt.signing_payload());
    Market::submit_receipt(signed(&provider_account(number)), job, receipt, output, signature)
        .map(|info| info.pays_fee)
        .map_err(|failed| failed.error)
}

#[test]
fn a_job_is_assigned_done_and_paid() {
    ext().execute_with(|| {
        add_provider(0, 1);
        let before = [free(&provider_account(0)), free(&account(OWNER)), free(&Treasury::get())];
        let job = submit(1, 50);
        assert_eq!(state(job), State::Queued);
        assert_eq!(free(&account(1)), 998_500);
        next_block();
        assert_eq!(assigned(job), Some(0));
        assert_eq!(Pallet::<Test>::assigned_jobs(&provider_account(0)).len(), 1);
        assert_eq!(deliver(0, job), Ok(Pays::No));
        check();
        let after = [free(&provider_account(0)), free(&account(OWNER)), free(&Treasury::get())];
        let earned: Vec<_> =
            after.iter().zip(before).map(|(after, before)| after - before).collect();
        assert_eq!(earned, [750, 200, 50]);
        assert_eq!(free(&account(1)), 999_000);
        let hash = receipt(0, job).hash();
        match Pallet::<Test>::job(&job).unwrap().status {
            JobStatus::Settled { receipt, fee, output, .. } => {
                assert_eq!((receipt, fee, output.len()), (hash, PRICE, 6));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(Entries::<Test>::get(provider_account(0)).unwrap().completed, 1);
        // Once only.
        assert_eq!(deliver(0, job), Err(error(Error::NotAssigned)));
        assert_eq!(Market::cancel(signed(&account(1)), job), Err(error(Error::NotQueued)));
    });
}

#[test]
fn a_long_output_pays_for_its_receipt() {
    ext().execute_with(|| {
        add_provider(0, 1);
        let inline = |bytes: &[u8]| Blob::Inline(bytes.to_vec().try_into().unwrap());
        for (output, pays) in [
            (inline(b"8 bytes!"), Pays::No),
            (inline(b"9 bytes !"), Pays::Yes),
            (Blob::Content { hash: H256::zero(), bytes: 4_096 }, Pays::No),
        ] {
            let job = submit(1, 50);
            next_block();
            let mut receipt = receipt(0, job);
            receipt.output = output.hash();
            assert_eq!(deliver_receipt(0, job, receipt, output.clone()), Ok(pays), "{output:?}");
        }
    });
}

#[test]
fn a_wrong_receipt_changes_nothing() {
    ext().execute_with(|| {
        add_provider(0, 1);
        add_provider(1, 1);
        let job = submit(1, 50);
        next_block();
        let number = assigned(job).unwrap();
        assert_eq!(deliver(1 - number, job), Err(error(Error::NotAssigned)));
        let changes: [fn(&mut Receipt); 7] = [
            |r| r.version += 1,
            |r| r.genesis.0[0] ^= 1,
            |r| r.job.0[0] ^= 1,
            |r| r.attempt += 1,
            |r| r.model.0[0] ^= 1,
            |r| r.input.0[0] ^= 1,
            |r| r.provider = account(1),
        ];
        for change in changes {
            let mut wrong = receipt(number, job);
            change(&mut wrong);
            assert_eq!(
                deliver_receipt(number, job, wrong, output()),
                Err(error(Error::WrongReceipt))
            );
        }
        let mut other = receipt(number, job);
        other.output.0[0] ^= 1;
        assert_eq!(deliver_receipt(number, job, other, output()), Err(error(Error::WrongOutput)));
        let max = super::mock::card().limits.output_bytes_max;
        let large = Blob::Content { hash: receipt(number, job).output, bytes: max + 1 };
        assert_eq!(
            deliver_receipt(number, job, receipt(number, job), large),
            Err(error(Error::OutputTooLarge))
        );
        let foreign = provider(1 - number).sign(&receipt(number, job).signing_payload());
        for signature in [foreign, sr25519::Signature([0; 64])] {
            let result = Market::submit_receipt(
                signed(&provider_account(number)),
                job,
                receipt(number, job),
                output(),
                signature,
            );
            assert_eq!(result.map_err(|e| e.error).err(), Some(error(Error::WrongSignature)));
        }
        check();
        assert_eq!(deliver(number, job), Ok(Pays::No));
    });
}

#[test]
fn silence_is_slashed_another_one_gets_the_job_and_then_the_money_goes_back() {
    ext().execute_with(|| {
        add_provider(0, 1);
        add_provider(1, 1);
        let job = submit(1, 50);
        next_block();
        let first = assigned(job).unwrap();
        // 3 blocks and one for the model's 30 seconds, the last one included.
        for _ in 0..4 {
            next_block();
            assert_eq!(assigned(job), Some(first));
        }
        next_block();
        let second = assigned(job).unwrap();
        assert_ne!(first, second);
        assert_eq!(<Staking as Stake>::active(&provider_account(first), Role::Provider), 9950);
        assert_eq!(deliver(first, job), Err(error(Error::NotAssigned)));
        for _ in 0..5 {
            next_block();
        }
        assert!(matches!(state(job), State::Refunded { reason: RefundReason::NoResult, .. }));
        assert_eq!(free(&account(1)), 1_000_000);
        assert_eq!(Entries::<Test>::get(provider_account(second)).unwrap().failed, 1);
    });
}

#[test]
fn nobody_is_slashed_for_blocks_that_took_no_transactions() {
    ext().execute_with(|| {
        add_provider(0, 1);
        let job = submit(1, 20);
        next_block();
        assert_eq!(assigned(job), Some(0));
        // A migration runs for one block of the provider's time.
        next_block();
        System::note_closed_block();
        for _ in 0..4 {
            next_block();
        }
        // The job goes on as always: nobody else serves the model, so it waits, and the money comes back.
        assert_eq!(assigned(job), None);
        assert_eq!(<Staking as Stake>::active(&provider_account(0), Role::Provider), 10_000);
        assert_eq!(Entries::<Test>::get(provider_account(0)).unwrap().failed, 0);
        while !matches!(state(job), State::Expired { .. } | State::Refunded { .. }) {
            next_block();
        }
        // A job that was submitted after it is as strict as ever.
        let job = submit(1, 20);
        next_block();
        assert_eq!(assigned(job), Some(0));
        for _ in 0..5 {
            next_block();
        }
        assert_eq!(<Staking as Stake>::active(&provider_account(0), Role::Provider), 9950);
    });
}

#[test]
fn nobody_is_slashed_for_a_deadline_that_is_too_short() {
    ext().execute_with(|| {
        add_provider(0, 1);
        // The shortest deadline there is: block 5. The model alone may take until block 6.
        let job = submit(1, 4);
        next_block();
        assert_eq!(state(job), State::Assigned { provider: provider_account(0), due: 5 });
        for _ in 0..3 {
            next_block();
            assert_eq!(assigned(job), Some(0));
        }
        next_block();
        assert_eq!(state(job), State::Refunded { reason: RefundReason::NoResult, at: 6 });
        assert_eq!(free(&account(1)), 1_000_000);
        assert_eq!(<Staking as Stake>::active(&provider_account(0), Role::Provider), 10_000);
        assert_eq!(Entries::<Test>::get(provider_account(0)).unwrap().failed, 0);
        // One block more, and it is the provider's fault.
        let job = submit(1, 6);
        for _ in 0..6 {
            next_block();
        }
        assert!(matches!(state(job), State::Refunded { .. }), "{:?}", state(job));
        assert_eq!(<Staking as Stake>::active(&provider_account(0), Role::Provider), 9950);
    });
}

#[test]
fn what_is_frozen_meanwhile_still_pays() {
    ext().execute_with(|| {
        add_provider(0, 1);
        let job = submit(1, 50);
        let all = Reasons::All;
        Balances::set_lock(*b"a-vote--", &account(1), 1_000_000, all).unwrap();
        next_block();
        assert_eq!(deliver(0, job), Ok(Pays::No));
        assert_eq!(free(&account(1)), 999_000);
        check();
    });
}

#[test]
fn a_declined_job_goes_on_without_a_slash() {
    ext().execute_with(|| {
        add_provider(0, 1);
        add_provider(1, 1);
        let job = submit(1, 50);
        next_block();
        let first = assigned(job).unwrap();
        let decline =
            |number, attempt| Market::decline(signed(&provider_account(number)), job, attempt);
        assert_eq!(decline(1 - first, 0), Err(error(Error::NotAssigned)));
        assert_eq!(decline(first, 1), Err(error(Error::NotAssigned)));
        decline(first, 0).unwrap();
        next_block();
        assert_eq!(assigned(job), Some(1 - first));
        decline(1 - first, 1).unwrap();
        assert!(matches!(state(job), State::Refunded { reason: RefundReason::Declined, .. }));
        assert_eq!(free(&account(1)), 1_000_000);
        for number in [0, 1] {
            assert_eq!(
                <Staking as Stake>::active(&provider_account(number), Role::Provider),
                10_000
            );
        }
        check();
    });
}

#[test]
fn a_job_for_which_nobody_is_left_is_refunded_at_once() {
    ext().execute_with(|| {
        add_provider(0, 1);
        let job = submit(1, 50);
        next_block();
        let now = System::block_number();
        Market::decline(signed(&provider_account(0)), job, 0).unwrap();
        assert_eq!(state(job), State::Refunded { reason: RefundReason::Declined, at: now });
        assert_eq!(free(&account(1)), 1_000_000);
        // The next job may go to the same provider.
        let job = submit(1, 50);
        next_block();
        assert_eq!(assigned(job), Some(0));
        check();
    });
}

#[test]
fn a_job_without_a_provider_expires_when_no_receipt_can_come_in_time() {
    ext().execute_with(|| {
        // The deadline is block 8, and a receipt needs 3 blocks.
        let job = submit(1, 7);
        for _ in 0..4 {
            next_block();
            assert_eq!(state(job), State::Queued);
        }
        next_block();
        assert_eq!(state(job), State::Expired { at: 6 });
        assert_eq!(free(&account(1)), 1_000_000);
    });
}

#[test]
fn only_a_waiting_job_is_cancelled_and_only_by_its_submitter() {
    ext().execute_with(|| {
        let job = submit(1, 50);
        let cancel = |user| Market::cancel(signed(&account(user)), job);
        assert_eq!(cancel(2), Err(error(Error::NotSubmitter)));
        cancel(1).unwrap();
        assert_eq!(state(job), State::Cancelled { at: 1 });
        assert_eq!(free(&account(1)), 1_000_000);
        assert_eq!(cancel(1), Err(error(Error::NotQueued)));
        add_provider(0, 1);
        next_block();
        assert_eq!(state(job), State::Cancelled { at: 1 });
    });
}

#[test]
fn capacity_stake_and_chilling_decide_who_gets_jobs() {
    ext().execute_with(|| {
        add_provider(0, 2);
        let jobs = [submit(1, 50), submit(1, 50), submit(2, 50)];
        next_block();
        assert_eq!(jobs.map(assigned), [Some(0), Some(0), None]);
        assert_eq!(deliver(0, jobs[0]), Ok(Pays::No));
        Staking::chill(signed(&provider_account(0))).unwrap();
        next_block();
        assert_eq!(assigned(jobs[2]), None);
        Staking::activate(signed(&provider_account(0))).unwrap();
        next_block();
        assert_eq!(assigned(jobs[2]), Some(0));
    });
}

#[test]
fn submission_is_checked() {
    ext().execute_with(|| {
        let submit = |model, input, max_fee, blocks| {
            Market::submit(signed(&account(1)), model, input, max_fee, Default::default(), blocks)
        };
        assert_eq!(submit(H256::zero(), input(), 1500, 5), Err(error(Error::UnknownModel)));
        assert_eq!(submit(MODEL, input(), PRICE - 1, 5), Err(error(Error::FeeTooLow)));
        for blocks in [0, 1, 3] {
            assert_eq!(submit(MODEL, input(), PRICE, blocks), Err(error(Error::WrongDeadline)));
        }
        assert_eq!(submit(MODEL, input(), PRICE, 101), Err(error(Error::WrongDeadline)));
        let of = |bytes| Blob::Content { hash: H256::zero(), bytes };
        assert_eq!(submit(MODEL, of(8193), PRICE, 5), Err(error(Error::InputTooLarge)));
        submit(MODEL, of(8192), PRICE, 100).unwrap();
        for _ in 0..5 {
            submit(MODEL, input(), PRICE, 5).unwrap();
        }
        assert_eq!(submit(MODEL, input(), PRICE, 5), Err(error(Error::QueueFull)));
        Registry::deprecate(signed(&account(OWNER)), MODEL).unwrap();
        let deprecated = pallet_model_registry::Error::<Test>::Deprecated.into();
        assert_eq!(submit(MODEL, input(), PRICE, 5), Err(deprecated));
        assert!(
            Market::submit(RuntimeOrigin::none(), MODEL, input(), PRICE, Default::default(), 5)
                .is_err()
        );
        check();
    });
}

#[test]
fn only_the_latest_finished_jobs_are_kept() {
    ext().execute_with(|| {
        let jobs: Vec<_> = (0..6)
            .map(|_| {
                let job = submit(1, 50);
                Market::cancel(signed(&account(1)), job).unwrap();
                next_block();
                job
            })
            .collect();
        let kept: Vec<bool> = jobs.iter().map(Jobs::<Test>::contains_key).collect();
        assert_eq!(kept, [false, false, true, true, true, true]);
        assert_eq!(System::block_number(), 7);
    });
}

#[test]
fn a_smaller_memory_forgets_a_little_with_each_job() {
    ext().execute_with(|| {
        let finish = || {
            let job = submit(1, 50);
            Market::cancel(signed(&account(1)), job).unwrap();
            next_block();
        };
        for _ in 0..4 {
            finish();
        }
        FinishedMax::set(1);
        let kept = || crate::Finished::<Test>::iter().count();
        let found: Vec<usize> = (0..4)
            .map(|_| {
                finish();
                kept()
            })
            .collect();
        FinishedMax::set(4);
        assert_eq!(found, [3, 2, 1, 1]);
        assert_eq!(Jobs::<Test>::iter().count(), 1);
    });
}
