//! The trie against published values, a reference implementation and models.

mod overlay;
mod roots;
mod state;
mod stream;
mod walk;

use crate::{ChangeSet, H256, MemoryNodes, StateVersion, StateView};
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

const VERSIONS: [StateVersion; 2] = [StateVersion::V0, StateVersion::V1];

/// Keys that share prefixes and contain each other.
fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(prop::sample::select(vec![0u8, 1, 0x10, 0x11, 0xff]), 0..6),
        prop::collection::vec(any::<u8>(), 0..4),
        prop::collection::vec(any::<u8>(), 30..40),
    ]
}

/// Values around the lengths at which nodes and values get hashes of their own.
fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(0u8..3, 0..4),
        prop::collection::vec(any::<u8>(), 28..36),
        (0u8..3).prop_map(|byte| vec![byte; 70]),
    ]
}

fn changes() -> impl Strategy<Value = BTreeMap<Vec<u8>, Option<Vec<u8>>>> {
    prop::collection::btree_map(key(), prop::option::weighted(0.7, value()), 0..24)
}

fn version() -> impl Strategy<Value = StateVersion> {
    prop::sample::select(VERSIONS.to_vec())
}

fn update(model: &mut Model, changes: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) {
    for (key, value) in changes {
        match value {
            Some(value) => model.insert(key.clone(), value.clone()),
            None => model.remove(key),
        };
    }
}

fn apply(
    nodes: &Arc<MemoryNodes>,
    root: H256,
    changes: &ChangeSet,
    version: StateVersion,
) -> StateView {
    let (root, delta) =
        StateView::new(nodes.clone(), root).apply(changes, version).expect("all nodes are there");
    nodes.apply(&delta);
    StateView::new(nodes.clone(), root)
}

fn state_of(model: &Model, version: StateVersion) -> (Arc<MemoryNodes>, StateView) {
    let nodes = Arc::new(MemoryNodes::new());
    let top = model.iter().map(|(k, v)| (k.clone(), Some(v.clone()))).collect();
    let view =
        apply(&nodes, crate::EMPTY_ROOT, &ChangeSet { top, ..ChangeSet::default() }, version);
    (nodes, view)
}
