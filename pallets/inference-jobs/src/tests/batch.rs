//! Several inputs in one job.

#![expect(clippy::disallowed_types, reason = "scores of a model; the chain reads them as integers")]

use citrate_core::{Balance, DispatchError, DispatchResult, H256};
use citrate_inference_types::{
    Batch, JobId, JobStatus, Policy, Postprocess, Receipt, TensorSpec, Text, job_id,
};
use pallet_providers::Providers as Entries;
use pallet_referee::Cases;
use pallet_staking::{Role, Stake};

use super::disputes::judged;
use super::mock::{
    JUDGES, MODEL, Market, PRICE, SpotCheckRate, Staking, Test, account, add_judges, add_provider,
    assigned, card, check, ext, free, next_block, panel, provider, provider_account, receipt,
    register, scores, signed, state,
};
use crate::{Blob, Error, JobCount, Jobs, Pallet, State};

/// What a wrong result of a batch of three costs: 200 and twice the price of all.
const WRONG: Balance = 200 + 2 * 3 * PRICE;

fn error(error: Error<Test>) -> DispatchError {
    error.into()
}

fn inline(bytes: Vec<u8>) -> Blob {
    Blob::Inline(bytes.try_into().unwrap())
}

fn batch(parts: &[&[u8]]) -> Blob {
    use codec::Encode;
    inline(Batch::try_new(parts.iter().map(|part| part.to_vec()).collect()).unwrap().encode())
}

fn inputs() -> Blob {
    batch(&[b"first", b"second", b"third"])
}

/// What a provider gives for a batch: a result for each score.
fn outputs(scored: &[f32]) -> Blob {
    let results = scored.iter().map(|score| match scores(*score) {
        Blob::Inline(bytes) => bytes.into_inner(),
        Blob::Content { .. } | Blob::Digested { .. } => Vec::new(),
    });
    let results: Vec<Vec<u8>> = results.collect();
    batch(&results.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn send(inputs: Blob, runs: u32, max_fee: Balance, policy: Policy) -> DispatchResult {
    Market::submit_batch(signed(&account(1)), MODEL, inputs, runs, max_fee, policy, 90)
}

fn submit(policy: Policy) -> JobId {
    let index = JobCount::<Test>::get(account(1));
    send(inputs(), 3, 3 * PRICE * Balance::from(policy.providers()), policy).unwrap();
    job_id(&Pallet::<Test>::genesis(), &account(1), index)
}

fn receipt_for(number: u8, job: JobId, output: &Blob) -> Receipt {
    Receipt { input: inputs().hash(), output: output.hash(), ..receipt(number, job) }
}

fn deliver(number: u8, job: JobId, output: Blob) -> Result<(), DispatchError> {
    let receipt = receipt_for(number, job, &output);
    let signature = provider(number).sign(&receipt.signing_payload());
    let who = signed(&provider_account(number));
    Market::submit_receipt(who, job, receipt, output, signature)
        .map(|_| ())
        .map_err(|failed| failed.error)
}

fn stake(number: u8) -> Balance {
    Staking::active(&provider_account(number), Role::Provider)
}

#[test]
fn a_batch_costs_and_takes_as_much_as_its_runs() {
    ext().execute_with(|| {
        add_provider(0, 1);
        let before = (free(&account(1)), free(&provider_account(0)));
        let job = submit(Policy::Attested);
        next_block();
        assert_eq!(assigned(job), Some(0));
        assert_eq!(Entries::<Test>::get(provider_account(0)).unwrap().at_risk, WRONG);
        let State::Assigned { due, .. } = state(job) else { panic!() };
        let shown = Pallet::<Test>::assigned_jobs(&provider_account(0));
        assert_eq!((shown[0].batch, shown[0].due), (Some(3), due));
        // The model's time for each input, in blocks of 30 seconds, and three blocks for the receipt.
        let run = (3 * shown[0].card.limits.time_ms_max).div_ceil(30_000);
        assert_eq!(due, 2 + 3 + run);
        deliver(0, job, outputs(&[0.9, 0.8, 0.7])).unwrap();
        let info = Pallet::<Test>::job(&job).unwrap();
        assert_eq!(info.batch, Some(3));
        assert!(matches!(info.status, JobStatus::Settled { fee, .. } if fee == 3 * PRICE));
        assert_eq!(before.0 - free(&account(1)), 3 * PRICE);
        assert_eq!(free(&provider_account(0)) - before.1, 3 * PRICE * 75 / 100);
        check();
    });
}

#[test]
fn what_is_no_batch_of_so_many_is_refused() {
    ext().execute_with(|| {
        let max = 64 * PRICE;
        let send = |inputs, runs| send(inputs, runs, max, Policy::Attested);
        let wrong = Err(error(Error::WrongBatch));
        assert_eq!(send(inputs(), 2), wrong);
        assert_eq!(send(inline(b"first".to_vec()), 1), wrong);
        assert_eq!(send(Blob::Content { hash: H256::zero(), bytes: 9 }, 0), wrong);
        assert_eq!(send(Blob::Content { hash: H256::zero(), bytes: 9 }, 65), wrong);
        let low = super::batch::send(inputs(), 3, 3 * PRICE - 1, Policy::Attested);
        assert_eq!(low, Err(error(Error::FeeTooLow)));
        let large = Batch::bytes_max(3, card().limits.input_bytes_max) + 1;
        let large = Blob::Content { hash: H256::zero(), bytes: large };
        assert_eq!(send(large, 3), Err(error(Error::InputTooLarge)));
        // The referee would have to run them all.
        add_judges(JUDGES);
        let policy = Policy::Refereed { providers: 1, quorum: 1 };
        assert_eq!(super::batch::send(inputs(), 3, max, policy), wrong);
        // 20 results of a panel do not fit into the chain.
        let many = Blob::Content { hash: H256::zero(), bytes: 9 };
        let policy = Policy::Redundant { providers: 2, quorum: 2 };
        let found = super::batch::send(many, 20, 2 * max, policy);
        assert_eq!(found, Err(error(Error::NotComparable)));
    });
}

#[test]
fn a_panel_has_to_agree_on_every_part() {
    ext().execute_with(|| {
        (0..3).for_each(|number| add_provider(number, 1));
        let job = submit(Policy::Redundant { providers: 3, quorum: 2 });
        next_block();
        let members = panel(job);
        let right = outputs(&[0.9, 0.8, 0.7]);
        // Wrong in one part of three.
        let given = [right.clone(), outputs(&[0.9, 0.8, 0.1]), right];
        let salt = H256([7; 32]);
        for (number, output) in members.iter().zip(&given) {
            let commitment = receipt_for(*number, job, output).commitment(&salt);
            Market::commit(signed(&provider_account(*number)), job, 0, commitment).unwrap();
        }
        for (number, output) in members.iter().zip(given) {
            let receipt = receipt_for(*number, job, &output);
            let signature = provider(*number).sign(&receipt.signing_payload());
            let who = signed(&provider_account(*number));
            Market::reveal(who, job, receipt, output, salt, signature).unwrap();
        }
        let State::Settled { provider, confirmed_by, .. } = state(job) else { panic!() };
        assert_eq!(provider, provider_account(members[0]));
        assert_eq!(confirmed_by.into_inner(), [provider_account(members[2])]);
        assert_eq!(stake(members[1]), 10_000 - WRONG);
        check();
    });
}

#[test]
fn a_part_of_a_paid_batch_is_checked_and_a_wrong_one_costs_it_all() {
    for is_wrong in [false, true] {
        ext().execute_with(|| {
            add_provider(0, 1);
            Staking::bond_extra(signed(&provider_account(0)), 10_000).unwrap();
            add_judges(JUDGES);
            SpotCheckRate::set(sp_arithmetic::Permill::one());
            let before = free(&account(1));
            let job = submit(Policy::Attested);
            next_block();
            let given = [0.9, 0.8, 0.7];
            deliver(0, job, outputs(&given)).unwrap();
            next_block();
            SpotCheckRate::set(sp_arithmetic::Permill::zero());
            next_block();
            let part = Cases::<Test>::get(job).unwrap().part as usize;
            // What is right for another part is wrong for this one.
            judged(job, given[if is_wrong { (part + 1) % 3 } else { part }]);
            if is_wrong {
                assert_eq!(stake(0), 20_000 - 3 * PRICE - WRONG);
                assert_eq!(free(&account(1)), before, "the submitter has its money back");
            } else {
                assert_eq!((stake(0), before - free(&account(1))), (20_000, 3 * PRICE));
            }
            assert!(!Jobs::<Test>::get(job).unwrap().state.is_open());
            check();
        });
    }
}

/// Small tensors take much time to read: what a panel's batch may have of them is bounded.
#[test]
fn a_batch_of_many_small_outputs_is_not_compared() {
    ext().execute_with(|| {
        let of = |hash: u8, outputs: usize| {
            let mut card = card();
            let spec = card.outputs[0].clone();
            let named = |at: usize| {
                let name = Text::truncated(&format!("y{at}"));
                TensorSpec { name, ..spec.clone() }
            };
            card.tolerance = vec![card.tolerance[0].clone(); outputs].try_into().unwrap();
            card.outputs = (0..outputs).map(named).collect::<Vec<_>>().try_into().unwrap();
            card.limits.output_bytes_max = 200;
            card.postprocess = Postprocess::Tensors;
            let model = H256([hash; 32]);
            register(model, card);
            model
        };
        let inputs = || {
            let input: &[u8] = b"input";
            batch(&[input; 64])
        };
        let policy = Policy::Redundant { providers: 2, quorum: 2 };
        let submit = |model, policy| {
            let who = signed(&account(1));
            Market::submit_batch(who, model, inputs(), 64, 200 * PRICE, policy, 90)
        };
        submit(of(60, 4), policy).unwrap();
        let beyond = of(61, 5);
        assert_eq!(submit(beyond, policy), Err(Error::<Test>::NotComparable.into()));
        // One provider's word is compared with nothing.
        submit(beyond, Policy::Attested).unwrap();
    });
}
