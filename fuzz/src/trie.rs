//! Proofs and nodes of tries, from whoever serves them.
//!
//! A proof of a known root shows nothing but what is there, whatever was done to it; and nodes under a root that the
//! server chose may hold anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use citrate_core::hashing::blake2_256;
use citrate_testing::Choices;
use citrate_trie::{
    EMPTY_ROOT, H256, MemoryNodes, NodeStore, Overlay, StateVersion, StateView, Step, Walk,
    child_root_key, root, verify_child_proof, verify_item_proof, verify_proof,
};

use crate::Outcome;

/// LIMIT: keys that are looked for in what a server made up.
const PAIRS_MAX: usize = 256;
/// LIMIT: steps of a walk through what a server made up.
const STEPS_MAX: usize = 4_096;
/// A child trie of the state.
const CHILD: &[u8] = b"child";

type Pairs = BTreeMap<Vec<u8>, Vec<u8>>;

/// The first byte says whether a proof of a known state is changed, or nodes are made up.
pub(crate) fn run(bytes: &[u8]) -> Outcome {
    let Some((kind, rest)) = bytes.split_first() else { return Outcome::Refused };
    let version = if kind & 1 == 0 { StateVersion::V1 } else { StateVersion::V0 };
    Outcome::taken(match kind & 6 {
        0 => changed_proof(version, rest),
        2 => changed_item_proof(version, rest),
        4 => changed_child_proof(version, rest),
        _ => made_up(rest),
    })
}

/// Keys that share beginnings, and values of lengths around those at which their place changes.
fn pairs(choices: &mut Choices<'_>) -> Pairs {
    let count = choices.below(24);
    let pair = |_| {
        let length = choices.below(5);
        let key = (0..length).map(|_| [0, 1, 16, 17, 255][choices.below(5)]).collect();
        let length = [0, 1, 31, 32, 33, 100][choices.below(6)];
        (key, vec![choices.byte(); length])
    };
    (0..count).map(pair).collect()
}

fn state(pairs: &Pairs, child: &Pairs, version: StateVersion) -> StateView {
    let mut overlay = Overlay::new();
    for (key, value) in pairs {
        overlay.set(key.clone(), Some(value.clone()));
    }
    for (key, value) in child {
        overlay.child_set(CHILD, key.clone(), Some(value.clone()));
    }
    let empty = StateView::empty();
    let changes = overlay.drain();
    let (root, delta) = empty.apply(&changes, version).expect("the state is in memory");
    let nodes = Arc::new(MemoryNodes::new());
    nodes.insert(&delta);
    StateView::new(nodes, root)
}

/// Does to a proof what a liar may: changes, drops, repeats and adds nodes. Says whether anything was done.
fn change(proof: &mut Vec<Vec<u8>>, choices: &mut Choices<'_>) -> bool {
    let before = proof.clone();
    while !choices.is_empty() {
        let at = choices.below(proof.len());
        let how = choices.below(6);
        let Some(node) = proof.get_mut(at) else { break };
        match how {
            0 => {
                let place = choices.below(node.len());
                let byte = choices.byte();
                node.get_mut(place).into_iter().for_each(|old| *old = byte);
            }
            1 => drop(proof.swap_remove(at)),
            2 => node.truncate(choices.below(node.len())),
            3 => node.push(choices.byte()),
            4 => {
                let copy = node.clone();
                proof.push(copy);
            }
            _ => {
                let length = choices.below(40);
                proof.push((0..length).map(|_| choices.byte()).collect());
            }
        }
    }
    before != *proof
}

fn keys(pairs: &Pairs, choices: &mut Choices<'_>) -> Vec<Vec<u8>> {
    let mut keys: Vec<_> = pairs.keys().filter(|_| choices.byte() & 1 == 0).cloned().collect();
    // One that is likely not there.
    keys.push(vec![16, choices.byte()]);
    keys.sort();
    keys.dedup();
    keys
}

fn changed_proof(version: StateVersion, bytes: &[u8]) -> bool {
    let mut choices = Choices::new(bytes);
    let pairs = pairs(&mut choices);
    let state = state(&pairs, &Pairs::new(), version);
    assert_eq!(state.root, root(&pairs, version), "two ways to make a root");
    let keys = keys(&pairs, &mut choices);
    let mut proof = state.prove(&keys).expect("the state is in memory");
    let is_changed = change(&mut proof, &mut choices);
    let shown = verify_proof(&state.root, &proof, &keys);
    let expected: Vec<_> = keys.iter().map(|key| pairs.get(key).cloned()).collect();
    match &shown {
        Ok(values) => assert_eq!(*values, expected, "a wrong value is proven"),
        Err(error) => assert!(is_changed, "a whole proof is refused: {error}"),
    }
    shown.is_ok()
}

fn changed_item_proof(version: StateVersion, bytes: &[u8]) -> bool {
    let mut choices = Choices::new(bytes);
    let pairs = pairs(&mut choices);
    let state = state(&pairs, &Pairs::new(), version);
    let keys = keys(&pairs, &mut choices);
    let claim = choices.below(4);
    let mut proof = state.prove_items(&keys, version).expect("the state is in memory");
    let mut items: Vec<_> = keys.iter().map(|key| (key, pairs.get(key).cloned())).collect();
    let is_lie = match (claim, items.last_mut()) {
        (3, Some((_, value))) => {
            let other = match value {
                Some(_) => None,
                None => Some(vec![choices.byte(); 3]),
            };
            *value = other;
            true
        }
        _ => false,
    };
    let is_changed = change(&mut proof, &mut choices);
    let verdict = verify_item_proof(&state.root, &proof, &items, version);
    assert!(verdict.is_err() || !is_lie, "what is not there is proven: {items:?}");
    // trie-db's compact proofs know no proof of an empty trie's emptiness.
    assert!(
        verdict.is_ok() || is_lie || is_changed || pairs.is_empty(),
        "a whole proof is refused"
    );
    verdict.is_ok()
}

fn changed_child_proof(version: StateVersion, bytes: &[u8]) -> bool {
    let mut choices = Choices::new(bytes);
    let (top, child) = (pairs(&mut choices), pairs(&mut choices));
    let state = state(&top, &child, version);
    let keys = keys(&child, &mut choices);
    let mut proof = state.prove_child(CHILD, &keys).expect("the state is in memory");
    let is_changed = change(&mut proof, &mut choices);
    let shown = verify_child_proof(&state.root, &proof, CHILD, &keys);
    let expected: Vec<_> = keys.iter().map(|key| child.get(key).cloned()).collect();
    match &shown {
        Ok(values) => assert_eq!(*values, expected, "a wrong value is proven"),
        Err(error) => assert!(is_changed, "a whole proof is refused: {error}"),
    }
    shown.is_ok()
}

/// Nodes that a server made up, each after its length, under the hash of the first. Nodes that name the next by a hash of
/// zeros get its hash, so that what is made up hangs together.
fn made_up(bytes: &[u8]) -> bool {
    let mut choices = Choices::new(bytes);
    let mut nodes: Vec<Vec<u8>> = Vec::new();
    while !choices.is_empty() && nodes.len() < 16 {
        let length = choices.below(200);
        nodes.push((0..length).map(|_| choices.byte()).collect());
    }
    let mut below: Option<[u8; 32]> = None;
    for node in nodes.iter_mut().rev() {
        if let Some(hash) = below
            && let Some(at) = node.windows(32).position(|window| window == [0; 32])
            && let Some(place) = node.get_mut(at..at + 32)
        {
            place.copy_from_slice(&hash);
        }
        below = Some(blake2_256(node));
    }
    let Some(root) = below.map(H256) else { return false };
    let sent: usize = nodes.iter().map(Vec::len).sum();
    let store = Arc::new(MemoryNodes::from_proof(&nodes));
    let view = StateView::new(store.clone(), root);
    let read = view.pairs_with_prefix(&[], None, PAIRS_MAX);
    if let Ok(read) = &read {
        for (key, value) in read {
            // A way down visits no node twice.
            assert!(key.len() <= sent, "a key of {} bytes out of {sent}", key.len());
            if let Ok(found) = view.get(key) {
                assert!(found.is_some(), "{key:?} is listed with {value:?} and not there");
            }
        }
    }
    for key in [&[][..], &[0], &[255, 255], CHILD, &child_root_key(CHILD)] {
        let _ = (view.get(key), view.hash_of(key), view.next_key(key));
        let _ = (view.closest_merkle_value(key), view.child_get(CHILD, key));
    }
    walk(root, store.as_ref());
    read.is_ok_and(|read| !read.is_empty())
}

/// What a download of a state does with them. Nodes that name one node several times make it long, but for a state
/// that no header names.
fn walk(root: H256, store: &MemoryNodes) {
    let mut walk = Walk::new(root);
    for _ in 0..STEPS_MAX {
        let Some(step) = walk.pop() else { break };
        let Ok(Some(node)) = store.node(&step.hash) else { continue };
        let Ok(next) = step.open(&node) else { continue };
        assert!(next.len() <= node.len() / 32 + 1, "{} steps out of {node:?}", next.len());
        walk.push(next.into_iter());
    }
    assert!(Step::root(EMPTY_ROOT).open(&[0]).is_ok());
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let choices: Vec<u8> = (0..90u8).map(|i| i.wrapping_mul(41) ^ i >> 1).collect();
    let mut seeds = Vec::new();
    for kind in 0..6u8 {
        let whole = [vec![kind, 23], choices.clone()].concat();
        for length in [1, 20, 40, 60, 90] {
            let part = whole.get(..length).unwrap_or(&whole);
            seeds.push((format!("proof-{kind}-{length}"), part.to_vec()));
        }
        seeds.push((format!("ok-nothing-changed-{kind}"), vec![kind, 1, 2, 0, 1, 4, 9]));
    }
    let state = state(
        &pairs(&mut Choices::new(&[&[23], choices.as_slice()].concat())),
        &Pairs::new(),
        StateVersion::V1,
    );
    let keys: Vec<Vec<u8>> = state.keys_with_prefix(&[], None, 8).unwrap_or_default();
    let mut nodes = state.prove(&keys).unwrap_or_default();
    let root = nodes.iter().position(|node| blake2_256(node) == state.root.0).unwrap_or_default();
    nodes.swap(0, root);
    let mut input = vec![6];
    for node in nodes.iter().filter(|node| node.len() < 200) {
        input.push(u8::try_from(node.len()).unwrap_or_default());
        input.extend(node);
    }
    seeds.push(("nodes".to_owned(), input));
    // A leaf under the empty key, and a branch whose child is the next node.
    seeds.push(("ok-leaf".to_owned(), vec![6, 3, 0x40, 4, 7]));
    let branch = [&[6, 36, 0x80, 1, 0, 128][..], &[0; 32], &[3, 0x40, 4, 7]].concat();
    seeds.push(("branch".to_owned(), branch));
    seeds
}
