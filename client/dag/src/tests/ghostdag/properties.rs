use std::collections::BTreeSet;

use citrate_core::U256;

use super::naive::{Block, Naive, Outcome, Refusal, Set, has};
use super::{dag, hash, hashes};
use crate::ghostdag::{Author, Claims, Dag, DagError, DagRules, NewBlock, Producer, Step, Verdict};
use crate::testing::{Random, for_seeds};

/// A DAG and its naive twin.
struct Twins {
    dag: Dag,
    naive: Naive,
    /// Blocks so far, refused ones included: each has a hash of its own.
    attempts: usize,
    /// How often each kind of thing happened, to see that the cases are not all the same.
    seen: Seen,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    reds: usize,
    repeated: usize,
    disabled: usize,
    refused: usize,
    stalls: usize,
}

fn rules(random: &mut Random) -> DagRules {
    DagRules {
        k: u16::try_from(random.below(5)).unwrap(),
        parents_max: 5,
        mergeset_max: 3 + random.below(20),
        merge_depth: 3 + random.draw() % 25,
        pruning_depth: 0,
        merge_slots_max: random.one_in(3).then(|| 8 + random.draw() % 40),
    }
}

impl Twins {
    fn new(rules: DagRules) -> Self {
        let naive = Naive::new(rules, hash(0));
        Self { dag: dag(rules), naive, attempts: 0, seen: Seen::default() }
    }

    /// Parents from the last blocks, from far below now and then, none in another's past.
    fn parents(&self, random: &mut Random) -> Vec<usize> {
        let count = self.naive.blocks.len();
        let window = if random.one_in(8) { count } else { count.min(1 + random.below(9)) };
        let picks: BTreeSet<usize> =
            (0..=random.below(4)).map(|_| count - 1 - random.below(window)).collect();
        let covered = |a: &usize| picks.iter().any(|b| has(self.naive.blocks[*b].past, *a));
        picks.iter().copied().filter(|block| !covered(block)).collect()
    }

    /// One of few authors in one of the next slots, so that elections repeat.
    fn producer(&self, random: &mut Random, parents: &[usize]) -> Producer {
        let slots = parents.iter().filter_map(|p| self.naive.blocks[*p].producer).map(|p| p.slot);
        let latest = slots.max().unwrap_or(0);
        let author = u8::try_from(random.below(9)).unwrap();
        // Now and then it is not after the parents.
        let slot = if random.one_in(30) { latest } else { latest + 1 + random.draw() % 3 };
        Producer { slot, author: [author; 32] }
    }

    /// Offers a block to both; whether they take it.
    fn step(&mut self, random: &mut Random, has_producers: bool) -> bool {
        let parents = self.parents(random);
        let producer = has_producers.then(|| self.producer(random, &parents));
        let number = self.naive.blocks.len();
        self.attempts += 1;
        let hash_of_new = hash(self.attempts);
        let weight = U256::from(if has_producers { 1 } else { 1 + random.draw() % 3 });
        // Equal tie-breaks too: then the hash decides.
        let tie_break = if random.one_in(3) { [7; 32] } else { hash(random.below(1 << 20)).0 };
        let new = NewBlock {
            hash: hash_of_new,
            parents: parents.iter().map(|p| self.naive.blocks[*p].hash).collect(),
            tie_break,
            weight,
            producer,
            claims: Claims::default(),
        };
        let block = Block {
            hash: hash_of_new,
            tie_break,
            weight,
            producer,
            past: 0,
            blue: 0,
            chain: vec![],
            score: 0,
            work: U256::zero(),
            stall: 0,
        };
        let expected = self.naive.insert(block, &parents);
        let got = self.dag.insert(&new);
        match expected {
            Ok(expected) => {
                got.unwrap();
                self.compare(number, &expected);
                true
            }
            Err(refusal) => {
                self.seen.refused += 1;
                let error = got.unwrap_err();
                let same = match refusal {
                    Refusal::Slot => matches!(error, DagError::SlotNotAfterParent { .. }),
                    Refusal::Mergeset => matches!(error, DagError::MergesetTooLarge { .. }),
                    Refusal::Window => matches!(error, DagError::MergeWindow { .. }),
                    Refusal::Depth => matches!(error, DagError::MergeDepth(_)),
                };
                assert!(same, "{refusal:?} expected, got: {error}");
                assert_eq!(self.dag.insert(&new), Err(DagError::KnownInvalid(hash_of_new)));
                false
            }
        }
    }

    fn compare(&mut self, number: usize, expected: &Outcome) {
        let name = |block: &usize| self.naive.blocks[*block].hash;
        let got = self.dag.block(&self.naive.blocks[number].hash).unwrap();
        let blues: Vec<_> = expected.blues.iter().map(name).collect();
        let reds: Vec<_> = expected.reds.iter().map(name).collect();
        assert_eq!(got.selected_parent, blues.first().copied());
        assert_eq!(got.blues, blues);
        assert_eq!(got.reds, reds);
        assert_eq!(got.blue_score, expected.score);
        assert_eq!(got.blue_work, expected.work);
        let repeated: Vec<_> = got.repeated.iter().map(|r| (r.block, r.first)).collect();
        let pairs: Vec<_> = expected.repeated.iter().map(|(a, b)| (name(a), name(b))).collect();
        assert_eq!(repeated, pairs);
        let disabled: Vec<Author> = expected.disabled.iter().copied().collect();
        assert_eq!(got.disabled.as_ref(), disabled.as_slice());
        // The consensus order: each block of the mergeset once, and none before its past.
        let order = self.dag.consensus_order(&name(&number));
        assert_eq!(order.len(), blues.len() + reds.len());
        assert_eq!(order.first(), blues.first());
        for (position, block) in order.iter().enumerate() {
            let later = &order[position + 1..];
            assert!(!later.iter().any(|later| self.dag.is_ancestor(later, block)));
        }
        self.seen.reds += reds.len();
        self.seen.repeated += repeated.len();
        self.seen.disabled += disabled.len();
        self.seen.stalls += usize::from(self.naive.blocks[number].stall > 0);
    }

    fn check_ancestors(&self) {
        self.dag.reachability().validate().unwrap();
        for (b, block) in self.naive.blocks.iter().enumerate() {
            for (a, other) in self.naive.blocks.iter().enumerate() {
                let expected = self.naive.in_past(a, b);
                assert_eq!(self.dag.is_ancestor(&other.hash, &block.hash), expected);
                let expected = a == b || block.chain.contains(&a);
                assert_eq!(self.dag.is_chain_ancestor(&other.hash, &block.hash), expected);
            }
        }
    }
}

/// 3000 DAGs, half of them with authors who equivocate.
#[test]
fn the_dag_is_what_the_rules_say_word_by_word() {
    let total = std::cell::Cell::new(Seen::default());
    for_seeds(3_000, |random| {
        let mut twins = Twins::new(rules(random));
        let has_producers = random.one_in(2);
        for _ in 0..20 + random.below(40) {
            twins.step(random, has_producers);
        }
        twins.check_ancestors();
        let (sum, seen) = (total.get(), twins.seen);
        total.set(Seen {
            reds: sum.reds + seen.reds,
            repeated: sum.repeated + seen.repeated,
            disabled: sum.disabled + seen.disabled,
            refused: sum.refused + seen.refused,
            stalls: sum.stalls + seen.stalls,
        });
    });
    if std::env::var("CITRATE_SEED").is_err() {
        let Seen { reds, repeated, disabled, refused, stalls } = total.get();
        let rarest = [reds, repeated, disabled, refused, stalls].into_iter().min();
        assert!(rarest > Some(300), "the cases are too much alike: {:?}", total.get());
    }
}

/// The best block by the rules: of the greatest order among those with a chain on which nothing is
/// wrong and the finalised block is.
fn naive_sink(naive: &Naive, wrong: Set, finalised: usize) -> usize {
    let is_good = |block: &usize| {
        let chain = naive.blocks[*block].chain.iter().chain([block]);
        let has_final = *block == finalised || naive.blocks[*block].chain.contains(&finalised);
        has_final && chain.clone().all(|b| !has(wrong, *b))
    };
    (0..naive.blocks.len()).filter(is_good).max_by_key(|b| naive.order(*b)).unwrap()
}

#[test]
fn the_sink_is_the_best_block_with_a_valid_chain() {
    for_seeds(600, |random| {
        let rules = DagRules { mergeset_max: 100, merge_depth: 100, ..rules(random) };
        let mut twins = Twins::new(DagRules { merge_slots_max: None, ..rules });
        let mut wrong: Set = 0;
        let (mut finalised, mut executed) = (0, 0);
        let mut chain = vec![hash(0)];
        for _ in 0..50 {
            let number = twins.naive.blocks.len();
            if !twins.step(random, false) {
                continue;
            }
            let new = twins.naive.blocks[number].hash;
            wrong |= Set::from(random.one_in(6)) << number;
            assert!(twins.dag.add_payload(&new));
            if !random.one_in(3) {
                continue;
            }
            loop {
                match twins.dag.next_step() {
                    Step::Execute(block) => {
                        assert_eq!(twins.dag.next_step(), Step::Execute(block), "asked again");
                        executed += 1;
                        let mut blocks = twins.naive.blocks.iter();
                        let at = blocks.position(|b| b.hash == block).unwrap();
                        let verdict =
                            if has(wrong, at) { Verdict::Differs } else { Verdict::Matches };
                        twins.dag.report(&block, verdict).unwrap();
                    }
                    Step::Moved(change) => {
                        for removed in change.removed {
                            assert_eq!(chain.pop(), Some(removed));
                        }
                        chain.extend(change.added);
                    }
                    Step::Idle => break,
                    Step::FinalisedFails(block) => panic!("{block:?} was valid"),
                }
            }
            let sink = naive_sink(&twins.naive, wrong, finalised);
            assert_eq!(twins.dag.sink(), twins.naive.blocks[sink].hash);
            let whole = [twins.naive.blocks[sink].chain.as_slice(), &[sink]].concat();
            let whole: Vec<_> = whole.iter().map(|b| twins.naive.blocks[*b].hash).collect();
            assert_eq!(chain, whole);
            for (number, block) in (0..).zip(&whole) {
                assert_eq!(twins.dag.chain_block(number), Some(*block));
            }
            assert_eq!(twins.dag.chain_block(chain.len() as u64), None);
            if random.one_in(8) {
                let at = random.below(whole.len());
                if twins.dag.finalise(&whole[at]).is_ok() {
                    let mut blocks = twins.naive.blocks.iter();
                    finalised = blocks.position(|b| b.hash == whole[at]).unwrap();
                }
            }
            // What an author would build on is a block that keeps the sink as its selected parent.
            let parents = twins.dag.parents_for(None).unwrap();
            let mut next = super::block(9_999, &[]);
            next.parents = parents;
            let info = twins.dag.preview(&next).unwrap();
            assert_eq!(info.selected_parent, Some(twins.dag.sink()));
        }
        assert!(executed <= twins.naive.blocks.len(), "no block is executed twice");
    });
}

#[test]
fn the_order_of_parents_and_of_arrival_does_not_matter() {
    for_seeds(200, |random| {
        let mut twins = Twins::new(DagRules { merge_slots_max: None, ..rules(random) });
        for _ in 0..40 {
            twins.step(random, true);
        }
        // Another order of insertion that is topological too.
        let mut left: Vec<usize> = (1..twins.naive.blocks.len()).collect();
        let mut other = dag(*twins.dag.rules());
        while !left.is_empty() {
            let at = random.below(left.len());
            let block = &twins.naive.blocks[left[at]];
            let mut parents = twins.dag.block(&block.hash).unwrap().parents;
            if parents.iter().any(|parent| !other.contains(parent)) {
                continue;
            }
            parents.reverse();
            let (hash, tie_break, weight, producer) =
                (block.hash, block.tie_break, block.weight, block.producer);
            let claims = Claims::default();
            other.insert(&NewBlock { hash, parents, tie_break, weight, producer, claims }).unwrap();
            left.swap_remove(at);
        }
        for block in &twins.naive.blocks {
            let (mut a, mut b) =
                (twins.dag.block(&block.hash).unwrap(), other.block(&block.hash).unwrap());
            a.parents.sort_unstable();
            b.parents.sort_unstable();
            assert_eq!(a, b);
        }
        assert_eq!(twins.dag.tips(), other.tips());
        assert_eq!(twins.dag.best_header(), other.best_header());
        assert!(hashes(&[0]).contains(&other.pruning_point()));
    });
}
