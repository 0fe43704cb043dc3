use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

use super::interval::Interval;
use super::{BlockId, IndexError, Layout, ORIGIN, Reachability};
use crate::testing::{Bits, Random, for_seeds};

thread_local! {
    static QUERIES: Cell<u64> = const { Cell::new(0) };
}

pub(crate) fn count_query() {
    QUERIES.with(|queries| queries.set(queries.get() + 1));
}

/// How many questions about ancestors this thread asked so far.
pub(crate) fn queries() -> u64 {
    QUERIES.with(Cell::get)
}

const TIGHT: Layout = Layout { slack: 8, side_branch: 2, root_depth: 6, root_switch: 12 };

/// A DAG by position beside the index, with the past of each block.
struct Model {
    index: Reachability,
    ids: Vec<BlockId>,
    pasts: Vec<Bits>,
}

impl Model {
    fn new(index: Reachability) -> Self {
        Self { index, ids: Vec::new(), pasts: Vec::new() }
    }

    /// Adds a block under the tallest of its parents, as Kaspa's test does.
    fn add(&mut self, parents: &[usize]) -> Result<usize, IndexError> {
        let mut past = Bits::default();
        for parent in parents {
            past.extend(&self.pasts[*parent]);
            past.insert(*parent);
        }
        let tallest = parents.iter().max_by_key(|p| self.index.height(self.ids[**p])).copied();
        let seen = |block: usize| match tallest {
            Some(tallest) => block == tallest || self.pasts[tallest].contains(block),
            None => false,
        };
        let merged = (0..self.ids.len()).filter(|b| past.contains(*b) && !seen(*b));
        let merged: Vec<BlockId> = merged.map(|block| self.ids[block]).collect();
        let parent = tallest.map_or(ORIGIN, |tallest| self.ids[tallest]);
        self.ids.push(self.index.insert(parent, &merged)?);
        self.pasts.push(past);
        Ok(self.ids.len() - 1)
    }

    /// As [`Self::add`], and the block is the new best tip.
    fn add_tip(&mut self, parents: &[usize]) -> usize {
        let block = self.add(parents).unwrap();
        self.index.hint_tip(self.ids[block]);
        block
    }

    /// Whether every answer about blocks that are here is right.
    fn check(&self) {
        self.index.validate().unwrap();
        for (block, past) in self.pasts.iter().enumerate() {
            if !self.index.contains(self.ids[block]) {
                continue;
            }
            for (other, id) in self.ids.iter().enumerate() {
                let expected = other == block || past.contains(other);
                let expected = expected && self.index.contains(*id);
                let got = self.index.is_ancestor(*id, self.ids[block]);
                assert_eq!(got, expected, "{other} in the past of {block}");
            }
        }
    }
}

fn topology(packed: &[u8]) -> Vec<Vec<usize>> {
    let mut text = String::new();
    GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let blocks: Vec<Value> = serde_json::from_str(&text).unwrap();
    let position = |id: &Value| id.as_str().unwrap().parse().unwrap();
    let parents =
        |block: &Value| block["parents"].as_array().unwrap().iter().map(position).collect();
    for (number, block) in blocks.iter().enumerate() {
        assert_eq!(position(&block["id"]), number);
    }
    blocks.iter().map(parents).collect()
}

/// The topology of a file with validation every 100 blocks and all answers at the end, then blocks
/// added all over it. Each is a hint for the reindex root, as in Kaspa's test.
fn replay(packed: &[u8], added_one_in: usize) {
    let blocks = topology(packed);
    assert_eq!(blocks.len(), 4091);
    let mut model = Model::new(Reachability::new());
    for (number, parents) in blocks.iter().enumerate() {
        model.add_tip(parents);
        if number % 100 == 0 {
            model.index.validate().unwrap();
        }
    }
    model.check();
    let mut random = Random(7);
    let count = blocks.len() / added_one_in;
    for number in 0..count {
        let mut at = model.ids[random.below(model.ids.len())];
        let chain = if random.one_in(8) { random.below(20) } else { 0 };
        for _ in 0..=chain {
            let child = model.index.insert(at, &[]).unwrap();
            model.index.hint_tip(child);
            assert!(model.index.is_ancestor(at, child));
            at = child;
        }
        // Merges nothing, but has to be found in the future of what it builds on.
        model.ids.push(at);
        if number % (count / 100) == 0 {
            model.index.validate().unwrap();
        }
    }
    model.index.validate().unwrap();
    model.ids.truncate(blocks.len());
    model.check();
}

#[test]
fn kaspas_simulated_dag_keeps_its_invariants() {
    replay(
        include_bytes!(
            "../../tests/golden/kaspa/reachability/noattack-dag-blocks--2^12-delay-factor--1-k--18.json.gz"
        ),
        2,
    );
}

#[test]
fn kaspas_attacked_dag_keeps_its_invariants() {
    replay(
        include_bytes!(
            "../../tests/golden/kaspa/reachability/attack-dag-blocks--2^12-delay-factor--1-k--18.json.gz"
        ),
        8,
    );
}

/// Random parents, mostly recent ones and none in another's past.
fn random_parents(random: &mut Random, pasts: &[Bits]) -> Vec<usize> {
    let count = pasts.len();
    let window = if random.one_in(6) { count } else { count.min(8) };
    let picks: BTreeSet<usize> =
        (0..=random.below(3)).map(|_| count - 1 - random.below(window)).collect();
    let covered = |block: &usize| picks.iter().any(|other| pasts[*other].contains(*block));
    picks.iter().copied().filter(|block| !covered(block)).collect()
}

#[test]
fn every_answer_stays_right_while_room_is_scarce() {
    for_seeds(150, |random| {
        // Between hardly enough and enough for reindexing to be seldom.
        let end = 1 << (9 + random.below(12));
        let mut model = Model::new(Reachability::with_layout(Interval { start: 1, end }, TIGHT));
        model.add_tip(&[]);
        for _ in 0..120 {
            let parents = random_parents(random, &model.pasts);
            let hint = random.below(3) > 0;
            let block = model.add(&parents).unwrap();
            if hint {
                model.index.hint_tip(model.ids[block]);
            }
            model.index.validate().unwrap();
        }
        model.check();
    });
}

#[test]
fn deleting_blocks_changes_no_other_answer() {
    for_seeds(100, |random| {
        let end = 1 << (9 + random.below(54));
        let mut model = Model::new(Reachability::with_layout(Interval { start: 1, end }, TIGHT));
        model.add_tip(&[]);
        for _ in 0..60 {
            let parents = random_parents(random, &model.pasts);
            let here = |p: &usize| model.index.contains(model.ids[*p]);
            if !parents.iter().all(here) {
                continue;
            }
            // What is merged must be here too; blocks that merge deleted ones are left out.
            match model.add(&parents) {
                Ok(block) => model.index.hint_tip(model.ids[block]),
                Err(IndexError::Unknown(_)) => continue,
                Err(error) => panic!("{error}"),
            }
            if random.one_in(3) {
                let victim = *random.pick(&model.ids);
                model.index.delete(victim);
                assert!(!model.index.contains(victim));
            }
            model.check();
        }
        for id in model.ids.clone() {
            model.index.delete(id);
            model.index.validate().unwrap();
        }
        assert_eq!(model.index.places(), 0, "nothing is kept of what is deleted");
    });
}

#[test]
fn a_full_index_refuses_and_stays_as_it_was() {
    let mut index = Reachability::with_layout(Interval { start: 1, end: 6 }, TIGHT);
    let mut ids = vec![index.insert(ORIGIN, &[]).unwrap()];
    while let Ok(id) = index.insert(*ids.last().unwrap(), &[]) {
        ids.push(id);
        index.validate().unwrap();
    }
    assert_eq!(ids.len(), 5, "one number for each block and the origin");
    assert_eq!(index.insert(ids[1], &[ids[2]]), Err(IndexError::Full));
    index.validate().unwrap();
    assert!(index.is_chain_ancestor(ids[0], ids[4]));
    index.delete(ids[2]);
    assert!(!index.is_ancestor(ids[2], ids[4]) && index.is_ancestor(ids[1], ids[4]));
    index.insert(ids[4], &[]).unwrap();
    assert_eq!(index.insert(ids[2], &[]), Err(IndexError::Unknown(ids[2])));
    assert_eq!(index.insert(ids[1], &[ids[2]]), Err(IndexError::Unknown(ids[2])));
    index.validate().unwrap();
}

#[test]
fn the_next_chain_block_is_the_child_on_the_way() {
    let mut index = Reachability::new();
    let root = index.insert(ORIGIN, &[]).unwrap();
    let [a, b] = [0; 2].map(|_| index.insert(root, &[]).unwrap());
    let above = index.insert(b, &[a]).unwrap();
    assert_eq!(index.next_chain_block(root, above), Some(b));
    assert_eq!(index.next_chain_block(b, above), Some(above));
    assert_eq!(index.next_chain_block(above, above), None);
    assert_eq!(index.next_chain_block(a, above), None);
    assert!(index.is_ancestor(a, above) && !index.is_chain_ancestor(a, above));
}

/// Intervals written per inserted block, for what an attacker could do beside a chain of 3000 blocks.
#[test]
fn reindexing_costs_little_wherever_blocks_are_added() {
    let mut model = Model::new(Reachability::new());
    let mut tip = model.add_tip(&[]);
    for _ in 0..3_000 {
        tip = model.add_tip(&[tip]);
    }
    let per_block =
        |index: &Reachability, before: u64, count: u64| (index.rewritten() - before) / count;
    assert!(per_block(&model.index, 0, 3_000) < 20, "a chain: {}", model.index.rewritten());

    // A branch that grows far below the reindex root.
    let mut index = model.index.clone();
    let mut at = model.ids[500];
    for _ in 0..2_000 {
        at = index.insert(at, &[]).unwrap();
    }
    index.validate().unwrap();
    let cost = per_block(&index, model.index.rewritten(), 2_000);
    assert!(cost < 40, "a long branch: {cost}");

    // Many blocks on one old block, and on each of many old blocks.
    let mut index = model.index.clone();
    for number in 0..2_000 {
        let at = if number % 2 == 0 { 700 } else { number };
        index.insert(model.ids[at], &[]).unwrap();
    }
    index.validate().unwrap();
    let cost = per_block(&index, model.index.rewritten(), 2_000);
    assert!(cost < 20, "many children: {cost}");

    // More on one block than the slack around it holds: the next slack is found, and then the root's.
    let mut index = model.index.clone();
    for _ in 0..10_000 {
        index.insert(model.ids[700], &[]).unwrap();
    }
    index.validate().unwrap();
    let cost = per_block(&index, model.index.rewritten(), 10_000);
    assert!(cost < 20, "more children than the slack holds: {cost}");
}

#[test]
fn the_reindex_root_follows_a_branch_that_is_much_higher() {
    let layout = Layout { slack: 64, side_branch: 4, root_depth: 5, root_switch: 20 };
    let whole = Interval { start: 1, end: u64::MAX - 1 };
    let mut index = Reachability::with_layout(whole, layout);
    let root = index.insert(ORIGIN, &[]).unwrap();
    let mut grow = |from: BlockId, count: usize| {
        let mut chain = vec![from];
        for _ in 0..count {
            let tip = index.insert(*chain.last().unwrap(), &[]).unwrap();
            index.hint_tip(tip);
            chain.push(tip);
        }
        index.validate().unwrap();
        (chain, index.reindex_root)
    };
    let (old, at) = grow(root, 30);
    assert_eq!(at, old[25]);
    // The root is at height 26; a branch at height 45 is not yet 20 higher.
    let (new, at) = grow(root, 44);
    assert_eq!(at, old[25], "nothing moves for a branch that is only a little higher");
    let (more, at) = grow(*new.last().unwrap(), 1);
    assert_eq!(at, new[40]);
    assert!(index.is_chain_ancestor(new[40], more[1]) && index.is_chain_ancestor(old[29], old[30]));
}
