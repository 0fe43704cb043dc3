//! The database in memory and on disk, against a model of the block tree.

mod blocks;
mod bodies;
mod open;
mod prune;
mod start;

use crate::{BlockCommit, Db, DbConfig, Executed, Head, Pruning, Route};
use citrate_core::{Digest, H256, Header, OpaqueExtrinsic};
use citrate_trie::{ChangeSet, StateVersion, StateView};
use std::{collections::BTreeMap, path::Path, sync::Arc};

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

/// A config with a small journal, so that tests pass its limit.
fn on_disk(path: &Path, pruning: Pruning) -> DbConfig {
    DbConfig { pruning, journal_bytes_max: 8 << 10, ..DbConfig::on_disk(path) }
}

fn in_memory(pruning: Pruning) -> DbConfig {
    DbConfig { pruning, ..DbConfig::in_memory() }
}

fn open(config: &DbConfig) -> Arc<Db> {
    Arc::new(Db::open(config).expect("opens"))
}

/// Runs a test in memory and on disk.
fn both(pruning: Pruning, test: impl Fn(Arc<Db>)) {
    test(open(&in_memory(pruning)));
    let folder = tempfile::tempdir().expect("temporary folder");
    test(open(&on_disk(folder.path(), pruning)));
}

#[derive(Clone, Debug)]
struct Block {
    hash: H256,
    header: Header,
    state: Model,
}

fn extrinsic(byte: u8) -> OpaqueExtrinsic {
    OpaqueExtrinsic(vec![byte; 40])
}

/// A block over `parent` whose state differs in the given keys; `salt` tells siblings apart.
fn build(
    db: &Arc<Db>,
    parent: Option<&Block>,
    salt: u8,
    changes: &[(u8, Option<u8>)],
) -> (Block, BlockCommit) {
    let view = parent.map_or_else(StateView::empty, |parent| {
        db.state_at(&parent.hash).expect("state of the parent")
    });
    let value = |byte: u8| vec![byte; 40];
    let top: BTreeMap<_, _> =
        changes.iter().map(|(key, new)| (vec![*key, 7], new.map(value))).collect();
    let mut state = parent.map(|parent| parent.state.clone()).unwrap_or_default();
    for (key, new) in &top {
        match new {
            Some(new) => state.insert(key.clone(), new.clone()),
            None => state.remove(key),
        };
    }
    let change = ChangeSet { top, ..ChangeSet::default() };
    let (state_root, delta) = view.apply(&change, StateVersion::V1).expect("readable");
    let header = Header {
        parent_hash: parent.map(|parent| parent.hash).unwrap_or_default(),
        number: parent.map_or(0, |parent| parent.header.number + 1),
        state_root,
        extrinsics_root: H256::repeat_byte(salt),
        digest: Digest::default(),
    };
    let hash = header.hash();
    let executed = Executed { accepted: vec![extrinsic(salt)], delta, ..Executed::default() };
    let commit = BlockCommit {
        hash,
        header: header.clone(),
        payload: vec![extrinsic(salt), extrinsic(255)],
        executed: Some(executed),
        head: Head::Best,
        transactions: Vec::new(),
        dag: None,
    };
    (Block { hash, header, state }, commit)
}

fn genesis(db: &Arc<Db>) -> Block {
    let (block, commit) = build(db, None, 0, &[(1, Some(1)), (2, Some(2)), (3, Some(3))]);
    db.commit(commit).expect("genesis");
    block
}

fn extend(db: &Arc<Db>, parent: &Block, salt: u8, changes: &[(u8, Option<u8>)]) -> (Block, Route) {
    let (block, commit) = build(db, Some(parent), salt, changes);
    let route = db.commit(commit).expect("extends");
    (block, route)
}

/// The state has exactly the model's pairs.
fn assert_state(db: &Arc<Db>, block: &Block) {
    let view = db.state_at(&block.hash).expect("state is kept");
    let pairs = view.pairs_with_prefix(&[], None, usize::MAX).expect("readable");
    assert_eq!(pairs.into_iter().collect::<Model>(), block.state);
    assert_eq!(view.root, citrate_trie::root(&block.state, StateVersion::V1));
}
