//! Copying a state node by node gives the store that applying the state gives.

use crate::{ChangeSet, MemoryNodes, NodeStore, StateVersion, StateView, Step, StepKind, Walk};
use citrate_core::H256;
use std::collections::BTreeMap;

fn state(version: StateVersion) -> (H256, crate::NodeDelta) {
    let value = |byte: u8, length: usize| Some(vec![byte; length]);
    let mut top = BTreeMap::new();
    for byte in 0..=255u8 {
        top.insert(vec![byte / 16, byte], value(byte, usize::from(byte)));
        top.insert(vec![byte / 16, byte, 1, 2], value(7, 40));
    }
    // Near the prefix of child tries, and not below it.
    top.insert(b":child_storage:defaulx".to_vec(), value(1, 32));
    top.insert(b":child_storage:other:".to_vec(), value(1, 32));
    let child: BTreeMap<_, _> =
        (0..60u8).map(|byte| (vec![byte; 3], value(byte, usize::from(byte)))).collect();
    let names: [&[u8]; 4] = [b"a", b"ab", b"same", b"other"];
    let children = names.iter().map(|name| (name.to_vec(), child.clone())).collect();
    StateView::empty().apply(&ChangeSet { top, children }, version).expect("in memory")
}

#[test]
fn a_walk_meets_every_node_as_often_as_the_state_has_it() {
    for version in [StateVersion::V0, StateVersion::V1] {
        let (root, delta) = state(version);
        let nodes = MemoryNodes::new();
        nodes.insert(&delta);
        let mut walk = Walk::new(root);
        let mut found: BTreeMap<H256, (Vec<u8>, u32)> = BTreeMap::new();
        let mut longest = 0;
        while let Some(step) = walk.pop() {
            let node = nodes.node(&step.hash).expect("in memory").expect("it is in the store");
            let children = step.open(&node).expect("it is the node");
            walk.push(children.into_iter());
            longest = longest.max(walk.upcoming().len());
            found.entry(step.hash).or_insert((node, 0)).1 += 1;
        }
        let expected: BTreeMap<H256, (Vec<u8>, u32)> =
            delta.inserted.into_iter().map(|(hash, node, count)| (hash, (node, count))).collect();
        assert!(expected.values().any(|(_, count)| *count >= 4), "the same child four times");
        assert_eq!(found, expected);
        assert!(longest <= 64, "{longest}");
    }
}

#[test]
fn other_bytes_are_refused() {
    let (root, delta) = state(StateVersion::V1);
    let node = |hash: &H256| {
        let found = delta.inserted.iter().find(|(other, ..)| other == hash);
        found.map(|(_, node, _)| node.clone()).expect("it is there")
    };
    let step = Step::root(root);
    let mut bytes = node(&root);
    assert!(step.open(&bytes).is_ok_and(|children| children.len() > 1));
    bytes.push(0);
    assert!(step.open(&bytes).is_err());
    // A value that is no node.
    let value = vec![0xff; 64];
    let hash = H256(citrate_core::hashing::blake2_256(&value));
    assert!(Step { hash, kind: StepKind::Node }.open(&value).is_err());
    assert_eq!(Step { hash, kind: StepKind::Value }.open(&value), Ok(Vec::new()));
    assert!(Walk::new(crate::EMPTY_ROOT).is_done());
}
