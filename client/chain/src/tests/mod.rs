mod closed;
mod epochs;
mod model;
mod parallel;
mod prune;
mod reorg;
mod restart;
mod warp;

use citrate_core::{
    H256, InvalidTransaction, OpaqueExtrinsic, TransactionValidityError, well_known_keys,
};
use citrate_dag::HeaderError;
use citrate_dag_types::{DagBlock, Slot, split_seal};
use citrate_db::{DbConfig, TxStatus};
use codec::Encode;
use std::sync::Arc;

use crate::testing::{TestCall, balance, block, open, seal, transfer};
use crate::{BlockStatus, Chain, ChainError, ChainEvent, ImportError, Mismatch, RuntimeError};

const NOW_MS: u64 = 1_000_000;

fn chain() -> Arc<Chain> {
    open(&DbConfig::in_memory()).unwrap()
}

/// Builds on the best block at the next slot and imports it.
fn extend(chain: &Chain, payload: Vec<OpaqueExtrinsic>) -> H256 {
    let best = chain.best();
    let block = block(chain, best.hash, u64::from(best.number) + 10, payload).unwrap();
    let imported = chain.import_at(block, NOW_MS).unwrap();
    assert_eq!(imported.status, BlockStatus::Best);
    imported.hash
}

fn skipped(reason: InvalidTransaction) -> TxStatus {
    TxStatus::Skipped(TransactionValidityError::Invalid(reason))
}

fn status(chain: &Chain, extrinsic: &OpaqueExtrinsic) -> Option<TxStatus> {
    chain.transaction(&extrinsic.hash()).unwrap().map(|record| record.status)
}

#[test]
fn a_transfer_is_executed_by_the_block_after_the_one_that_carries_it() {
    let chain = chain();
    for _ in 0..3 {
        extend(&chain, vec![]);
    }
    let tx = transfer(0, 1, 0, 100);
    let carrier = extend(&chain, vec![tx.clone()]);
    assert_eq!(balance(&chain, &carrier, 1), 1_000, "not executed yet");
    let record = chain.transaction(&tx.hash()).unwrap().unwrap();
    assert_eq!((record.payload_block, record.status), (carrier, TxStatus::Pending));
    let accepting = extend(&chain, vec![]);
    assert_eq!(chain.best().number, 5);
    assert_eq!(balance(&chain, &accepting, 0), 899);
    assert_eq!(balance(&chain, &accepting, 1), 1_100);
    let body = chain.accepted(&accepting).unwrap().unwrap();
    let time = TestCall::Timestamp(14 * crate::testing::SLOT_MS).extrinsic();
    assert_eq!(body, [time, tx.clone()]);
    assert_eq!(chain.payload(&carrier).unwrap().unwrap(), std::slice::from_ref(&tx));
    let record = chain.transaction(&tx.hash()).unwrap().unwrap();
    assert_eq!(record.payload_block, carrier);
    assert_eq!(record.accepting_block, Some(accepting));
    assert_eq!((record.index, record.status), (Some(1), TxStatus::Accepted));
    let transactions = chain.block_transactions(&accepting).unwrap().unwrap();
    assert_eq!(transactions.accepted.len(), 1);
    assert_eq!(transactions.accepted[0].payload_block, carrier);
}

#[test]
fn what_does_not_apply_is_skipped_with_its_reason_and_leaves_no_trace() {
    let chain = chain();
    let good = transfer(0, 1, 0, 10);
    let stale = transfer(0, 1, 0, 11);
    let future = transfer(0, 1, 5, 10);
    let poor = transfer(9, 1, 0, 10);
    let failing = transfer(2, 1, 0, 5_000);
    let trap = TestCall::Trap.extrinsic();
    let time = TestCall::Timestamp(1).extrinsic();
    let garbage = OpaqueExtrinsic(vec![200, 1, 2]);
    let all = [&good, &stale, &future, &poor, &failing, &trap, &time, &garbage];
    extend(&chain, all.into_iter().cloned().collect());
    let accepting = extend(&chain, vec![]);
    let body = chain.accepted(&accepting).unwrap().unwrap();
    assert_eq!(body[1..], [good.clone(), failing.clone()]);
    assert_eq!(status(&chain, &good), Some(TxStatus::Accepted));
    assert_eq!(status(&chain, &failing), Some(TxStatus::Accepted), "it paid its fee");
    assert_eq!(status(&chain, &stale), Some(skipped(InvalidTransaction::Stale)));
    assert_eq!(status(&chain, &future), Some(skipped(InvalidTransaction::Future)));
    assert_eq!(status(&chain, &poor), Some(skipped(InvalidTransaction::Payment)));
    assert_eq!(status(&chain, &garbage), Some(skipped(InvalidTransaction::Call)));
    assert!(matches!(status(&chain, &trap), Some(TxStatus::Skipped(_))));
    assert!(matches!(status(&chain, &time), Some(TxStatus::Skipped(_))));
    assert_eq!(balance(&chain, &accepting, 0), 989, "the trap's change was undone");
    assert_eq!(balance(&chain, &accepting, 2), 999);
    let nonce = chain.call(&accepting, "AccountNonceApi_account_nonce", &[9]).unwrap();
    assert_eq!(nonce, 0u32.encode(), "a skipped extrinsic's changes are undone");
}

#[test]
fn the_header_and_the_accepted_list_are_an_ordinary_block() {
    let chain = chain();
    let payload = vec![transfer(0, 1, 1, 5), transfer(0, 1, 0, 5), TestCall::Trap.extrinsic()];
    let parent = extend(&chain, payload);
    let accepting = extend(&chain, vec![transfer(3, 2, 0, 1)]);
    let (unsealed, _) = split_seal(&chain.header(&accepting).unwrap().unwrap()).unwrap();
    let body = chain.accepted(&accepting).unwrap().unwrap();
    assert_eq!(body.len(), 3);
    chain.call(&parent, "Core_execute_block", &(&unsealed, &body).encode()).unwrap();
    let short = (&unsealed, &body[..2]).encode();
    let refused = chain.call(&parent, "Core_execute_block", &short);
    assert!(matches!(refused, Err(ChainError::Runtime(RuntimeError::Trapped(_)))));
}

#[test]
fn a_transaction_that_comes_twice_is_executed_once() {
    let chain = chain();
    let tx = transfer(0, 1, 0, 10);
    extend(&chain, vec![tx.clone(), tx.clone()]);
    let first = extend(&chain, vec![tx.clone()]);
    assert_eq!(chain.accepted(&first).unwrap().unwrap().len(), 2);
    let second = extend(&chain, vec![]);
    assert_eq!(chain.accepted(&second).unwrap().unwrap().len(), 1);
    let record = chain.transaction(&tx.hash()).unwrap().unwrap();
    assert_eq!(record.accepting_block, Some(first), "the record is that of its execution");
}

#[test]
fn another_outcome_than_the_derived_one_disqualifies_a_block() {
    let chain = chain();
    let genesis = chain.genesis_hash();
    let good = block(&chain, genesis, 10, vec![transfer(0, 1, 0, 10)]).unwrap();
    let change = |change: &dyn Fn(&mut citrate_core::Header)| {
        let (mut header, _) = split_seal(&good.header).unwrap();
        change(&mut header);
        seal(header, good.payload.clone())
    };
    let zero = H256::zero();
    let bad_state = change(&|header| header.state_root = zero);
    let bad_list = change(&|header| header.extrinsics_root = zero);
    let extra = citrate_core::DigestItem::RuntimeEnvironmentUpdated;
    let bad_digest = change(&|header| header.digest.push(extra.clone()));
    let disqualified = |block: DagBlock| match chain.import_at(block, NOW_MS).unwrap().status {
        BlockStatus::Disqualified(mismatch) => mismatch,
        other => panic!("{other:?}"),
    };
    let expected = good.header.state_root;
    let hash = bad_state.hash();
    assert_eq!(disqualified(bad_state), Mismatch::StateRoot { expected, got: zero });
    let expected = good.header.extrinsics_root;
    assert_eq!(disqualified(bad_list), Mismatch::ExtrinsicsRoot { expected, got: zero });
    assert_eq!(disqualified(bad_digest), Mismatch::Digest);
    assert_eq!(chain.best().number, 0);
    assert!(chain.header(&hash).unwrap().is_some(), "it is kept");
    assert!(chain.payload(&hash).unwrap().is_some());
    assert!(chain.accepted(&hash).unwrap().is_none(), "and not executed");
    // Nothing can be built on it, and what claims to be is disqualified as well.
    assert!(block(&chain, hash, 20, vec![]).is_err());
    let heir = {
        let imported = chain.import_at(good.clone(), NOW_MS).unwrap();
        let child = block(&chain, imported.hash, 20, vec![]).unwrap();
        let (mut header, _) = split_seal(&child.header).unwrap();
        header.parent_hash = hash;
        seal(header, child.payload)
    };
    assert_eq!(disqualified(heir), Mismatch::Parent);
    assert_eq!(chain.best().hash, good.hash());
}

#[test]
fn what_breaks_a_rule_is_refused_and_not_kept() {
    let chain = chain();
    let genesis = chain.genesis_hash();
    let good = block(&chain, genesis, 10, vec![]).unwrap();
    let import = |block: &DagBlock| chain.import_at(block.clone(), NOW_MS).map(|i| i.status);
    let mut wrong_payload = good.clone();
    wrong_payload.payload.push(transfer(0, 1, 0, 1));
    let refused = import(&wrong_payload);
    assert!(matches!(refused, Err(ImportError::Header(HeaderError::PayloadRoot { .. }))));
    let mut unsealed = good.clone();
    unsealed.header.digest.logs.pop();
    assert!(matches!(import(&unsealed), Err(ImportError::Header(HeaderError::Digest(_)))));
    let late = block(&chain, genesis, 100_000, vec![]).unwrap();
    let refused = import(&late);
    let in_future = HeaderError::SlotInFuture { now: Slot(2_000), got: Slot(100_000) };
    assert!(matches!(refused, Err(ImportError::Header(error)) if error == in_future));
    let mut orphan = good.clone();
    orphan.header.parent_hash = H256::repeat_byte(9);
    assert!(matches!(import(&orphan), Err(ImportError::UnknownParent(_))));
    let big = vec![OpaqueExtrinsic(vec![0; 5_000])];
    let big = block(&chain, genesis, 10, big).unwrap();
    assert!(matches!(import(&big), Err(ImportError::Header(HeaderError::PayloadBytes { .. }))));
    for block in [&wrong_payload, &unsealed, &late, &orphan, &big] {
        if block.hash() != good.hash() {
            assert!(chain.header(&block.hash()).unwrap().is_none());
        }
    }
    assert_eq!(import(&good).unwrap(), BlockStatus::Best);
    assert!(matches!(import(&good), Err(ImportError::AlreadyKnown(_))));
}

#[test]
fn new_code_runs_from_the_next_block_on() {
    let chain = chain();
    extend(&chain, vec![TestCall::SetCode(7).extrinsic()]);
    let before = chain.best().hash;
    let upgraded = extend(&chain, vec![]);
    assert_eq!(chain.runtime_version(&before).unwrap().spec_version, 1);
    assert_eq!(chain.runtime_version(&upgraded).unwrap().spec_version, 7);
    assert_ne!(chain.code_hash(&before).unwrap(), chain.code_hash(&upgraded).unwrap());
    let after = extend(&chain, vec![]);
    assert_eq!(chain.code_hash(&after).unwrap(), chain.code_hash(&upgraded).unwrap());
}

#[test]
fn calls_change_nothing_and_name_what_is_missing() {
    let chain = chain();
    let best = chain.best().hash;
    chain.call(&best, "BlockBuilder_apply_extrinsic", &transfer(0, 1, 0, 10).encode()).unwrap();
    assert_eq!(balance(&chain, &best, 0), 1_000);
    let missing = chain.call(&best, "Nothing_here", &[]).unwrap_err();
    assert_eq!(missing.to_string(), "Exported method Nothing_here is not found");
    let unknown = chain.call(&H256::repeat_byte(1), "Core_version", &[]);
    assert!(matches!(unknown, Err(ChainError::Db(citrate_db::DbError::UnknownBlock(_)))));
    let worker = chain.call_with(&best, "X", &[], &mut |_| {}, well_known_keys::WORKER);
    assert!(matches!(worker, Err(ChainError::NoCode { .. })));
}

#[test]
fn events_come_in_order_and_the_parent_of_the_tip_is_final() {
    let chain = chain();
    let mut events = chain.subscribe();
    let first = extend(&chain, vec![]);
    let second = extend(&chain, vec![]);
    let mut next = || events.try_recv().unwrap();
    let genesis = chain.genesis_hash();
    assert_eq!(next(), ChainEvent::Added { hash: first });
    assert_eq!(next(), ChainEvent::Imported { hash: first, parent: genesis, number: 1 });
    let new_best = |number, hash| ChainEvent::NewBest {
        block: crate::BlockRef { number, hash },
        retracted: vec![],
        enacted: vec![hash],
    };
    assert_eq!(next(), new_best(1, first));
    assert_eq!(next(), ChainEvent::Added { hash: second });
    assert_eq!(next(), ChainEvent::Imported { hash: second, parent: first, number: 2 });
    assert_eq!(next(), new_best(2, second));
    assert_eq!(next(), ChainEvent::Finalized { blocks: vec![first], pruned: vec![] });
    assert!(events.try_recv().is_err());
    assert_eq!(chain.finalized().hash, first);
    assert_eq!(chain.unfinalized().unwrap(), [chain.best()]);
    assert_eq!(chain.leaves().unwrap(), [chain.best()]);
    assert_eq!(chain.hash_at(1).unwrap(), Some(first));
    assert_eq!(chain.children(&first).unwrap(), [second]);
}
