//! Views, changes and proofs against a map.

use super::{Model, VERSIONS, apply, changes, key, state_of, update, value, version};
use crate::{
    ChangeSet, EMPTY_ROOT, H256, MAX_KEY_BYTES, MemoryNodes, StateVersion, StateView, TrieError,
    child_root_key, root, verify_child_proof, verify_item_proof, verify_proof,
};
use citrate_core::hashing::blake2_256;
use proptest::prelude::*;
use std::sync::Arc;

fn above<'m>(model: &'m Model, key: &[u8]) -> Option<&'m Vec<u8>> {
    model.keys().find(|k| k.as_slice() > key)
}

fn page(model: &Model, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<Vec<u8>> {
    let keys = model.keys().filter(|k| k.starts_with(prefix));
    keys.filter(|k| after.is_none_or(|after| k.as_slice() > after)).take(limit).cloned().collect()
}

proptest! {
    #[test]
    fn a_state_behaves_like_a_map(
        steps in prop::collection::vec((changes(), version()), 1..5),
        probes in prop::collection::vec(key(), 1..12),
        limit in 0usize..9,
    ) {
        let nodes = Arc::new(MemoryNodes::new());
        let mut view = StateView::new(nodes.clone(), EMPTY_ROOT);
        let mut model = Model::new();
        for (top, version) in steps {
            update(&mut model, &top);
            view = apply(&nodes, view.root, &ChangeSet { top, ..ChangeSet::default() }, version);
        }
        for key in probes.iter().chain(model.keys()) {
            let expected = model.get(key);
            prop_assert_eq!(&view.get(key)?, &expected.cloned());
            prop_assert_eq!(view.hash_of(key)?, expected.map(|v| H256(blake2_256(v))));
            prop_assert_eq!(view.next_key(key)?, above(&model, key).cloned());
        }
        for prefix in &probes {
            for after in [None, Some(probes[0].as_slice())] {
                let expected = page(&model, prefix, after, limit);
                let pairs = view.pairs_with_prefix(prefix, after, limit)?;
                prop_assert_eq!(&view.keys_with_prefix(prefix, after, limit)?, &expected);
                prop_assert_eq!(pairs.iter().map(|(k, _)| k.clone()).collect::<Vec<_>>(), expected);
                prop_assert!(pairs.iter().all(|(k, v)| model.get(k) == Some(v)));
            }
            let below = model.keys().any(|key| key.starts_with(prefix));
            prop_assert_eq!(view.closest_merkle_value(prefix)?.is_some(), below);
        }
    }

    #[test]
    fn roots_do_not_depend_on_history_and_nothing_leaks(
        steps in prop::collection::vec(changes(), 1..6),
        version in version(),
    ) {
        let nodes = Arc::new(MemoryNodes::new());
        let mut view = StateView::new(nodes.clone(), EMPTY_ROOT);
        let mut model = Model::new();
        for top in steps {
            update(&mut model, &top);
            view = apply(&nodes, view.root, &ChangeSet { top, ..ChangeSet::default() }, version);
            prop_assert_eq!(view.root, root(&model, version));
            let (fresh, _) = state_of(&model, version);
            prop_assert_eq!(nodes.len(), fresh.len());
        }
        let top = model.keys().map(|key| (key.clone(), None)).collect();
        view = apply(&nodes, view.root, &ChangeSet { top, ..ChangeSet::default() }, version);
        prop_assert_eq!(view.root, EMPTY_ROOT);
        prop_assert!(nodes.is_empty());
    }

    #[test]
    fn a_fork_is_undone_exactly(
        base in changes(), left in changes(), right in changes(), version in version(),
    ) {
        let nodes = Arc::new(MemoryNodes::new());
        let change = |top| ChangeSet { top, ..ChangeSet::default() };
        let base = apply(&nodes, EMPTY_ROOT, &change(base), version);
        let before = nodes.len();
        let (left_root, left) = base.apply(&change(left), version)?;
        let (_, right) = base.apply(&change(right), version)?;
        nodes.insert(&left);
        nodes.insert(&right);
        // The right fork is given up: its insertions go, its removals never happen.
        let inserted = |d: &crate::NodeDelta| d.inserted.iter().map(|(h, _, n)| (*h, *n)).collect::<Vec<_>>();
        nodes.remove(&inserted(&right));
        let left_view = StateView::new(nodes.clone(), left_root);
        left_view.pairs_with_prefix(&[], None, usize::MAX)?;
        base.pairs_with_prefix(&[], None, usize::MAX)?;
        nodes.remove(&inserted(&left));
        prop_assert_eq!(nodes.len(), before);
    }

    #[test]
    fn proofs_show_what_is_there_and_nothing_else(
        model in prop::collection::btree_map(key(), value(), 1..30),
        probes in prop::collection::vec(key(), 1..6),
        version in version(),
        flip in any::<prop::sample::Index>(),
    ) {
        let (_, view) = state_of(&model, version);
        let keys: Vec<Vec<u8>> = probes.into_iter().chain(model.keys().take(3).cloned()).collect();
        let expected: Vec<_> = keys.iter().map(|key| model.get(key).cloned()).collect();
        let proof = view.prove(&keys)?;
        prop_assert_eq!(&verify_proof(&view.root, &proof, &keys)?, &expected);
        // Every node is needed, and none may differ in a bit.
        for index in 0..proof.len() {
            let mut short = proof.clone();
            short.remove(index);
            prop_assert!(verify_proof(&view.root, &short, &keys).is_err());
            let mut bad = proof.clone();
            let byte = flip.index(bad[index].len());
            bad[index][byte] ^= 1;
            prop_assert!(verify_proof(&view.root, &bad, &keys).is_err());
        }

        let mut items: Vec<_> = keys.into_iter().zip(expected).collect();
        items.sort();
        items.dedup();
        let keys: Vec<_> = items.iter().map(|(key, _)| key.clone()).collect();
        let compact = view.prove_items(&keys, version)?;
        prop_assert!(verify_item_proof(&view.root, &compact, &items, version).is_ok());
        prop_assert!(verify_item_proof(&H256::zero(), &compact, &items, version).is_err());
        let last = items.len() - 1;
        items[last].1 = match items[last].1.take() {
            Some(mut value) => { value.push(1); Some(value) }
            None => Some(vec![1]),
        };
        prop_assert!(verify_item_proof(&view.root, &compact, &items, version).is_err());
    }

    #[test]
    fn hostile_proofs_are_errors(
        proof in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..4),
        key in key(),
    ) {
        let root = proof.first().map_or(H256::zero(), |node| H256(blake2_256(node)));
        let _ = verify_proof(&root, &proof, std::slice::from_ref(&key));
        let _ = verify_item_proof(&root, &proof, &[(key, Some(vec![1u8]))], StateVersion::V1);
    }

    #[test]
    fn child_tries_are_tries_of_their_own(
        top in changes(), first in changes(), second in changes(), version in version(),
    ) {
        let nodes = Arc::new(MemoryNodes::new());
        let (mut top_model, mut child) = (Model::new(), Model::new());
        let mut view = StateView::new(nodes.clone(), EMPTY_ROOT);
        for (top, changes) in [(top, first), (Default::default(), second)] {
            update(&mut top_model, &top);
            update(&mut child, &changes);
            let children = [(b"kid".to_vec(), changes)].into();
            view = apply(&nodes, view.root, &ChangeSet { top, children }, version);
        }
        let child_root = root(&child, version);
        prop_assert_eq!(view.child_root(b"kid")?, (!child.is_empty()).then_some(child_root));
        for (key, value) in &child {
            prop_assert_eq!(view.child_get(b"kid", key)?, Some(value.clone()));
            prop_assert_eq!(view.child_next_key(b"kid", key)?, above(&child, key).cloned());
        }
        prop_assert_eq!(view.child_keys_with_prefix(b"kid", &[], None, 99)?, page(&child, &[], None, 99));
        let keys: Vec<_> = child.keys().cloned().chain([b"absent".to_vec()]).collect();
        let proof = view.prove_child(b"kid", &keys)?;
        let expected: Vec<_> = keys.iter().map(|key| child.get(key).cloned()).collect();
        prop_assert_eq!(verify_child_proof(&view.root, &proof, b"kid", &keys)?, expected);

        if !child.is_empty() {
            top_model.insert(child_root_key(b"kid"), child_root.0.to_vec());
        }
        prop_assert_eq!(view.root, root(&top_model, version));
        let gone = child.keys().map(|key| (key.clone(), None)).collect();
        let children = [(b"kid".to_vec(), gone)].into();
        view = apply(&nodes, view.root, &ChangeSet { top: Default::default(), children }, version);
        prop_assert_eq!(view.child_root(b"kid")?, None);
        top_model.remove(&child_root_key(b"kid"));
        prop_assert_eq!(nodes.len(), state_of(&top_model, version).0.len());
    }
}

#[test]
fn removing_an_absent_key_that_ends_at_a_branch_changes_nothing() {
    // The second pair of keys puts the branch below the root; 0x12 ends where its key begins.
    for prefix in [vec![], vec![0x12]] {
        let key = |rest: &[u8]| [&prefix, rest].concat();
        let mut model = Model::from([(key(&[0]), vec![1]), (key(&[0, 0, 0]), vec![2])]);
        if !prefix.is_empty() {
            model.insert(vec![0x13], vec![3]);
        }
        for version in VERSIONS {
            let (_, view) = state_of(&model, version);
            let top = [(prefix.clone(), None)].into();
            let (root, delta) =
                view.apply(&ChangeSet { top, ..ChangeSet::default() }, version).expect("readable");
            assert_eq!((root, delta.is_empty()), (view.root, true));
        }
    }
}

#[test]
fn keys_have_a_limit() {
    for version in VERSIONS {
        let longest = Model::from([(vec![1; MAX_KEY_BYTES], vec![2])]);
        let (_, view) = state_of(&longest, version);
        assert_eq!(view.get(&vec![1; MAX_KEY_BYTES]).expect("readable"), Some(vec![2]));
        let top = [(vec![1; MAX_KEY_BYTES + 1], Some(vec![2]))].into();
        let error = view.apply(&ChangeSet { top, ..ChangeSet::default() }, version);
        assert!(matches!(error, Err(TrieError::KeyTooLong { bytes: 32_768 })));
    }
}

#[test]
fn keys_that_contain_each_other_do_not_exhaust_the_stack() {
    // Two levels a byte, which is as many as there can be. Test threads have 2 MiB of stack.
    let levels = 1_000;
    let keys = (1..=levels)
        .flat_map(|length| [0, 1, 0x10].map(|last| [vec![0; length - 1], vec![last]].concat()));
    let model: Model = keys.map(|key| (key, vec![1; 40])).collect();
    let (_, view) = state_of(&model, StateVersion::V1);
    assert_eq!(view.root, root(&model, StateVersion::V1));
    assert_eq!(view.get(&vec![0; levels]).expect("readable"), Some(vec![1; 40]));
    let top = model.keys().map(|key| (key.clone(), None)).collect();
    let change = ChangeSet { top, ..ChangeSet::default() };
    assert_eq!(view.apply(&change, StateVersion::V1).expect("readable").0, EMPTY_ROOT);
}

#[test]
fn short_keys_need_little_stack() {
    // A branch at every nibble: the deepest trie of keys that the caller's stack has to take.
    let short = crate::apply::SHORT_KEY_BYTES;
    let mut model = Model::new();
    for length in 0..short {
        for last in [0x00, 0x01, 0x10] {
            model.insert([vec![0; length], vec![last]].concat(), vec![1; 40]);
        }
    }
    let work = move || {
        let (_, view) = state_of(&model, StateVersion::V1);
        let top = model.keys().map(|key| (key.clone(), None)).collect();
        let change = ChangeSet { top, ..ChangeSet::default() };
        view.apply(&change, StateVersion::V1).expect("readable").0
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("starts");
    assert_eq!(thread.join().expect("no panic"), EMPTY_ROOT);
}

#[test]
fn missing_nodes_and_failing_stores_are_errors() {
    struct Broken;
    impl crate::NodeStore for Broken {
        fn node(&self, _: &H256) -> Result<Option<Vec<u8>>, TrieError> {
            Err(TrieError::Store("disk on fire".into()))
        }
    }
    let top: crate::Changes = [(vec![1], Some(vec![2]))].into();
    let change = ChangeSet { top, ..ChangeSet::default() };
    let root = H256::repeat_byte(7);
    let missing = StateView::new(Arc::new(MemoryNodes::new()), root);
    assert!(matches!(missing.get(b"a"), Err(TrieError::MissingNode(hash)) if hash == root));
    assert!(matches!(missing.next_key(b"a"), Err(TrieError::MissingNode(_))));
    assert!(matches!(missing.apply(&change, StateVersion::V1), Err(TrieError::MissingNode(_))));
    let broken = StateView::new(Arc::new(Broken), root);
    assert!(matches!(broken.get(b"a"), Err(TrieError::Store(_))));
    assert!(matches!(broken.apply(&change, StateVersion::V1), Err(TrieError::Store(_))));
    let garbage = MemoryNodes::from_proof(&[vec![0xff; 3]]);
    let view = StateView::new(Arc::new(garbage), H256(blake2_256(&[0xff; 3])));
    assert!(matches!(view.get(b"a"), Err(TrieError::BadNode(_))));
}
