//! Old blocks are forgotten, and nothing else.

use super::{Block, build, genesis, on_disk, open};
use crate::{Db, DbConfig, Executed, MergedBlock, Pruning, TxRecord, TxStatus, columns};
use citrate_core::H256;
use std::sync::Arc;

/// Rows of an ordered table, and the number of the others that these blocks have.
fn rows(db: &Db, column: u8, blocks: &[H256]) -> usize {
    blocks.iter().filter(|hash| db.get(column, hash.as_bytes()).unwrap().is_some()).count()
}

fn by_number(db: &Db) -> usize {
    db.blocks_from(0, usize::MAX).unwrap().len()
}

/// A chain in which each block merges one that is beside it; all, the chain's first.
fn chain(db: &Arc<Db>, count: u8) -> (Vec<Block>, Vec<Block>) {
    let (mut chain, mut side) = (vec![genesis(db)], Vec::new());
    for salt in 1..=count {
        let parent = chain.last().unwrap().clone();
        let (other, mut commit) = build(db, Some(&parent), 100 + salt, &[]);
        (commit.executed, commit.head) = (None, crate::Head::Unchanged);
        let pending = |block: &Block| TxRecord {
            payload_block: block.hash,
            accepting_block: None,
            index: None,
            status: TxStatus::Pending,
        };
        commit.transactions = vec![(commit.payload[0].hash(), pending(&other))];
        db.commit(commit).unwrap();
        let (block, mut commit) = build(db, Some(&parent), salt, &[(salt, Some(salt))]);
        let merged = |hash| MergedBlock { hash, is_executed: true };
        let executed = commit.executed.take().unwrap();
        let mut hashes = vec![merged(parent.hash)];
        hashes.extend(side.last().map(|block: &Block| merged(block.hash)));
        commit.executed = Some(Executed { merged: hashes, ..executed });
        let accepted = TxRecord {
            accepting_block: Some(block.hash),
            status: TxStatus::Accepted,
            ..pending(&parent)
        };
        commit.transactions = vec![(super::extrinsic(salt).hash(), accepted)];
        db.commit(commit).unwrap();
        side.push(other);
        chain.push(block);
    }
    (chain, side)
}

fn forget(db: &Db, last: u32) {
    while db.forget_bodies(last).unwrap() > 0 {}
}

#[test]
fn what_old_blocks_executed_is_forgotten_and_their_headers_stay() {
    let folder = tempfile::tempdir().unwrap();
    let config = DbConfig { blocks: Pruning::Keep(2), ..on_disk(folder.path(), Pruning::Keep(1)) };
    let (chain, side) = {
        let db = open(&config);
        let (chain, side) = chain(&db, 10);
        let hashes = |blocks: &[Block]| blocks.iter().map(|block| block.hash).collect::<Vec<_>>();
        (hashes(&chain), hashes(&side))
    };
    let db = open(&config);
    assert_eq!((rows(&db, columns::PAYLOADS, &chain), by_number(&db)), (11, 21));
    db.finalize(&chain[8]).unwrap();
    forget(&db, 6);
    assert_eq!(db.bodies_from(), 7);
    let check = |db: &Db| {
        assert_eq!(rows(db, columns::HEADERS, &chain), 11);
        // Block 7 was made of block 6's payload, and of that of the one beside it.
        assert_eq!(rows(db, columns::PAYLOADS, &chain), 5);
        assert_eq!(rows(db, columns::ACCEPTED, &chain), 5, "genesis has an empty one");
        for column in [columns::HEADERS, columns::PAYLOADS] {
            assert_eq!(rows(db, column, &side), 5, "those merged by block 6 and below are gone");
            assert!(db.get(column, side[4].as_bytes()).unwrap().is_none());
            assert!(db.get(column, side[5].as_bytes()).unwrap().is_some());
        }
        assert_eq!(by_number(db), 16);
        assert_eq!(db.children(&chain[2]).unwrap(), [chain[3]]);
        assert_eq!(db.children(&chain[8]).unwrap().len(), 2);
        for salt in 1..=10u8 {
            let is_here = db.transaction(&super::extrinsic(salt).hash()).unwrap().is_some();
            assert_eq!(is_here, salt > 6, "transaction {salt}");
        }
    };
    check(&db);
    drop(db);
    let db = open(&config);
    assert_eq!(db.bodies_from(), 7);
    check(&db);
    forget(&db, 6);
    check(&db);
}

#[test]
fn blocks_that_nobody_merged_go_when_they_are_dead_and_the_dag_has_no_record_of_them() {
    let db = open(&super::in_memory(Pruning::Keep(1)));
    let (chain, side) = chain(&db, 6);
    let (kept, mut commit) = build(&db, Some(&chain[2]), 77, &[]);
    (commit.executed, commit.head) = (None, crate::Head::Unchanged);
    commit.dag = Some(vec![1]);
    db.commit(commit).unwrap();
    forget(&db, 1);
    let dead = |below: u32| move |header: &citrate_core::Header| header.number < below;
    while db.forget_side_blocks(dead(3)).unwrap() > 0 {}
    let is_here = |block: &Block| db.header(&block.hash).unwrap().is_some();
    assert_eq!(side.iter().map(is_here).collect::<Vec<_>>()[..3], [false, false, true]);
    while db.forget_side_blocks(dead(9)).unwrap() > 0 {}
    assert!(is_here(&kept), "the DAG has it");
    assert!(side[3..].iter().all(is_here), "and nothing above is looked at");
    db.prune_dag(&chain[0].hash, &[kept.hash]).unwrap();
    while db.forget_side_blocks(dead(9)).unwrap() > 0 {}
    assert!(!is_here(&kept));
    assert!(!side.iter().any(is_here));
    assert!(chain.iter().all(is_here));
    assert!(side.iter().all(|block| db.payload(&block.hash).unwrap().is_none()));
}
