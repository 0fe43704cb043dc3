use std::collections::{BTreeMap, BTreeSet};

use citrate_core::H256;
use proptest::prelude::*;
use serde_json::Value;

use crate::ghostdag::{Ghostdag, GhostdagError};
use crate::reachability::Reachability;

/// A hash that is an ID's characters and then zeros.
fn named(id: &str) -> H256 {
    let mut hash = H256::zero();
    hash.0[..id.len()].copy_from_slice(id.as_bytes());
    hash
}

fn ids(value: &Value) -> Vec<H256> {
    value.as_array().unwrap().iter().map(|id| named(id.as_str().unwrap())).collect()
}

/// Kaspa's own test data: the tie-break is the hash, and every block weighs the same.
#[test]
fn kaspas_golden_dags_are_coloured_as_kaspa_does() {
    let files = [
        ("dag0", include_str!("../../tests/golden/kaspa/dag0.json"), 19),
        ("dag1", include_str!("../../tests/golden/kaspa/dag1.json"), 30),
        ("dag2", include_str!("../../tests/golden/kaspa/dag2.json"), 9),
        ("dag3", include_str!("../../tests/golden/kaspa/dag3.json"), 10),
    ];
    for (name, text, count) in files {
        let dag: Value = serde_json::from_str(text).unwrap();
        let k = usize::try_from(dag["K"].as_u64().unwrap()).unwrap();
        let mut ghostdag = Ghostdag::new(named(dag["GenesisID"].as_str().unwrap()), k, 1_000);
        let blocks = dag["Blocks"].as_array().unwrap();
        assert_eq!(blocks.len(), count, "{name}");
        for block in blocks {
            let hash = named(block["ID"].as_str().unwrap());
            let got = ghostdag.insert(hash, &ids(&block["Parents"]), hash.0, 1).unwrap();
            let expected = named(block["ExpectedSelectedParent"].as_str().unwrap());
            assert_eq!(got.selected_parent, Some(expected), "{name} {block}");
            assert_eq!(got.blues, ids(&block["ExpectedBlues"]), "{name} {block}");
            assert_eq!(got.reds, ids(&block["ExpectedReds"]), "{name} {block}");
            assert_eq!(Some(got.blue_score), block["ExpectedScore"].as_u64(), "{name} {block}");
        }
        ghostdag.reachability().check_invariants();
    }
}

fn hash(index: usize) -> H256 {
    // Spread, so that the order of hashes is not that of insertion.
    let spread = u64::try_from(index).unwrap().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    H256::from_low_u64_be(spread)
}

/// A DAG as the parents of each block after the first; what is related to a later parent is left
/// out.
fn dag() -> impl Strategy<Value = Vec<Vec<usize>>> {
    let block = prop::collection::vec(any::<prop::sample::Index>(), 1..4);
    let recent = prop::collection::vec((block, 1usize..12), 1..60);
    recent.prop_map(|blocks| {
        let mut parents: Vec<Vec<usize>> = Vec::new();
        let mut pasts: Vec<BTreeSet<usize>> = vec![BTreeSet::new()];
        for (picks, window) in blocks {
            let count = pasts.len();
            let first = count.saturating_sub(window);
            let mut chosen: Vec<usize> =
                picks.iter().map(|pick| first + pick.index(count - first)).collect();
            chosen.sort_unstable();
            chosen.dedup();
            let related = |a: &usize| chosen.iter().any(|b| pasts[*b].contains(a));
            let kept: Vec<usize> = chosen.iter().filter(|a| !related(a)).copied().collect();
            let mut past: BTreeSet<usize> = kept.iter().copied().collect();
            past.extend(kept.iter().flat_map(|parent| pasts[*parent].clone()));
            pasts.push(past);
            parents.push(kept);
        }
        parents
    })
}

/// The rules of GHOSTDAG word by word, over sets of blocks.
struct Naive {
    k: usize,
    pasts: Vec<BTreeSet<usize>>,
    blue: Vec<BTreeSet<usize>>,
    work: Vec<u128>,
}

impl Naive {
    fn order(&self, block: usize) -> (u128, [u8; 32]) {
        (self.work[block], hash(block).0)
    }

    fn related(&self, a: usize, b: usize) -> bool {
        a == b || self.pasts[a].contains(&b) || self.pasts[b].contains(&a)
    }

    fn insert(&mut self, parents: &[usize]) -> (usize, Vec<usize>, Vec<usize>) {
        let mut past: BTreeSet<usize> = parents.iter().copied().collect();
        past.extend(parents.iter().flat_map(|parent| self.pasts[*parent].clone()));
        let selected = parents.iter().copied().max_by_key(|p| self.order(*p)).unwrap();
        let seen = &self.pasts[selected];
        let mut mergeset: Vec<usize> =
            past.iter().copied().filter(|b| *b != selected && !seen.contains(b)).collect();
        mergeset.sort_by_key(|block| self.order(*block));
        let mut all = self.blue[selected].clone();
        all.insert(selected);
        let (mut blues, mut reds) = (vec![selected], vec![]);
        for candidate in mergeset {
            let anticone: Vec<usize> =
                all.iter().copied().filter(|b| !self.related(*b, candidate)).collect();
            let size = |b: usize| all.iter().filter(|other| !self.related(b, **other)).count();
            if anticone.len() <= self.k && anticone.iter().all(|b| size(*b) < self.k) {
                all.insert(candidate);
                blues.push(candidate);
            } else {
                reds.push(candidate);
            }
        }
        self.work.push(self.work[selected] + blues.len() as u128);
        self.pasts.push(past);
        self.blue.push(all);
        (selected, blues, reds)
    }
}

proptest! {
    #[test]
    fn colours_are_those_of_the_rules_word_by_word(dag in dag(), k in 0usize..5) {
        let mut ghostdag = Ghostdag::new(hash(0), k, 1_000);
        let mut naive = Naive {
            k,
            pasts: vec![BTreeSet::new()],
            blue: vec![BTreeSet::new()],
            work: vec![0],
        };
        let hashes = |blocks: &[usize]| blocks.iter().map(|b| hash(*b)).collect::<Vec<H256>>();
        for (index, parents) in dag.iter().enumerate() {
            let new = hash(index + 1);
            let (selected, blues, reds) = naive.insert(parents);
            let got = ghostdag.insert(new, &hashes(parents), new.0, 1).unwrap();
            prop_assert_eq!(got.selected_parent, Some(hash(selected)));
            prop_assert_eq!(&got.blues, &hashes(&blues));
            prop_assert_eq!(&got.reds, &hashes(&reds));
            prop_assert_eq!(got.blue_work, naive.work[index + 1]);
            // The consensus order: topological, and each block of the mergeset once.
            let order = ghostdag.consensus_order(&new);
            prop_assert_eq!(order.len(), blues.len() + reds.len());
            prop_assert_eq!(order[0], hash(selected));
            for (position, block) in order.iter().enumerate() {
                let later = &order[position + 1..];
                prop_assert!(!later.iter().any(|b| ghostdag.reachability().is_ancestor(b, block)));
            }
        }
    }

    #[test]
    fn the_index_knows_every_past(dag in dag()) {
        let mut ghostdag = Ghostdag::new(hash(0), 3, 1_000);
        let mut pasts: Vec<BTreeSet<usize>> = vec![BTreeSet::new()];
        for (index, parents) in dag.iter().enumerate() {
            let mut past: BTreeSet<usize> = parents.iter().copied().collect();
            past.extend(parents.iter().flat_map(|parent| pasts[*parent].clone()));
            pasts.push(past);
            let parents: Vec<H256> = parents.iter().map(|parent| hash(*parent)).collect();
            ghostdag.insert(hash(index + 1), &parents, [0; 32], 1).unwrap();
        }
        let index = ghostdag.reachability();
        index.check_invariants();
        for (block, past) in pasts.iter().enumerate() {
            for other in 0..pasts.len() {
                let expected = other == block || past.contains(&other);
                prop_assert_eq!(index.is_ancestor(&hash(other), &hash(block)), expected);
            }
        }
    }
}

#[test]
fn a_long_chain_and_a_wide_fan_find_room() {
    let mut index = Reachability::new(hash(0));
    // A chain uses up half of the interval at each step: after 64 blocks it must be dealt out anew.
    for block in 1..500 {
        assert!(index.insert(hash(block), hash(block - 1), &[]));
    }
    for block in 500..900 {
        assert!(index.insert(hash(block), hash(250), &[]));
    }
    index.check_invariants();
    assert!(index.is_chain_ancestor(&hash(250), &hash(899)));
    assert!(!index.is_ancestor(&hash(251), &hash(899)));
    assert!(index.is_ancestor(&hash(3), &hash(499)));
    assert!(!index.insert(hash(5), hash(4), &[]), "known");
    assert!(!index.insert(hash(1_000), hash(2_000), &[]), "unknown parent");
    assert!(!index.contains(&hash(1_000)));
}

#[test]
fn what_is_no_dag_is_refused() {
    let mut dag = Ghostdag::new(hash(0), 3, 2);
    let mut insert = |new: usize, parents: &[usize]| {
        let parents: Vec<H256> = parents.iter().map(|parent| hash(*parent)).collect();
        dag.insert(hash(new), &parents, [0; 32], 1).map(|block| block.blue_score)
    };
    assert_eq!(insert(1, &[0]), Ok(1));
    assert_eq!(insert(1, &[0]), Err(GhostdagError::Known(hash(1))));
    assert_eq!(insert(2, &[9]), Err(GhostdagError::UnknownParent(hash(9))));
    assert_eq!(insert(2, &[]), Err(GhostdagError::NoParent));
    assert_eq!(insert(2, &[0, 1]), Err(GhostdagError::RelatedParents(hash(0))));
    assert_eq!(insert(2, &[1, 1]), Err(GhostdagError::RelatedParents(hash(1))));
    assert_eq!(insert(2, &[0]), Ok(1));
    assert_eq!(insert(3, &[0]), Ok(1));
    assert_eq!(insert(4, &[1, 2]), Ok(3), "two blocks, the selected parent included");
    let too_many = GhostdagError::MergesetTooLarge { max: 2 };
    assert_eq!(insert(5, &[1, 2, 3]), Err(too_many));
}

#[test]
fn ties_are_broken_by_what_the_caller_gives() {
    let mut dag = Ghostdag::new(hash(0), 3, 10);
    let (a, b) = (hash(1), hash(2));
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    dag.insert(low, &[hash(0)], [9; 32], 1).unwrap();
    dag.insert(high, &[hash(0)], [1; 32], 1).unwrap();
    let got = dag.insert(hash(3), &[high, low], [0; 32], 1).unwrap();
    assert_eq!(got.selected_parent, Some(low), "its tie-break is greater, though its hash is not");
    let weights: BTreeMap<&str, u64> = BTreeMap::from([("light", 1), ("heavy", 5)]);
    let mut dag = Ghostdag::new(hash(0), 3, 10);
    dag.insert(a, &[hash(0)], [9; 32], weights["light"]).unwrap();
    dag.insert(b, &[hash(0)], [1; 32], weights["heavy"]).unwrap();
    dag.insert(hash(3), &[a], [0; 32], 1).unwrap();
    dag.insert(hash(4), &[b], [0; 32], 1).unwrap();
    let got = dag.insert(hash(5), &[hash(3), hash(4)], [0; 32], 1).unwrap();
    assert_eq!(got.selected_parent, Some(hash(4)), "more work behind it");
}
