//! Locators and pages of headers, for whoever has a [`Dag`].

use citrate_core::{H256, Header};
use citrate_dag::ghostdag::Dag;
use codec::Encode;

use crate::wire::{HeaderPage, LOCATOR_MAX, TIPS_MAX};

/// So many blocks of a locator follow on each other; after that each step is twice the one before.
const DENSE: u64 = 8;

/// Blocks of the selected chain: the sink, then ever fewer, the lowest one that is here last.
pub fn locator(dag: &Dag) -> Vec<H256> {
    let number_of = |hash: &H256| dag.block(hash).map_or(0, |block| block.number);
    let (lowest, top) = (dag.pruning_point(), number_of(&dag.sink()));
    let bottom = number_of(&lowest);
    let mut hashes = Vec::new();
    let (mut number, mut step) = (top, 1u64);
    while number > bottom && hashes.len() + 1 < LOCATOR_MAX {
        hashes.extend(dag.chain_block(number));
        if top - number >= DENSE {
            step = step.saturating_mul(2);
        }
        number = number.saturating_sub(step);
    }
    hashes.push(lowest);
    hashes
}

/// Blocks that no other names as a parent, those of the greatest order first, at most as many as a status
/// holds: what is old and was never merged is of no interest.
pub fn tips(dag: &Dag) -> Vec<H256> {
    let mut orders: Vec<_> = dag.tips().iter().filter_map(|tip| dag.order(tip)).collect();
    orders.sort_unstable();
    orders.into_iter().rev().map(|order| order.hash).take(TIPS_MAX).collect()
}

/// The headers that follow on the first block of the locator that is on the selected chain: for each
/// chain block what it merges, in consensus order, then itself. Ends before the chain block that would
/// bring it over `count_max`, and after the one that brings it over `bytes_max`; but one
/// chain block is always there, if any follows.
pub fn page(
    dag: &Dag,
    locator: &[H256],
    count_max: usize,
    bytes_max: usize,
    header: impl Fn(&H256) -> Option<Header>,
) -> HeaderPage {
    let sink = dag.sink();
    let common = locator.iter().find(|hash| dag.is_chain_ancestor(hash, &sink)).copied();
    let start = common.and_then(|hash| dag.block(&hash)).map(|block| block.number);
    let mut headers: Vec<Header> = Vec::new();
    let mut bytes = 0usize;
    let numbers = start.map(|start| start.saturating_add(1)..).into_iter().flatten();
    for block in numbers.map_while(|number| dag.chain_block(number)) {
        // The first is the selected parent.
        let merged = dag.consensus_order(&block).into_iter().skip(1).chain([block]);
        // A header that is missing breaks the chain of parents.
        let Some(segment) = merged.map(|hash| header(&hash)).collect::<Option<Vec<_>>>() else {
            break;
        };
        if !headers.is_empty() && headers.len() + segment.len() > count_max {
            break;
        }
        bytes += segment.iter().map(Encode::encoded_size).sum::<usize>();
        headers.extend(segment);
        if bytes >= bytes_max {
            break;
        }
    }
    HeaderPage { common, headers }
}
