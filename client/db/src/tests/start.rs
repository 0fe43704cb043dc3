//! Databases that start at a later block.

use super::{Block, assert_state, build, extend, genesis, in_memory, on_disk, open};
use crate::{Db, DbError, Pruning, Start};
use citrate_core::H256;
use citrate_trie::{NodeStore, Walk};
use std::{collections::BTreeMap, sync::Arc};

/// A chain whose states share most of their nodes.
fn chain(db: &Arc<Db>, count: u8) -> Vec<Block> {
    let mut blocks = vec![genesis(db)];
    for salt in 1..=count {
        let changes = [(salt, Some(salt)), (salt % 3, Some(salt)), (salt / 2, None)];
        let parent = blocks.last().expect("genesis").clone();
        blocks.push(extend(db, &parent, salt, &changes).0);
    }
    blocks
}

/// Copies a state, a few nodes at a time.
fn download(from: &Db, to: &Db, root: H256) {
    let mut walk = Walk::new(root);
    while !walk.is_done() {
        let mut nodes = Vec::new();
        while nodes.len() < 3 {
            let Some(step) = walk.pop() else { break };
            let node = from.node(&step.hash).expect("readable").expect("here");
            walk.push(step.open(&node).expect("its node").into_iter());
            nodes.push((step.hash, node));
        }
        let record = (b"progress".to_vec(), Some(codec::Encode::encode(&walk)));
        to.write_nodes(nodes, &[], vec![record]).expect("written");
    }
}

fn start(blocks: &[Block], at: usize) -> Start {
    // Two blocks of the DAG are older than its root.
    let blocks_with_headers = blocks[at - 2..=at].iter().chain([&blocks[at / 2], &blocks[0]]);
    let headers = blocks_with_headers.map(|block| (block.hash, block.header.clone()));
    Start {
        block: blocks[at].hash,
        headers: headers.collect(),
        payload: vec![super::extrinsic(9)],
        dag: [at, at / 2, 0].map(|at| (blocks[at].hash, vec![u8::try_from(at).unwrap()])).to_vec(),
        root: blocks[at - 2].hash,
        records: vec![b"progress".to_vec()],
    }
}

fn counts(db: &Db) -> BTreeMap<H256, u32> {
    db.backend.nodes()
}

#[test]
fn a_downloaded_state_is_counted_as_one_that_was_executed() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for config in [in_memory(Pruning::Keep(1)), on_disk(folder.path(), Pruning::Keep(1))] {
        let source = open(&in_memory(Pruning::Keep(1)));
        let mut blocks = chain(&source, 12);
        let db = open(&config);
        genesis(&db);
        download(&source, &db, blocks[10].header.state_root);
        db.start_at(start(&blocks, 10)).expect("starts");
        assert_eq!(db.auxiliary_get(b"progress").expect("readable"), None);
        let at = crate::BlockRef { number: 10, hash: blocks[10].hash };
        assert_eq!((db.best(), db.finalized(), db.bodies_from()), (Some(at), Some(at), 11));
        assert_eq!(db.dag_root().expect("readable"), Some(blocks[8].hash));
        assert_eq!(db.dag_records().expect("readable"), [[0], [5], [10]]);
        assert_eq!(db.payload(&at.hash).expect("readable"), Some(vec![super::extrinsic(9)]));
        let hashes: Vec<_> = (7..11).map(|number| db.hash_at(number).expect("readable")).collect();
        let chain = [8, 9, 10].map(|number| Some(blocks[number].hash));
        assert_eq!(hashes, [&[None], &chain[..]].concat());
        assert!(matches!(db.state_at(&blocks[0].hash), Err(DbError::StatePruned(_))));
        assert!(matches!(db.state_at(&blocks[9].hash), Err(DbError::StatePruned(_))));
        // Both go on, and forget.
        source.finalize(&blocks[12].hash).expect("final");
        for number in [11, 12] {
            let salt = u8::try_from(number).expect("small");
            let changes = [(salt, Some(salt)), (salt % 3, Some(salt)), (salt / 2, None)];
            let (block, commit) = build(&db, Some(&blocks[number - 1]), salt, &changes);
            assert_eq!(block.hash, blocks[number].hash);
            db.commit(commit).expect("extends");
        }
        db.finalize(&blocks[12].hash).expect("final");
        assert_eq!(counts(&db), counts(&source));
        let last = blocks.pop().expect("the last one");
        assert_state(&db, &last);
        assert!(matches!(db.state_at(&blocks[10].hash), Err(DbError::StatePruned(_))));
    }
    // And after a restart.
    let db = open(&on_disk(folder.path(), Pruning::Keep(1)));
    assert_eq!((db.best().map(|block| block.number), db.bodies_from()), (Some(12), 11));
}

#[test]
fn nodes_of_a_download_that_was_given_up_can_be_taken_away() {
    let source = open(&in_memory(Pruning::Keep(9)));
    let blocks = chain(&source, 6);
    let db = open(&in_memory(Pruning::Keep(1)));
    genesis(&db);
    let before = counts(&db);
    download(&source, &db, blocks[5].header.state_root);
    let mut walk = Walk::new(blocks[5].header.state_root);
    while let Some(step) = walk.pop() {
        let node = db.node(&step.hash).expect("readable").expect("here");
        walk.push(step.open(&node).expect("its node").into_iter());
        db.write_nodes(Vec::new(), &[step.hash], Vec::new()).expect("written");
    }
    assert_eq!(counts(&db), before);
}

#[test]
fn only_an_empty_pruned_database_starts_at_a_later_block() {
    let source = open(&in_memory(Pruning::Keep(1)));
    let blocks = chain(&source, 5);
    let archive = open(&in_memory(Pruning::Archive));
    genesis(&archive);
    let refused = archive.start_at(start(&blocks, 5));
    assert!(matches!(refused, Err(DbError::PruningMismatch)));
    assert!(matches!(source.start_at(start(&blocks, 5)), Err(DbError::NotOnFinalizedChain(_))));
    let db = open(&in_memory(Pruning::Keep(1)));
    assert!(matches!(db.start_at(start(&blocks, 5)), Err(DbError::NoGenesis)));
}

#[test]
fn a_state_that_is_asked_for_is_kept_for_a_while() {
    let db = open(&in_memory(Pruning::Keep(1)));
    let blocks = chain(&db, 12);
    db.finalize(&blocks[4].hash).expect("final");
    assert!(!db.pin_state(&blocks[5].hash).expect("readable"), "not final");
    assert!(!db.pin_state(&blocks[1].hash).expect("readable"), "forgotten already");
    assert!(db.pin_state(&blocks[4].hash).expect("readable"));
    db.finalize(&blocks[10].hash).expect("final");
    for block in &blocks[4..] {
        assert_state(&db, block);
    }
    assert!(matches!(db.state_at(&blocks[3].hash), Err(DbError::StatePruned(_))));
    // Time goes by.
    let mut pins = std::mem::take(&mut *db.pins.lock());
    assert_eq!(pins.lowest(4 + 3_000), Some(4));
    assert_eq!(pins.lowest(4 + 3_001), None);
    db.finalize(&blocks[11].hash).expect("final");
    assert!(matches!(db.state_at(&blocks[9].hash), Err(DbError::StatePruned(_))));
    assert_state(&db, &blocks[10]);
}
