//! The rules word by word, over sets of blocks: slow, and written without a look at the real thing.

use std::collections::BTreeSet;

use citrate_core::{H256, U256};

use crate::ghostdag::{Author, DagRules, Producer};

/// A set of blocks by position; a DAG here has at most 128.
pub(super) type Set = u128;

pub(super) fn members(set: Set) -> impl Iterator<Item = usize> {
    (0..128).filter(move |block| has(set, *block))
}

pub(super) fn has(set: Set, block: usize) -> bool {
    set >> block & 1 == 1
}

fn with(set: Set, block: usize) -> Set {
    set | 1 << block
}

pub(super) type NaiveOrder = (U256, u32, [u8; 32], H256);

#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) hash: H256,
    pub(super) tie_break: [u8; 32],
    pub(super) weight: U256,
    pub(super) producer: Option<Producer>,
    pub(super) past: Set,
    /// The blue blocks in its past.
    pub(super) blue: Set,
    pub(super) chain: Vec<usize>,
    pub(super) score: u64,
    pub(super) work: U256,
    pub(super) stall: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) blues: Vec<usize>,
    pub(super) reds: Vec<usize>,
    pub(super) repeated: Vec<(usize, usize)>,
    pub(super) disabled: BTreeSet<Author>,
    pub(super) score: u64,
    pub(super) work: U256,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Slot,
    Mergeset,
    Window,
    Depth,
}

pub(super) struct Naive {
    pub(super) rules: DagRules,
    pub(super) blocks: Vec<Block>,
}

impl Naive {
    pub(super) fn new(rules: DagRules, genesis: H256) -> Self {
        let block = Block {
            hash: genesis,
            tie_break: [0; 32],
            weight: U256::one(),
            producer: None,
            past: 0,
            blue: 0,
            chain: vec![],
            score: 0,
            work: U256::zero(),
            stall: 0,
        };
        Self { rules, blocks: vec![block] }
    }

    pub(super) fn order(&self, block: usize) -> NaiveOrder {
        let block = &self.blocks[block];
        (block.work, block.stall, block.tie_break, block.hash)
    }

    pub(super) fn past(&self, parents: &[usize]) -> Set {
        parents.iter().fold(0, |past, parent| with(past | self.blocks[*parent].past, *parent))
    }

    pub(super) fn in_past(&self, a: usize, b: usize) -> bool {
        a == b || has(self.blocks[b].past, a)
    }

    fn related(&self, a: usize, b: usize) -> bool {
        self.in_past(a, b) || self.in_past(b, a)
    }

    /// How many blocks of the set are in the block's anticone.
    fn anticone(&self, block: usize, set: Set) -> usize {
        members(set).filter(|other| !self.related(block, *other)).count()
    }

    /// Adds a block; its weight, tie-break, producer and hash are given.
    pub(super) fn insert(&mut self, mut new: Block, parents: &[usize]) -> Result<Outcome, Refusal> {
        if let Some(producer) = new.producer {
            let slots = parents.iter().filter_map(|parent| self.blocks[*parent].producer);
            if slots.max().is_some_and(|latest| latest.slot >= producer.slot) {
                return Err(Refusal::Slot);
            }
        }
        new.past = self.past(parents);
        let selected = parents.iter().copied().max_by_key(|p| self.order(*p)).unwrap();
        let seen = with(self.blocks[selected].past, selected);
        let mut mergeset: Vec<usize> = members(new.past & !seen).collect();
        mergeset.sort_by_key(|block| self.order(*block));
        if mergeset.len() + 1 > self.rules.mergeset_max {
            return Err(Refusal::Mergeset);
        }
        let disabled = self.equivocators(new.past);
        let is_disabled =
            |p: &Option<Producer>| p.as_ref().is_some_and(|p| disabled.contains(&p.author));

        let k = usize::from(self.rules.k);
        let mut all = with(self.blocks[selected].blue, selected);
        let mut before: Set = seen;
        let (mut blues, mut reds, mut repeated) = (vec![selected], vec![], vec![]);
        for candidate in mergeset {
            let producer = self.blocks[candidate].producer;
            let twins = members(before)
                .filter(|other| producer.is_some() && self.blocks[*other].producer == producer);
            // What the selected parent has seen comes before what is merged.
            let first = twins.min_by_key(|twin| (!has(seen, *twin), self.order(*twin)));
            repeated.extend(first.map(|first| (candidate, first)));
            let fits = self.anticone(candidate, all) <= k
                && members(all)
                    .filter(|blue| !self.related(*blue, candidate))
                    .all(|blue| self.anticone(blue, all) < k);
            if fits && first.is_none() && !is_disabled(&producer) {
                all = with(all, candidate);
                blues.push(candidate);
            } else {
                reds.push(candidate);
            }
            before = with(before, candidate);
        }
        let weighing = blues.iter().filter(|blue| !is_disabled(&self.blocks[**blue].producer));
        let added = weighing.fold(U256::zero(), |sum, blue| sum + self.blocks[*blue].weight);
        new.blue = all;
        new.score = self.blocks[selected].score + blues.len() as u64;
        new.work = self.blocks[selected].work + added;
        new.stall = if added.is_zero() { self.blocks[selected].stall + 1 } else { 0 };
        new.chain = [self.blocks[selected].chain.as_slice(), &[selected]].concat();
        self.check_age(&new, &blues, &reds)?;
        let (score, work) = (new.score, new.work);
        self.blocks.push(new);
        Ok(Outcome { blues, reds, repeated, disabled, score, work })
    }

    fn equivocators(&self, past: Set) -> BTreeSet<Author> {
        let pairs = members(past).flat_map(|a| members(past).map(move |b| (a, b)));
        let producers = pairs.filter(|(a, b)| a < b).filter_map(|(a, b)| {
            let producer = self.blocks[a].producer?;
            (Some(producer) == self.blocks[b].producer).then_some(producer.author)
        });
        producers.collect()
    }

    fn check_age(&self, new: &Block, blues: &[usize], reds: &[usize]) -> Result<(), Refusal> {
        if let (Some(producer), Some(max)) = (new.producer, self.rules.merge_slots_max) {
            let merged = blues[1..].iter().chain(reds);
            let mut slots = merged.filter_map(|block| self.blocks[*block].producer);
            if slots.any(|old| old.slot + max < producer.slot) {
                return Err(Refusal::Window);
            }
        }
        let Some(required) = new.score.checked_sub(self.rules.merge_depth) else { return Ok(()) };
        let below = new.chain.iter().rev().find(|block| self.blocks[**block].score < required);
        let root = below.copied().unwrap_or(0);
        let kosher = |red: usize| {
            blues.iter().any(|blue| {
                let on_chain = *blue == root || self.blocks[*blue].chain.contains(&root);
                on_chain && self.in_past(red, *blue)
            })
        };
        match reds.iter().all(|red| self.in_past(root, *red) || kosher(*red)) {
            true => Ok(()),
            false => Err(Refusal::Depth),
        }
    }
}
