//! The overlay against a map that is copied when a transaction begins.

use super::{Model, apply, changes, key, state_of, update, value};
use crate::{
    ChangeSet, EMPTY_ROOT, MemoryNodes, NoTransaction, Overlay, StateVersion, StateView,
    child_root_key, root,
};
use codec::{Decode, Encode};
use proptest::prelude::*;
use std::sync::Arc;

#[derive(Debug, Clone)]
enum Step {
    Set(Vec<u8>, Option<Vec<u8>>),
    ChildSet(Vec<u8>, Option<Vec<u8>>),
    Append(Vec<u8>, u8),
    Clear(Vec<u8>, Option<u32>),
    ChildClear(Vec<u8>),
    Start,
    Commit,
    Rollback,
}

/// Few keys, so that steps meet; none is empty, so that prefixes never cover child roots.
fn few() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![1u8, 2, 0x12]), 1..3)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (few(), prop::option::weighted(0.7, value())).prop_map(|(k, v)| Step::Set(k, v)),
        2 => (few(), prop::option::weighted(0.7, value())).prop_map(|(k, v)| Step::ChildSet(k, v)),
        6 => (few(), 1u8..70).prop_map(|(k, n)| Step::Append(k, n)),
        1 => (few(), prop::option::of(0u32..3)).prop_map(|(p, l)| Step::Clear(p, l)),
        1 => few().prop_map(Step::ChildClear),
        4 => Just(Step::Start),
        2 => Just(Step::Commit),
        3 => Just(Step::Rollback),
    ]
}

#[derive(Clone, Default)]
struct World {
    top: Model,
    child: Model,
}

fn model_append(value: Option<&Vec<u8>>, item: u32) -> Vec<u8> {
    // The vector is decoded as far as its length, like the overlay does.
    let old = value.cloned().unwrap_or_default();
    let mut rest = &old[..];
    match codec::Compact::<u32>::decode(&mut rest) {
        Ok(count) => [codec::Compact(count.0 + 1).encode(), rest.to_vec(), item.encode()].concat(),
        Err(_) => vec![item].encode(),
    }
}

fn run(step: &Step, state: &StateView, base: &World, overlay: &mut Overlay, world: &mut World) {
    match step {
        Step::Set(key, value) => {
            overlay.set(key.clone(), value.clone());
            update(&mut world.top, &[(key.clone(), value.clone())].into());
        }
        Step::ChildSet(key, value) => {
            overlay.child_set(b"kid", key.clone(), value.clone());
            update(&mut world.child, &[(key.clone(), value.clone())].into());
        }
        Step::Append(key, times) => {
            for item in 0..u32::from(*times) {
                overlay.append(state, key.clone(), &item.encode()).expect("readable");
                let value = model_append(world.top.get(key), item);
                world.top.insert(key.clone(), value);
            }
        }
        Step::Clear(prefix, limit) => {
            let removed = overlay.clear_prefix(state, prefix, *limit, None).expect("readable");
            let backend: Vec<_> = base.top.keys().filter(|k| k.starts_with(prefix)).collect();
            let seen = limit.map_or(backend.len(), |limit| backend.len().min(limit as usize));
            assert_eq!(removed.loops as usize, seen);
            assert_eq!(removed.cursor.as_ref(), backend.get(seen).copied());
            // Keys that have a change now are gone; of the others, the first `seen`.
            let changed = overlay.changes().top.clone();
            world.top.retain(|key, _| !key.starts_with(prefix) || !changed.contains_key(key));
        }
        Step::ChildClear(prefix) => {
            overlay.child_clear_prefix(state, b"kid", prefix, None, None).expect("readable");
            world.child.retain(|key, _| !key.starts_with(prefix));
        }
        Step::Start | Step::Commit | Step::Rollback => unreachable!("handled by the caller"),
    }
}

fn check(state: &StateView, overlay: &Overlay, world: &World) {
    let mut at = Vec::new();
    let mut keys = Vec::new();
    while let Some(next) = overlay.next_key(state, &at).expect("readable") {
        at = next;
        if !at.starts_with(b":child_storage:") {
            keys.push(at.clone());
        }
    }
    assert_eq!(keys, world.top.keys().cloned().collect::<Vec<_>>());
    for (key, value) in &world.top {
        assert_eq!(overlay.read(state, key).expect("readable").as_ref(), Some(value));
    }
    let mut at = Vec::new();
    let mut keys = Vec::new();
    while let Some(next) = overlay.child_next_key(state, b"kid", &at).expect("readable") {
        keys.push(next.clone());
        at = next;
    }
    assert_eq!(keys, world.child.keys().cloned().collect::<Vec<_>>());
    for (key, value) in &world.child {
        assert_eq!(overlay.child_read(state, b"kid", key).expect("readable").as_ref(), Some(value));
    }
}

proptest! {
    #[test]
    fn transactions_behave_like_copies(
        top in prop::collection::btree_map(few(), value(), 0..5),
        child in prop::collection::btree_map(few(), value(), 0..5),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let nodes = Arc::new(MemoryNodes::new());
        let all = |m: &Model| m.iter().map(|(k, v)| (k.clone(), Some(v.clone()))).collect();
        let change = ChangeSet { top: all(&top), children: [(b"kid".to_vec(), all(&child))].into() };
        let state = apply(&nodes, EMPTY_ROOT, &change, StateVersion::V1);
        let base = World { top, child };
        let (mut overlay, mut world, mut copies) = (Overlay::new(), base.clone(), Vec::new());
        for step in &steps {
            match step {
                Step::Start => {
                    overlay.start_transaction();
                    copies.push(world.clone());
                }
                Step::Commit => {
                    let expected = copies.pop().map(|_| ()).ok_or(NoTransaction);
                    prop_assert_eq!(overlay.commit_transaction(), expected);
                }
                Step::Rollback => {
                    let copy = copies.pop();
                    prop_assert_eq!(overlay.rollback_transaction().is_ok(), copy.is_some());
                    world = copy.unwrap_or(world);
                }
                step => run(step, &state, &base, &mut overlay, &mut world),
            }
            check(&state, &overlay, &world);
        }
        let world = copies.into_iter().next().unwrap_or(world);
        let changes = overlay.drain();
        let after = apply(&nodes, state.root, &changes, StateVersion::V1);
        let mut expected = world.top;
        if !world.child.is_empty() {
            expected.insert(child_root_key(b"kid"), root(&world.child, StateVersion::V1).0.to_vec());
        }
        prop_assert_eq!(after.root, root(&expected, StateVersion::V1));
        prop_assert!(overlay.changes().is_empty());
    }

    #[test]
    fn reads_fall_through(base in changes(), over in changes(), probe in key()) {
        let mut model = Model::new();
        update(&mut model, &base);
        let (_, state) = state_of(&model, StateVersion::V0);
        let overlay = Overlay::with_changes(ChangeSet { top: over.clone(), ..ChangeSet::default() });
        update(&mut model, &over);
        prop_assert_eq!(overlay.read(&state, &probe)?, model.get(&probe).cloned());
        let above = model.keys().find(|key| **key > probe).cloned();
        prop_assert_eq!(overlay.next_key(&state, &probe)?, above);
    }
}

#[test]
fn appending_costs_what_it_appends() {
    // A copy of the list for each transaction would move 20 GB here.
    let state = StateView::empty();
    let mut overlay = Overlay::new();
    let event = [7u8; 100];
    for _ in 0..20_000 {
        overlay.start_transaction();
        overlay.append(&state, b"events".to_vec(), &event).expect("in memory");
        overlay.start_transaction();
        overlay.append(&state, b"events".to_vec(), &event).expect("in memory");
        overlay.rollback_transaction().expect("open");
        overlay.commit_transaction().expect("open");
    }
    let changes = overlay.drain();
    let value = changes.top[b"events".as_slice()].clone().expect("set");
    let events = Vec::<[u8; 100]>::decode(&mut &value[..]).expect("a vector");
    assert_eq!(events.len(), 20_000);
}

#[test]
fn child_roots_cannot_be_cleared_by_prefix() {
    let (_, state) = state_of(&Model::from([(vec![1], vec![1])]), StateVersion::V1);
    let mut overlay = Overlay::new();
    overlay.set(child_root_key(b"kid"), Some(vec![1; 32]));
    for prefix in [&b""[..], b":", b":child_storage:", b":child_storage:default:k"] {
        let removed = overlay.clear_prefix(&state, prefix, None, None).expect("readable");
        assert_eq!(removed, crate::Removed::default());
    }
    assert_eq!(overlay.read(&state, &[1]).expect("readable"), Some(vec![1]));
}

#[test]
fn clearing_goes_on_from_the_cursor() {
    let model: Model = (0..5u8).map(|i| (vec![9, i], vec![i])).collect();
    let (_, state) = state_of(&model, StateVersion::V1);
    let mut overlay = Overlay::new();
    let first = overlay.clear_prefix(&state, &[9], Some(2), None).expect("readable");
    assert_eq!((first.backend, first.cursor.clone()), (2, Some(vec![9, 2])));
    let rest =
        overlay.clear_prefix(&state, &[9], Some(9), first.cursor.as_deref()).expect("readable");
    assert_eq!((rest.backend, rest.loops, rest.cursor), (3, 3, None));
    assert_eq!(overlay.next_key(&state, &[]).expect("readable"), None);
}
