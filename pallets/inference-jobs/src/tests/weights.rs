//! What a call or a hook reads and writes is within its weight.

use citrate_core::{AccountId32, H256, Weight};
use citrate_support::dispatch::GetDispatchInfo;
use citrate_support::traits::{Dispatchable, Hooks};
use citrate_testing::{Accesses, TestExternalities};
use pallet_staking::Role;

use super::mock::{
    FinishedMax, MODEL, Market, ProvidersPerModelMax, RuntimeCall, Staking, System, account,
    add_provider, assigned, ext, input, output, provider, provider_account, receipt, signed, state,
    submit,
};
use crate::{Call, State};

/// What the signature's check adds to a receipt's weight.
const RECEIPT_TIME: u64 = 200_000_000;

/// In the mock a read weighs 1 and a write 1,000.
fn assert_covers(weight: Weight, accesses: &Accesses, what: &str) {
    let (reads, writes) = (weight.ref_time() % 1_000, weight.ref_time() / 1_000);
    assert!(
        accesses.reads() <= reads && accesses.writes() <= writes,
        "{what} weighs {reads} reads and {writes} writes and did {} and {}: {accesses:#?}",
        accesses.reads(),
        accesses.writes()
    );
}

fn call(ext: &mut TestExternalities, who: &AccountId32, call: Call<super::mock::Test>) {
    let call = RuntimeCall::Market(call);
    let mut weight = call.get_dispatch_info().call_weight;
    if weight.ref_time() >= RECEIPT_TIME {
        weight = weight.saturating_sub(Weight::from_parts(RECEIPT_TIME, 0));
    }
    let what = format!("{call:?}");
    let (result, accesses) = ext.accesses(|| call.dispatch(signed(who)));
    result.unwrap_or_else(|error| panic!("{what}: {error:?}"));
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

fn deliver(job: H256) -> Call<super::mock::Test> {
    let receipt = receipt(0, job);
    let signature = provider(0).sign(&receipt.signing_payload());
    Call::submit_receipt { job, receipt, output: output(), signature }
}

#[test]
fn calls_of_providers_weigh_what_they_do() {
    let mut ext = ext();
    ProvidersPerModelMax::set(1);
    let (first, second) = (provider_account(0), provider_account(1));
    ext.execute_with(|| {
        Staking::bond(signed(&first), Role::Provider, 10_000).unwrap();
        Staking::bond(signed(&second), Role::Provider, 10_000).unwrap();
    });
    for (number, who) in [(0, &first), (1, &second)] {
        let session_key = provider(number).public();
        call(&mut ext, who, Call::set_provider { session_key, capacity: 1 });
        call(&mut ext, who, Call::set_provider { session_key, capacity: 2 });
    }
    call(&mut ext, &first, Call::serve { model: MODEL });
    ext.execute_with(|| Staking::chill(signed(&first)).unwrap());
    // The list is full, and the first one makes room.
    call(&mut ext, &second, Call::serve { model: MODEL });
    call(&mut ext, &second, Call::unserve { model: MODEL });
    call(&mut ext, &second, Call::remove_provider {});
    ProvidersPerModelMax::set(4);
}

#[test]
fn the_life_of_jobs_weighs_what_it_does() {
    let mut ext = ext();
    // With a memory of one, each job that ends makes another one forgotten.
    FinishedMax::set(1);
    ext.execute_with(|| add_provider(0, 8));
    let (buyer, worker) = (account(1), provider_account(0));
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
    FinishedMax::set(4);
}
