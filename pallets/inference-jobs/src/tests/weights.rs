//! What a call or a hook reads and writes is within its weight.

#![expect(clippy::disallowed_types, reason = "scores of a model; the chain reads them as integers")]

use citrate_core::{AccountId32, H256, Weight};
use citrate_support::dispatch::GetDispatchInfo;
use citrate_support::traits::{Dispatchable, Hooks};
use citrate_testing::{Accesses, TestExternalities};

use super::disputes::votes;
use super::mock::{
    FinishedMax, JUDGES, MODEL, Market, Referee, Rent, RuntimeCall, RuntimeOrigin, System, Test,
    account, add_judges, add_provider, assigned, ext, input, output, panel, provider,
    provider_account, receipt, scores, signed, state, submit, submit_redundant, submit_with,
};
use super::panel::{commit_call, reveal_call};
use crate::{Blob, Call, Pallet, SignedReceipt, State};
use citrate_inference_types::{Batch, Policy, Receipt, job_id};
use codec::Encode;

/// What the signature's check adds to a receipt's weight.
pub(super) const RECEIPT_TIME: u64 = 200_000_000;

/// In the mock a read weighs 1 and a write 1,000.
pub(super) fn assert_covers(weight: Weight, accesses: &Accesses, what: &str) {
    let (reads, writes) = (weight.ref_time() % 1_000, weight.ref_time() / 1_000);
    assert!(
        accesses.reads() <= reads && accesses.writes() <= writes,
        "{what} weighs {reads} reads and {writes} writes and did {} and {}: {accesses:#?}",
        accesses.reads(),
        accesses.writes()
    );
}

fn call(ext: &mut TestExternalities, who: &AccountId32, call: Call<Test>) {
    let call = RuntimeCall::Market(call);
    let weight = call.get_dispatch_info().call_weight;
    let what = format!("{call:?}");
    let (result, accesses) = ext.accesses(|| call.dispatch(signed(who)));
    let done = result.unwrap_or_else(|error| panic!("{what}: {error:?}"));
    // What is left of it, where it did less than it might have.
    let mut weight = done.actual_weight.unwrap_or(weight);
    while weight.ref_time() >= RECEIPT_TIME {
        weight = weight.saturating_sub(Weight::from_parts(RECEIPT_TIME, 0));
    }
    assert_covers(weight, &accesses, &what);
}

fn next_block(ext: &mut TestExternalities) {
    let (weight, accesses) = ext.accesses(|| {
        let now = System::block_number() + 1;
        System::set_block_number(now);
        Market::on_initialize(now)
    });
    assert_covers(weight, &accesses, "a block's hooks");
}

fn deliver(job: H256) -> Call<Test> {
    let receipt = receipt(0, job);
    let signature = provider(0).sign(&receipt.signing_payload());
    Call::submit_receipt { job, receipt, output: output(), signature }
}

#[test]
fn redundant_jobs_weigh_what_they_do() {
    let mut ext = ext();
    FinishedMax::set(1);
    ext.execute_with(|| (0..5).for_each(|number| add_provider(number, 8)));
    // Another one that was finished, which is forgotten for each that follows.
    ext.execute_with(|| {
        let job = submit(1, 20);
        Market::cancel(signed(&account(1)), job).unwrap();
    });
    let begin = |ext: &mut TestExternalities, wanted: u8, quorum: u8| {
        let job = ext.execute_with(|| submit_redundant(1, wanted, quorum, 60));
        next_block(ext);
        let panel = ext.execute_with(|| panel(job));
        assert_eq!(panel.len(), usize::from(wanted));
        (job, panel)
    };
    let play = |ext: &mut TestExternalities, number: u8, made: Call<Test>| {
        call(ext, &provider_account(number), made);
    };
    // All do their part, and two are wrong.
    let (job, panel) = begin(&mut ext, 5, 3);
    let result = |at: usize| scores(if at < 3 { 0.9 } else { 0.1 * at as f32 });
    for (at, number) in panel.iter().enumerate() {
        let commit = ext.execute_with(|| commit_call(*number, job, &result(at)));
        play(&mut ext, *number, commit);
    }
    for (at, number) in panel.iter().enumerate() {
        let reveal = ext.execute_with(|| reveal_call(*number, job, &result(at)));
        play(&mut ext, *number, reveal);
    }
    assert!(matches!(ext.execute_with(|| state(job)), State::Settled { .. }));
    // Nobody agrees, which the last one's result shows.
    let (job, panel) = begin(&mut ext, 2, 2);
    for (at, number) in [0, 3].into_iter().zip(&panel) {
        let commit = ext.execute_with(|| commit_call(*number, job, &result(at)));
        play(&mut ext, *number, commit);
    }
    for (at, number) in [0, 3].into_iter().zip(&panel) {
        let reveal = ext.execute_with(|| reveal_call(*number, job, &result(at)));
        play(&mut ext, *number, reveal);
    }
    // Two withhold their results and one is silent, all of one are silent, and one leaves too few.
    let (mixed, ours) = begin(&mut ext, 5, 3);
    for (at, number) in ours.iter().take(4).enumerate() {
        let commit = ext.execute_with(|| commit_call(*number, mixed, &result(at)));
        play(&mut ext, *number, commit);
    }
    begin(&mut ext, 5, 3);
    let (left, theirs) = begin(&mut ext, 3, 3);
    play(&mut ext, theirs[0], Call::decline { job: left, attempt: 0 });
    for _ in 0..60 {
        next_block(&mut ext);
    }
    // All have ended, and one is kept.
    let kept: Vec<_> = ext.execute_with(|| crate::Jobs::<Test>::iter().collect());
    assert!(matches!(kept.as_slice(), [(_, job)] if !job.state.is_open()), "{kept:?}");
    let ended = kept[0].0;
    let report = ext.execute_with(|| {
        let sign = |score| {
            let receipt = Receipt { output: scores(score).hash(), ..receipt(0, ended) };
            let signature = provider(0).sign(&receipt.signing_payload());
            SignedReceipt { key: provider(0).public(), signature, receipt }
        };
        Call::report_contradiction { first: sign(0.1), second: sign(0.2) }
    });
    call(&mut ext, &account(2), report);
    FinishedMax::set(4);
}

#[test]
fn the_life_of_jobs_weighs_what_it_does() {
    let mut ext = ext();
    // With a memory of one, each job that ends makes another one forgotten.
    FinishedMax::set(1);
    ext.execute_with(|| add_provider(0, 8));
    let (buyer, worker) = (account(1), provider_account(0));
    // What waits in vain pays the chain.
    Rent::set(7);
    let inputs = Batch::try_new(vec![b"one".to_vec()]).unwrap().encode();
    let (inputs, policy) = (Blob::Inline(inputs.try_into().unwrap()), Policy::Attested);
    let batch =
        Call::submit_batch { model: MODEL, inputs, runs: 1, max_fee: 1_500, policy, blocks: 20 };
    call(&mut ext, &buyer, batch);
    let batch = ext.execute_with(|| job_id(&Pallet::<Test>::genesis(), &buyer, 0));
    ext.execute_with(|| System::set_block_number(2));
    call(&mut ext, &buyer, Call::cancel { job: batch });
    // A cancelled job keeps its place until its turn.
    next_block(&mut ext);
    let buy = || Call::submit {
        model: MODEL,
        input: input(),
        max_fee: 1_500,
        policy: Default::default(),
        blocks: 20,
    };
    for _ in 0..2 {
        let job = ext.execute_with(|| submit(1, 20));
        call(&mut ext, &buyer, Call::cancel { job });
        call(&mut ext, &buyer, buy());
    }
    let [settled, declined] = ext.execute_with(|| [submit(2, 20), submit(2, 5)]);
    // Three places of the queue a block.
    next_block(&mut ext);
    next_block(&mut ext);
    let who = ext.execute_with(|| [settled, declined].map(assigned));
    assert_eq!(who, [Some(0), Some(0)]);
    let receipt = ext.execute_with(|| deliver(settled));
    call(&mut ext, &worker, receipt);
    // Then it is too late for another attempt: the refund is the most that a decline does.
    next_block(&mut ext);
    call(&mut ext, &worker, Call::decline { job: declined, attempt: 0 });
    assert!(matches!(ext.execute_with(|| state(declined)), State::Refunded { .. }));
    // The rest times out, is slashed, waits, expires.
    for _ in 0..25 {
        next_block(&mut ext);
    }
    Rent::set(0);
    FinishedMax::set(4);
}

/// Two committees judge a panel that does not agree; the first is silent.
#[test]
fn disputes_weigh_what_they_do() {
    let mut ext = ext();
    FinishedMax::set(1);
    ext.execute_with(|| {
        add_judges(JUDGES);
        (0..5).for_each(|number| add_provider(number, 8));
        let job = submit(1, 20);
        Market::cancel(signed(&account(1)), job).unwrap();
    });
    let policy = Policy::Refereed { providers: 5, quorum: 3 };
    let job = ext.execute_with(|| submit_with(1, policy, 60));
    next_block(&mut ext);
    let panel = ext.execute_with(|| panel(job));
    for (at, number) in panel.iter().enumerate() {
        let result = scores(0.1 * at as f32);
        let commit = ext.execute_with(|| commit_call(*number, job, &result));
        call(&mut ext, &provider_account(*number), commit);
    }
    for (at, number) in panel.iter().enumerate() {
        let result = scores(0.1 * at as f32);
        let reveal = ext.execute_with(|| reveal_call(*number, job, &result));
        call(&mut ext, &provider_account(*number), reveal);
    }
    assert!(matches!(ext.execute_with(|| state(job)), State::Disputed { .. }));
    let judge = |ext: &mut TestExternalities| {
        let now = System::block_number;
        let (weight, accesses) = ext.accesses(|| Referee::on_initialize(now()));
        assert_covers(weight, &accesses, "the referee's hook");
    };
    for _ in 0..12 {
        next_block(&mut ext);
        judge(&mut ext);
    }
    assert!(matches!(ext.execute_with(|| state(job)), State::Refunded { .. }));
    // One alone claims; somebody disputes it, and all vote.
    let policy = Policy::Refereed { providers: 1, quorum: 1 };
    let job = ext.execute_with(|| submit_with(1, policy, 60));
    next_block(&mut ext);
    let number = ext.execute_with(|| assigned(job)).unwrap();
    let deliver = ext.execute_with(|| {
        let output = scores(0.1);
        let receipt = Receipt { output: output.hash(), ..receipt(number, job) };
        let signature = provider(number).sign(&receipt.signing_payload());
        Call::submit_receipt { job, receipt, output, signature }
    });
    call(&mut ext, &provider_account(number), deliver);
    let dispute = RuntimeCall::Referee(pallet_referee::Call::dispute { case: job });
    let weight = dispute.get_dispatch_info().call_weight;
    let (done, accesses) = ext.accesses(|| dispute.dispatch(signed(&account(2))));
    done.unwrap();
    assert_covers(weight, &accesses, "a dispute");
    next_block(&mut ext);
    judge(&mut ext);
    for vote in ext.execute_with(|| votes(job, 0.9)) {
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
    assert!(matches!(ext.execute_with(|| state(job)), State::Refunded { .. }));
    FinishedMax::set(4);
}
