//! The course of a block, and blocks that are refused.

use super::mock::{
    Balances, ENDOWMENT, Executive, Extrinsic, Idle, Key, Log, Probe, RuntimeCall, RuntimeEvent,
    SpecVersion, System, Test, genesis, header, in_block, probe, signed, value, write,
};
use super::signatures::apply;
use citrate_api::Block;
use citrate_core::{
    DispatchError, H256, Header, InherentData, OpaqueExtrinsic, StateVersion, Weight,
};
use citrate_support::dispatch::DispatchClass;
use citrate_support::traits::PalletInfoAccess;
use citrate_testing::TestExternalities;
use codec::{Decode, Encode};

pub(super) fn opaque(extrinsic: &Extrinsic) -> OpaqueExtrinsic {
    OpaqueExtrinsic::decode(&mut &extrinsic.encode()[..]).unwrap()
}

/// Block 1 with its inherent and one transaction, as an author makes it.
fn block() -> Block {
    genesis().execute_with(|| {
        Executive::initialize_block(&header(1));
        let mut data = InherentData::new();
        data.put(pallet_timestamp::INHERENT_IDENTIFIER, &1_000_u64);
        let mut extrinsics = Executive::inherent_extrinsics(data);
        extrinsics.push(opaque(&signed(0, write(5))));
        for extrinsic in &extrinsics {
            assert_eq!(Executive::apply_extrinsic(extrinsic.clone()), Ok(Ok(())));
        }
        Block { header: Executive::finalize_block(), extrinsics }
    })
}

/// Executes a block as anybody does who gets it.
fn execute(block: Block) -> TestExternalities {
    let mut ext = genesis();
    ext.execute_with(|| Executive::execute_block(block));
    ext
}

#[test]
fn what_an_author_builds_others_can_execute() {
    let block = block();
    let mut ext = execute(block.clone());
    assert_eq!(ext.commit(), block.header.state_root);
    let bytes: Vec<_> = block.extrinsics.iter().map(Encode::encode).collect();
    let root = citrate_trie::ordered_root(&bytes, StateVersion::V0);
    assert_eq!(block.header.extrinsics_root, root);
    assert_eq!(ext.execute_with(value), 5);
}

#[test]
#[should_panic(expected = "storage root must match")]
fn a_wrong_state_root_is_refused() {
    let mut block = block();
    block.header.state_root = H256::zero();
    execute(block);
}

#[test]
#[should_panic(expected = "transaction trie root must be valid")]
fn a_wrong_extrinsics_root_is_refused() {
    let mut block = block();
    block.header.extrinsics_root = H256::zero();
    execute(block);
}

#[test]
#[should_panic(expected = "number of digest items must match")]
fn a_digest_item_too_many_is_refused() {
    let mut block = block();
    block.header.digest.logs.push(citrate_core::DigestItem::RuntimeEnvironmentUpdated);
    execute(block);
}

#[test]
#[should_panic(expected = "extrinsic 2 may not be in the block: Transaction is outdated")]
fn an_extrinsic_that_does_not_apply_is_refused() {
    let mut block = block();
    block.extrinsics.push(opaque(&signed(0, write(6))));
    execute(block);
}

#[test]
#[should_panic(expected = "extrinsic 2 may not be in the block")]
fn an_inherent_after_a_transaction_is_refused() {
    let mut block = block();
    let inherent = block.extrinsics[0].clone();
    block.extrinsics.push(inherent);
    execute(block);
}

#[test]
fn a_call_that_fails_is_rolled_back_and_paid() {
    in_block(|| {
        let call = RuntimeCall::Probe(probe::Call::write { value: 9, fail: true });
        let error = DispatchError::from(probe::Error::<Test>::Refused);
        assert_eq!(apply(&signed(0, call)), Ok(Err(error)));
        assert_eq!(value(), 0);
        let alice = Key::alice().account();
        assert_eq!(System::account_nonce(&alice), 1);
        assert!(Balances::free_balance(&alice) < ENDOWMENT);
        let last = System::events().pop().unwrap().event;
        let RuntimeEvent::System(pallet_system::Event::ExtrinsicFailed { dispatch_error, .. }) =
            last
        else {
            panic!("{last:?}")
        };
        assert_eq!(dispatch_error, error);
    });
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let with = |extrinsics: &[Extrinsic]| {
        genesis().execute_with(|| {
            Executive::initialize_block(&header(1));
            for extrinsic in extrinsics {
                let _ = apply(extrinsic);
            }
            Executive::finalize_block()
        })
    };
    let (good, future) = (signed(0, write(5)), signed(7, write(6)));
    let bare = Extrinsic::new_bare(write(5));
    let clean = with(std::slice::from_ref(&good));
    assert_eq!(with(&[bare, future.clone(), good.clone(), good, future]), clean);
}

#[test]
fn hooks_run_in_their_order_and_are_weighed() {
    Log::take();
    genesis().execute_with(|| {
        Executive::initialize_block(&header(1));
        let begun = System::block_weight().get(DispatchClass::Mandatory).ref_time();
        let inherent =
            Extrinsic::new_bare(RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: 10 }));
        apply(&inherent).unwrap().unwrap();
        assert_eq!(Log::get(), ["initialize"], "inherents come before what waits for them");
        let before = System::block_weight().get(DispatchClass::Mandatory).ref_time();
        apply(&signed(0, write(1))).unwrap().unwrap();
        let polled = System::block_weight().get(DispatchClass::Mandatory).ref_time() - before;
        assert_eq!(polled, 11);
        let limits = super::mock::Weights::get();
        assert_eq!(begun, limits.base_block.ref_time() + 7);
        let left = System::remaining_block_weight();
        Executive::finalize_block();
        assert_eq!(Idle::get(), left);
        assert_eq!(Log::take(), ["initialize", "poll", "call", "idle", "finalize"]);
        Executive::initialize_block(&header(2));
        Executive::finalize_block();
        assert_eq!(Log::take(), ["initialize", "poll", "idle", "finalize"], "an empty block");
    });
}

#[test]
fn a_new_runtime_migrates_once() {
    Log::take();
    let mut ext = genesis();
    ext.execute_with(|| {
        Executive::initialize_block(&header(1));
        let before = System::block_weight().total();
        Executive::finalize_block();
        SpecVersion::set(2);
        Log::take();
        Executive::initialize_block(&header(2));
        assert_eq!(Log::take(), ["migration", "upgrade", "initialize"]);
        let more = System::block_weight().total().saturating_sub(before);
        assert_eq!(more, Weight::from_parts(13 + 17, 0));
        Executive::finalize_block();
        Executive::initialize_block(&header(3));
        assert_eq!(Log::take()[3..], ["initialize"]);
    });
    SpecVersion::set(1);
}

#[test]
fn wrong_inherents_are_found() {
    let block = block();
    let check = |block: Block, now: u64| {
        let mut data = InherentData::new();
        data.put(pallet_timestamp::INHERENT_IDENTIFIER, &now);
        genesis().execute_with(|| {
            Executive::initialize_block(&header(1));
            Executive::check_inherents(block, data)
        })
    };
    assert!(check(block.clone(), 1_000).is_ok());
    assert!(!check(block.clone(), 999).is_ok(), "a time that has not come");
    let without = Block { extrinsics: vec![block.extrinsics[1].clone()], ..block };
    assert!(check(without, 1_000).is_ok(), "a block of a tool that sets no time");
}

#[test]
fn workers_run_on_a_block_that_they_can_name() {
    Log::take();
    genesis().execute_with(|| {
        let header = Header { digest: Default::default(), ..header(1) };
        Executive::offchain_worker(&header);
        assert_eq!(Log::take(), ["worker"]);
        assert_eq!(System::block_hash(1), header.hash());
        assert_eq!(Probe::index(), 9);
    });
}

#[test]
fn an_upgrade_on_trial_checks_the_state_it_leaves() {
    use citrate_core::{DispatchError, Weight};
    genesis().execute_with(|| {
        Log::take();
        assert_eq!(Executive::try_runtime_upgrade(), Ok(Weight::from_parts(30, 0)));
        assert_eq!(Log::take(), ["migration", "upgrade", "all steps"]);
        // A block after it has nothing to migrate.
        Executive::initialize_block(&header(1));
        assert_eq!(Log::take(), ["initialize"]);
        pallet_balances::TotalIssuance::<Test>::put(1);
        let reason = "the issuance is not the sum of all balances";
        assert_eq!(Executive::try_runtime_upgrade(), Err(DispatchError::Other(reason)));
    });
}
