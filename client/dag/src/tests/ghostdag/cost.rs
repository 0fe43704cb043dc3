use citrate_core::H256;

use super::{block, dag, hash};
use crate::ghostdag::{Dag, DagRules, NewBlock};
use crate::reachability::tests::queries;

/// Questions about ancestors, and intervals written, for each of the last 200 of this many blocks, four
/// in parallel.
fn cost_at(size: usize, k: u16) -> (u64, u64) {
    let rules = DagRules { merge_depth: 100, ..super::unlimited(k) };
    let mut dag: Dag = dag(rules);
    let mut layers: Vec<Vec<H256>> = vec![vec![hash(0)]];
    let mut measured = None;
    for number in 1..=size {
        if number + 200 == size {
            measured = Some((queries(), dag.reachability().rewritten()));
        }
        // Each block sees the layer before its own.
        if number % 4 == 1 {
            layers.push(Vec::new());
        }
        let parents = layers[layers.len() - 2].clone();
        dag.insert(&NewBlock { parents, ..block(number, &[]) }).unwrap();
        layers.last_mut().unwrap().push(hash(number));
    }
    let (asked, written) = measured.unwrap();
    ((queries() - asked) / 200, (dag.reachability().rewritten() - written) / 200)
}

#[test]
fn inserting_costs_time_in_the_mergeset_and_not_in_the_dag() {
    for k in [3, 18] {
        let (small, _) = cost_at(600, k);
        let (large, written) = cost_at(6_000, k);
        assert!(small > 10, "something is counted: {small}");
        assert!(large <= small + small / 10, "{small} queries a block at first, {large} later");
        assert!(written < 40, "{written} intervals written for each block");
    }
}
