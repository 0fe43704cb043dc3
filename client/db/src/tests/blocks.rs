//! Writing and reading blocks.

use super::{assert_state, both, build, extend, extrinsic, genesis, in_memory, open};
use crate::{BlockRef, DbError, Head, Pruning, Route, Skipped, TxRecord, TxStatus};
use citrate_core::{H256, InvalidTransaction, TransactionValidityError};

#[test]
fn blocks_are_read_back() {
    both(Pruning::Keep(2), |db| {
        assert_eq!((db.genesis_hash(), db.best(), db.finalized()), (None, None, None));
        let g = genesis(&db);
        let root = BlockRef { number: 0, hash: g.hash };
        assert_eq!((db.genesis_hash(), db.best()), (Some(g.hash), Some(root)));
        assert_eq!(db.finalized(), Some(root));

        let (block, mut commit) = build(&db, Some(&g), 1, &[(2, None), (9, Some(9))]);
        let reason = TransactionValidityError::Invalid(InvalidTransaction::Stale);
        let skipped = vec![Skipped { hash: extrinsic(255).hash(), reason }];
        commit.executed.as_mut().expect("executed").skipped.clone_from(&skipped);
        let record = TxRecord {
            payload_block: g.hash,
            accepting_block: Some(block.hash),
            index: None,
            status: TxStatus::Skipped(reason),
        };
        commit.transactions.push((extrinsic(255).hash(), record.clone()));
        let route = db.commit(commit).expect("committed");
        assert_eq!(route, Route { retracted: vec![], enacted: vec![block.hash] });

        assert_eq!(db.header(&block.hash).expect("readable"), Some(block.header.clone()));
        let payload = db.payload(&block.hash).expect("readable");
        assert_eq!(payload, Some(vec![extrinsic(1), extrinsic(255)]));
        assert_eq!(db.accepted(&block.hash).expect("readable"), Some(vec![extrinsic(1)]));
        assert_eq!(db.skipped(&block.hash).expect("readable"), Some(skipped));
        assert_eq!(db.transaction(&extrinsic(255).hash()).expect("readable"), Some(record));
        assert_eq!(db.transaction(&H256::zero()).expect("readable"), None);
        assert_eq!(db.hash_at(1).expect("readable"), Some(block.hash));
        assert_eq!(db.hash_at(2).expect("readable"), None);
        assert_state(&db, &block);
        assert_state(&db, &g);
    });
}

#[test]
fn the_tree_is_walked_by_children_and_numbers() {
    both(Pruning::Archive, |db| {
        let g = genesis(&db);
        let mut children: Vec<H256> =
            (1..6).map(|salt| extend(&db, &g, salt, &[(salt, Some(salt))]).0.hash).collect();
        let (last, _) = build(&db, Some(&g), 9, &[]);
        assert_eq!(db.header(&last.hash).expect("readable"), None);
        children.sort();
        assert_eq!(db.children(&g.hash).expect("readable"), children);
        assert_eq!(db.children(&children[0]).expect("readable"), vec![]);
        let refs: Vec<_> =
            children.iter().map(|hash| BlockRef { number: 1, hash: *hash }).collect();
        assert_eq!(db.blocks_from(1, usize::MAX).expect("readable"), refs);
        assert_eq!(db.blocks_from(1, 2).expect("readable"), refs[..2]);
        assert_eq!(db.blocks_from(0, usize::MAX).expect("readable").len(), 6);
        assert_eq!(db.blocks_from(2, usize::MAX).expect("readable"), vec![]);
    });
}

#[test]
fn the_selected_chain_moves_between_forks() {
    both(Pruning::Archive, |db| {
        let g = genesis(&db);
        let (a1, _) = extend(&db, &g, 1, &[(1, Some(10))]);
        let (a2, _) = extend(&db, &a1, 1, &[(2, Some(10))]);
        let (a3, _) = extend(&db, &a2, 1, &[(3, Some(10))]);
        let (b1, commit) = build(&db, Some(&g), 2, &[(1, Some(20))]);
        let route = db.commit(crate::BlockCommit { head: Head::Unchanged, ..commit });
        assert_eq!(route.expect("committed"), Route::default());
        assert_eq!(db.hash_at(1).expect("readable"), Some(a1.hash));

        let (b2, route) = extend(&db, &b1, 2, &[(2, Some(20))]);
        let retracted = vec![a3.hash, a2.hash, a1.hash];
        assert_eq!(route, Route { retracted, enacted: vec![b1.hash, b2.hash] });
        assert_eq!(db.best(), Some(BlockRef { number: 2, hash: b2.hash }));
        assert_eq!(db.hash_at(1).expect("readable"), Some(b1.hash));
        assert_eq!(db.hash_at(3).expect("readable"), None);

        let route = db.set_best(&a3.hash).expect("moves back");
        assert_eq!(route.retracted, vec![b2.hash, b1.hash]);
        assert_eq!(route.enacted, vec![a1.hash, a2.hash, a3.hash]);
        let route = db.set_best(&a1.hash).expect("moves down");
        assert_eq!(route, Route { retracted: vec![a3.hash, a2.hash], enacted: vec![] });
        assert_eq!(db.set_best(&a1.hash).expect("stays"), Route::default());
        for block in [&g, &a1, &a2, &a3, &b1, &b2] {
            assert_state(&db, block);
        }
    });
}

#[test]
fn a_block_is_executed_later_and_once() {
    let db = open(&in_memory(Pruning::Keep(0)));
    let g = genesis(&db);
    let (block, commit) = build(&db, Some(&g), 1, &[(1, Some(5))]);
    let seen = crate::BlockCommit { executed: None, head: Head::Unchanged, ..commit.clone() };
    db.commit(seen.clone()).expect("seen");
    assert_eq!(db.accepted(&block.hash).expect("readable"), None);
    assert!(matches!(db.state_at(&block.hash), Err(DbError::NotExecuted(_))));
    assert!(matches!(db.set_best(&block.hash), Err(DbError::NotExecuted(_))));
    let best = crate::BlockCommit { head: Head::Best, ..seen };
    assert!(matches!(db.commit(best), Err(DbError::NotExecuted(_))));
    db.commit(commit.clone()).expect("executed");
    let nodes = db.backend.nodes();
    db.commit(commit).expect("written again");
    assert_eq!(db.backend.nodes(), nodes);
    assert_state(&db, &block);
}

#[test]
fn blocks_that_do_not_fit_are_refused() {
    let db = open(&in_memory(Pruning::Keep(0)));
    assert!(matches!(db.finalize(&H256::zero()), Err(DbError::NoGenesis)));
    let g = genesis(&db);
    let (a, a_commit) = build(&db, Some(&g), 1, &[]);
    db.commit(a_commit.clone()).expect("committed");
    let mut orphan = a_commit.clone();
    orphan.header.parent_hash = H256::repeat_byte(1);
    assert!(matches!(db.commit(orphan), Err(DbError::UnknownBlock(_))));
    let (_, other) = build(&db, None, 9, &[(1, Some(1))]);
    assert!(matches!(db.commit(other), Err(DbError::WrongChain { .. })));

    let (_, sibling) = build(&db, Some(&g), 2, &[]);
    db.finalize(&a.hash).expect("final");
    assert!(matches!(
        db.set_best(&g.hash),
        Err(DbError::NotOnFinalizedChain(_) | DbError::NotExecuted(_))
    ));
    assert!(matches!(
        db.commit(sibling),
        Err(DbError::NotExecuted(_) | DbError::NotOnFinalizedChain(_))
    ));
    assert!(matches!(db.state_at(&H256::zero()), Err(DbError::UnknownBlock(_))));

    let empty = open(&in_memory(Pruning::Archive));
    assert!(matches!(empty.commit(a_commit), Err(DbError::NoGenesis)));
}

#[test]
fn small_records_are_kept() {
    both(Pruning::Archive, |db| {
        db.offchain_set(b"k", Some(b"v")).expect("written");
        assert_eq!(db.offchain_get(b"k").expect("readable").as_deref(), Some(&b"v"[..]));
        assert!(!db.offchain_compare_and_set(b"k", None, b"w").expect("compared"));
        assert!(db.offchain_compare_and_set(b"k", Some(b"v"), b"w").expect("compared"));
        assert_eq!(db.offchain_get(b"k").expect("readable").as_deref(), Some(&b"w"[..]));
        db.offchain_set(b"k", None).expect("written");
        assert!(db.offchain_compare_and_set(b"k", None, b"x").expect("compared"));
        db.auxiliary_set(&[(b"a", Some(b"1")), (b"b", Some(b"2"))]).expect("written");
        db.auxiliary_set(&[(b"a", None)]).expect("written");
        assert_eq!(db.auxiliary_get(b"a").expect("readable"), None);
        assert_eq!(db.auxiliary_get(b"b").expect("readable").as_deref(), Some(&b"2"[..]));
    });
}

#[test]
fn records_of_the_dag_are_kept_until_they_are_pruned() {
    both(Pruning::Archive, |db| {
        let root = genesis(&db);
        assert!(db.dag_records().expect("readable").is_empty());
        let commit = |salt: u8, dag: Option<Vec<u8>>| {
            let (block, commit) = build(&db, Some(&root), salt, &[]);
            db.commit(crate::BlockCommit { dag, head: Head::Unchanged, ..commit }).expect("taken");
            block.hash
        };
        let (first, second) = (commit(1, Some(vec![1])), commit(2, Some(vec![2])));
        let records = || {
            let mut records = db.dag_records().expect("readable");
            records.sort();
            records
        };
        assert_eq!(records(), [[1], [2]]);
        assert_eq!(commit(1, Some(vec![3])), first, "written again");
        assert_eq!(records(), [[2], [3]]);
        assert_eq!(commit(1, None), first, "nothing new");
        assert_eq!(records(), [[2], [3]]);
        assert_eq!(db.dag_root().expect("readable"), None);
        db.prune_dag(&second, &[first]).expect("written");
        assert_eq!(records(), [[2]]);
        assert_eq!(db.dag_root().expect("readable"), Some(second));
        assert!(db.header(&first).expect("readable").is_some(), "the block itself stays");
    });
}
