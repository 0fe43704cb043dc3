//! Blocks that take no transactions, because a migration is under way.

use citrate_core::{H256, InvalidTransaction, OpaqueExtrinsic};
use citrate_dag_types::{DagBlock, split_seal};
use citrate_db::{DbConfig, TxStatus};
use codec::Encode;

use super::{NOW_MS, chain, extend, skipped, status};
use crate::testing::{TestCall, balance, block_by, open_of, transfer};
use crate::{BlockStatus, Chain, ChainError, RuntimeError};

fn closed() -> TxStatus {
    skipped(InvalidTransaction::ExhaustsResources)
}

#[test]
fn transactions_are_skipped_while_a_migration_runs_and_are_as_good_afterwards() {
    let chain = chain();
    let (early, late) = (transfer(0, 1, 0, 10), transfer(1, 2, 0, 20));
    let upgrade = extend(&chain, vec![TestCall::SetCode(102).extrinsic()]);
    assert!(chain.takes_transactions(&upgrade).unwrap());
    // The code changes here; what this block proposes meets the first block of the migration.
    let last_open = extend(&chain, vec![early.clone()]);
    assert!(!chain.takes_transactions(&last_open).unwrap(), "asked of the runtime");
    let first = extend(&chain, vec![late.clone()]);
    assert!(!chain.takes_transactions(&first).unwrap());
    assert_eq!(status(&chain, &early), Some(closed()));
    let second = extend(&chain, vec![]);
    assert_eq!(status(&chain, &late), Some(closed()));
    assert!(chain.takes_transactions(&second).unwrap(), "that was the last step");
    assert_eq!((balance(&chain, &second, 0), balance(&chain, &second, 1)), (1_000, 1_000));
    // Closed blocks have their inherents, and are blocks like others to tools.
    for hash in [first, second] {
        let header = chain.header(&hash).unwrap().unwrap();
        let (unsealed, _) = split_seal(&header).unwrap();
        let mut body = chain.accepted(&hash).unwrap().unwrap();
        assert_eq!(body.len(), 1, "the time");
        chain
            .call(&header.parent_hash, "Core_execute_block", &(&unsealed, &body).encode())
            .unwrap();
        body.push(early.clone());
        let more = (&unsealed, &body).encode();
        let refused = chain.call(&header.parent_hash, "Core_execute_block", &more);
        assert!(matches!(refused, Err(ChainError::Runtime(RuntimeError::Trapped(_)))));
    }
    // Proposed again, both are executed.
    extend(&chain, vec![early.clone(), late.clone()]);
    let open = extend(&chain, vec![]);
    assert_eq!(status(&chain, &early), Some(TxStatus::Accepted));
    assert_eq!(status(&chain, &late), Some(TxStatus::Accepted));
    assert_eq!(balance(&chain, &open, 2), 1_020);
}

/// A block of this author on these parents, imported.
fn add(
    author: u8,
    chain: &Chain,
    parent: H256,
    slot: u64,
    payload: Vec<OpaqueExtrinsic>,
) -> DagBlock {
    let block = block_by(author, chain, vec![parent], slot, payload).unwrap();
    chain.import_at(block.clone(), NOW_MS).unwrap();
    block
}

#[test]
fn a_reorganisation_across_the_start_of_a_migration_undoes_what_it_skipped() {
    let (ours, theirs) =
        (open_of(2, &DbConfig::in_memory()).unwrap(), open_of(2, &DbConfig::in_memory()).unwrap());
    let genesis = ours.genesis_hash();
    let tx = transfer(0, 1, 0, 10);
    // On our branch the runtime is upgraded, and skips the transaction.
    let mut at = genesis;
    for payload in [vec![TestCall::SetCode(109).extrinsic()], vec![tx.clone()], vec![]] {
        at = add(0, &ours, at, 10 + u64::from(ours.best().number), payload).hash();
    }
    assert_eq!((ours.best().hash, status(&ours, &tx)), (at, Some(closed())));
    assert!(!ours.takes_transactions(&at).unwrap());
    // On theirs, which is longer, it is executed.
    let (mut at, mut blocks) = (genesis, Vec::new());
    for payload in [vec![tx.clone()], vec![], vec![], vec![], vec![]] {
        let slot = 30 + u64::from(theirs.best().number);
        blocks.push(add(1, &theirs, at, slot, payload));
        at = blocks.last().unwrap().hash();
    }
    for block in blocks {
        ours.import_at(block, NOW_MS).unwrap();
    }
    assert_eq!((ours.best().hash, status(&ours, &tx)), (at, Some(TxStatus::Accepted)));
    assert!(ours.takes_transactions(&at).unwrap(), "no migration here");
    assert_eq!(balance(&ours, &at, 1), 1_010);
    // A block that merges both branches executes the upgrade now, and its children are closed.
    let tips: Vec<H256> = ours.with_dag(|dag| dag.tips().to_vec());
    assert_eq!(tips.len(), 2);
    let merging = block_by(1, &ours, tips, 60, vec![]).unwrap();
    assert_eq!(ours.import_at(merging.clone(), NOW_MS).unwrap().status, BlockStatus::Best);
    assert!(!ours.takes_transactions(&merging.hash()).unwrap());
    assert_eq!(status(&ours, &tx), Some(TxStatus::Accepted), "it is not executed twice");
    assert_eq!(balance(&ours, &merging.hash(), 1), 1_010);
}
