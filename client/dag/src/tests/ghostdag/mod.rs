mod cost;
mod equivocation;
mod naive;
mod numbers;
mod properties;
mod pruning;
mod sink;
mod validity;

use citrate_core::{H256, U256};

use crate::ghostdag::{Claims, Dag, DagError, DagRules, NewBlock, Producer, Root};

/// A hash for a number, spread so that the order of hashes is not that of numbers.
fn hash(number: usize) -> H256 {
    let spread = u64::try_from(number).unwrap().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    H256::from_low_u64_be(spread)
}

fn hashes(numbers: &[usize]) -> Vec<H256> {
    numbers.iter().map(|number| hash(*number)).collect()
}

/// Rules without any limit but `k`.
fn unlimited(k: u16) -> DagRules {
    DagRules {
        k,
        parents_max: 1_000,
        mergeset_max: 1_000,
        merge_depth: u64::MAX,
        pruning_depth: 0,
        merge_slots_max: None,
    }
}

/// A DAG whose genesis has number 0.
fn dag(rules: DagRules) -> Dag {
    Dag::new(Root::genesis(hash(0), U256::one()), rules)
}

/// A block of weight 1 whose hash breaks ties.
fn block(number: usize, parents: &[usize]) -> NewBlock {
    NewBlock {
        hash: hash(number),
        parents: hashes(parents),
        tie_break: hash(number).0,
        weight: U256::one(),
        producer: None,
        claims: Claims::default(),
    }
}

/// The same, with an author and a slot.
fn won(number: usize, parents: &[usize], author: u8, slot: u64) -> NewBlock {
    let producer = Some(Producer { slot, author: [author; 32] });
    NewBlock { producer, ..block(number, parents) }
}

fn insert(dag: &mut Dag, number: usize, parents: &[usize]) -> Result<(), DagError> {
    dag.insert(&block(number, parents))
}

/// Inserts a chain of blocks with these numbers on top of another block.
fn chain(dag: &mut Dag, on: usize, numbers: std::ops::Range<usize>) {
    let mut parent = on;
    for number in numbers {
        insert(dag, number, &[parent]).unwrap();
        parent = number;
    }
}
