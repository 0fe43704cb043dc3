//! Blocks without transactions, while a migration over several blocks is under way.

use super::blocks::opaque;
use super::mock::{
    Executive, Extrinsic, Key, Left, Log, Planned, RuntimeCall, SpecVersion, System, genesis,
    header, signed, write,
};
use super::signatures::apply;
use citrate_api::Block;
use citrate_core::{ApplyExtrinsicResult, ExtrinsicInclusionMode, InvalidTransaction};
use citrate_support::dispatch::DispatchClass;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn time(now: u64) -> Extrinsic {
    Extrinsic::new_bare(RuntimeCall::Timestamp(pallet_timestamp::Call::set { now }))
}

fn refused() -> ApplyExtrinsicResult {
    Err(InvalidTransaction::ExhaustsResources.into())
}

#[test]
fn transactions_wait_and_all_that_is_mandatory_goes_on() {
    let (only, all) =
        (ExtrinsicInclusionMode::OnlyInherents, ExtrinsicInclusionMode::AllExtrinsics);
    genesis().execute_with(|| {
        Executive::initialize_block(&header(1));
        Executive::finalize_block();
        assert!(!System::was_closed_since(0));
        // The block after the upgrade begins the migration, and is closed already.
        SpecVersion::set(2);
        Planned::set(2);
        Log::take();
        assert_eq!(Executive::initialize_block(&header(2)), only);
        assert!(System::was_closed_since(2));
        assert_eq!(apply(&time(10)), Ok(Ok(())));
        assert_eq!(apply(&signed(0, write(5))), refused());
        let before = System::block_weight().get(DispatchClass::Mandatory).ref_time();
        Executive::finalize_block();
        assert_eq!(Log::take()[2..], ["initialize", "step", "finalize"]);
        let weighed = System::block_weight().get(DispatchClass::Mandatory).ref_time() - before;
        assert_eq!(weighed, 19);
        // The last step opens the next block, not this one.
        assert_eq!(Executive::initialize_block(&header(3)), only);
        assert_eq!(apply(&time(20)), Ok(Ok(())));
        assert_eq!(apply(&signed(0, write(5))), refused());
        Executive::finalize_block();
        assert_eq!(Log::take(), ["initialize", "step", "idle", "finalize"]);
        assert_eq!(System::account_nonce(Key::alice().account()), 0);
        assert_eq!(Executive::initialize_block(&header(4)), all);
        assert_eq!(apply(&time(30)), Ok(Ok(())));
        assert_eq!(Log::take(), ["initialize"]);
        SpecVersion::set(1);
        assert_eq!(apply(&signed(0, write(5))), Ok(Ok(())));
        assert_eq!(Log::take(), ["poll", "call"]);
        assert!(System::was_closed_since(3) && !System::was_closed_since(4));
    });
}

#[test]
fn a_closed_block_with_a_transaction_is_refused() {
    let good = [opaque(&time(10))];
    let executed = |block: Block| {
        Left::set(2);
        let run = || genesis().execute_with(|| Executive::execute_block(block));
        let result = catch_unwind(AssertUnwindSafe(run));
        Left::set(0);
        result.is_ok()
    };
    Left::set(2);
    let header = genesis().execute_with(|| {
        Executive::initialize_block(&header(1));
        assert_eq!(apply(&signed(0, write(5))), refused());
        apply(&time(10)).unwrap().unwrap();
        Executive::finalize_block()
    });
    assert!(executed(Block { header: header.clone(), extrinsics: good.to_vec() }));
    let extrinsics = vec![good[0].clone(), opaque(&signed(0, write(5)))];
    assert!(!executed(Block { header, extrinsics }));
}
