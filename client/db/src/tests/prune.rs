//! Finality, forks and forgetting: the nodes on disk are those of the states that are kept.

#![expect(clippy::cast_possible_truncation, reason = "small numbers of a test")]

use super::{Block, assert_state, both, extend, genesis, in_memory, on_disk, open};
use crate::{
    Db, DbError, Finalization, Pruning,
    cache::NodeCache,
    columns::{STATES, USES},
};
use citrate_core::H256;
use citrate_trie::{ChangeSet, StateVersion, StateView};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The stored nodes are exactly those of these states.
fn assert_nodes(db: &Arc<Db>, kept: &[&Block]) {
    let mut expected = BTreeSet::new();
    for block in kept {
        assert_state(db, block);
        let top = block.state.iter().map(|(k, v)| (k.clone(), Some(v.clone()))).collect();
        let change = ChangeSet { top, ..ChangeSet::default() };
        let (_, delta) = StateView::empty().apply(&change, StateVersion::V1).expect("in memory");
        expected.extend(delta.inserted.into_iter().map(|(hash, ..)| hash));
    }
    let stored: BTreeSet<H256> = db.backend.nodes().into_keys().collect();
    assert_eq!(stored, expected);
}

fn chain(db: &Arc<Db>, count: u8) -> Vec<Block> {
    let mut blocks = vec![genesis(db)];
    for i in 1..=count {
        let changes = [(i % 3, Some(i)), (i % 5 + 20, (i % 2 == 0).then_some(i))];
        blocks.push(extend(db, &blocks[usize::from(i) - 1], 1, &changes).0);
    }
    blocks
}

#[test]
fn old_states_are_forgotten() {
    for keep in [0usize, 2] {
        let db = open(&in_memory(Pruning::Keep(keep as u32)));
        let blocks = chain(&db, 8);
        assert_nodes(&db, &blocks.iter().collect::<Vec<_>>());
        for number in [1, 4, 8] {
            let done = db.finalize(&blocks[number].hash).expect("final");
            assert!(done.pruned.is_empty());
            assert_eq!(done.blocks.last(), Some(&blocks[number].hash));
            let first = number.saturating_sub(keep);
            assert_nodes(&db, &blocks[first..].iter().collect::<Vec<_>>());
            for block in &blocks[..first] {
                assert!(matches!(db.state_at(&block.hash), Err(DbError::StatePruned(_))));
                assert!(db.accepted(&block.hash).expect("readable").is_some());
            }
        }
        assert_eq!(db.finalize(&blocks[8].hash).expect("again"), Finalization::default());
    }
}

#[test]
fn abandoned_forks_leave_nothing() {
    both(Pruning::Keep(1), |db| {
        let blocks = chain(&db, 3);
        let (b2, _) = extend(&db, &blocks[1], 2, &[(1, Some(99)), (50, Some(50))]);
        let (b3, _) = extend(&db, &b2, 2, &[(2, Some(98)), (20, None)]);
        let (b4, _) = extend(&db, &b3, 2, &[(50, None)]);
        let (c4, _) = extend(&db, &blocks[3], 3, &[(50, Some(50))]);
        assert!(matches!(db.finalize(&b3.hash), Err(DbError::NotSelected(_))));
        let done = db.finalize(&blocks[2].hash).expect("final");
        assert_eq!(done.blocks, vec![blocks[1].hash, blocks[2].hash]);
        assert_eq!(done.pruned, vec![b2.hash, b3.hash, b4.hash]);
        for block in [&b2, &b3, &b4] {
            assert!(matches!(db.state_at(&block.hash), Err(DbError::StatePruned(_))));
            assert!(matches!(db.set_best(&block.hash), Err(DbError::NotExecuted(_))));
            assert!(db.header(&block.hash).expect("readable").is_some());
        }
        for block in [&blocks[1], &blocks[2], &blocks[3], &c4] {
            assert_state(&db, block);
        }
        let done = db.finalize(&c4.hash).expect("final");
        assert_eq!(done.blocks, vec![blocks[3].hash, c4.hash]);
        assert!(done.pruned.is_empty());
        assert!(matches!(db.finalize(&blocks[2].hash), Err(DbError::NotOnFinalizedChain(_))));
    });
}

#[test]
fn a_read_of_a_state_does_not_read_what_the_block_changed() {
    both(Pruning::Keep(1), |db| {
        let first = genesis(&db);
        let many: Vec<(u8, Option<u8>)> = (0..200).map(|key| (key, Some(key))).collect();
        let (large, _) = extend(&db, &first, 1, &many);
        let (next, _) = extend(&db, &large, 1, &[(1, None)]);
        let (fork, _) = extend(&db, &large, 2, &[(2, None)]);
        db.set_best(&next.hash).expect("moves");
        let bytes = |column, block: &Block| {
            let value = db.get(column, block.hash.as_bytes()).expect("readable");
            value.map(|value| value.len()).unwrap_or_default()
        };
        assert!(bytes(STATES, &large) < 100, "{}", bytes(STATES, &large));
        assert!(bytes(USES, &large) > 200 * 32, "{}", bytes(USES, &large));
        assert!(bytes(USES, &fork) > 0);
        // What was changed is needed as long as it may be given back.
        db.finalize(&next.hash).expect("final");
        assert_eq!((bytes(USES, &large), bytes(USES, &fork)), (0, 0));
        assert!(bytes(USES, &next) > 0);
        assert_state(&db, &large);
        assert_state(&db, &next);
    });
}

#[test]
fn archives_keep_every_state() {
    both(Pruning::Archive, |db| {
        let blocks = chain(&db, 3);
        let (fork, _) = extend(&db, &blocks[1], 2, &[(1, Some(99))]);
        let (high, _) = extend(&db, &fork, 2, &[(1, Some(98))]);
        db.set_best(&blocks[3].hash).expect("moves");
        let done = db.finalize(&blocks[2].hash).expect("final");
        assert_eq!(done.pruned, vec![fork.hash, high.hash]);
        assert!(db.finalize(&blocks[3].hash).expect("final").pruned.is_empty());
        for block in blocks.iter().chain([&fork, &high]) {
            assert_state(&db, block);
        }
        assert!(matches!(db.set_best(&high.hash), Err(DbError::NotOnFinalizedChain(_))));
    });
}

/// Random trees: whatever is finalised in whatever order, stored nodes and kept states agree.
#[test]
fn random_trees_keep_what_they_need() {
    for seed in 0..40u64 {
        let folder = tempfile::tempdir().expect("temporary folder");
        let pruning = Pruning::Keep((seed % 3) as u32);
        let config =
            if seed % 8 == 0 { on_disk(folder.path(), pruning) } else { in_memory(pruning) };
        random_tree(seed, config.path.is_some(), &mut open(&config), &config);
    }
}

fn random_tree(seed: u64, reopen: bool, db: &mut Arc<Db>, config: &crate::DbConfig) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let first = genesis(db);
    let mut blocks = BTreeMap::from([(first.hash, first)]);
    for salt in 0..60u8 {
        let open: Vec<H256> =
            blocks.keys().copied().filter(|hash| db.has_state(hash).expect("readable")).collect();
        let parent = &blocks[&open[random(open.len() as u64) as usize]];
        if parent.header.number < db.finalized().expect("genesis").number {
            continue;
        }
        let changes: Vec<(u8, Option<u8>)> = (0..random(5))
            .map(|_| (random(12) as u8, (random(3) > 0).then(|| random(3) as u8)))
            .collect();
        let parent = parent.clone();
        let (block, _) = extend(db, &parent, salt, &changes);
        blocks.insert(block.hash, block.clone());
        if random(4) == 0 {
            let up_to = db.finalized().expect("genesis").number;
            let number = up_to + random(u64::from(block.header.number - up_to) + 1) as u32;
            let hash = db.hash_at(number).expect("readable").expect("selected");
            db.finalize(&hash).expect("final");
        }
    }
    if reopen {
        // The last handle ends before the folder is opened again.
        *db = open(&in_memory(Pruning::Archive));
        *db = open(config);
    }
    let kept: Vec<&Block> =
        blocks.values().filter(|block| db.has_state(&block.hash).expect("readable")).collect();
    assert!(!kept.is_empty() && kept.len() < blocks.len());
    assert_nodes(db, &kept);
}

#[test]
fn the_node_cache_is_bounded() {
    let mut cache = NodeCache::new(10_000);
    for i in 0..1000u32 {
        let hash = H256::from_low_u64_be(u64::from(i));
        cache.insert(hash, &[1; 100]);
        cache.insert(hash, &[1; 100]);
        assert!(cache.bytes() <= 10_000);
    }
    assert!(cache.bytes() > 9_000);
    assert!(cache.get(&H256::from_low_u64_be(999)).is_some());
    assert!(cache.get(&H256::from_low_u64_be(0)).is_none());
    cache.insert(H256::zero(), &[1; 9_000]);
    assert!(cache.get(&H256::zero()).is_none());
}
