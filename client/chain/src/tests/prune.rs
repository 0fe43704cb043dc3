//! A long chain, of which old blocks are forgotten.

use std::sync::Arc;

use citrate_core::H256;
use citrate_db::{DbConfig, Pruning};
use citrate_sync::SyncChain;

use crate::Chain;
use crate::testing::{balance, block_by, open, transfer};

/// Long enough for the DAG of one author to be pruned.
pub(super) const LENGTH: u32 = 2_300;
const KEEP: u32 = 64;

/// Makes blocks up to a number; every eighth block merges one beside its parent.
pub(super) fn grow(chain: &Chain, to: u32) {
    let mut newest: Vec<H256> = Vec::new();
    while chain.best().number < to {
        let (best, number) = (chain.best(), u64::from(chain.best().number));
        let slot = 10 + number * 2;
        let now_ms = 1_000_000_000;
        // Either of two may be the best one.
        newest.retain(|hash| *hash != best.hash);
        let parents = std::iter::once(best.hash).chain(newest.drain(..)).collect();
        let nonce = u32::try_from(number / 100).unwrap();
        let payload = if number % 100 == 50 { vec![transfer(0, 1, nonce, 0)] } else { vec![] };
        let mut blocks = vec![block_by(0, chain, parents, slot, payload).unwrap()];
        if number % 8 == 0 {
            blocks.push(block_by(0, chain, vec![best.hash], slot + 1, vec![]).unwrap());
        }
        for block in blocks {
            newest.push(chain.import_at(block, now_ms).unwrap().hash);
        }
    }
}

/// The first block with a transaction in its payload.
const CARRIER: u32 = 51;

/// Headers and payloads of what the block of this number was made of.
fn made_of(chain: &Chain, number: u32) -> Option<Vec<H256>> {
    let hash = chain.hash_at(number).unwrap().unwrap();
    let merged = chain.db().merged(&hash).unwrap()?;
    let is_whole = merged.iter().all(|block| {
        chain.header(&block.hash).unwrap().is_some()
            && chain.payload(&block.hash).unwrap().is_some()
    });
    is_whole.then(|| merged.iter().map(|block| block.hash).collect())
}

#[test]
fn a_pruned_node_serves_what_it_says_and_goes_on_after_a_restart_slow() {
    let folder = tempfile::tempdir().unwrap();
    let config = DbConfig { blocks: Pruning::Keep(KEEP), ..DbConfig::on_disk(folder.path()) };
    let open = || open(&config).unwrap();
    let chain: Arc<Chain> = open();
    grow(&chain, 100);
    let early: Vec<H256> = made_of(&chain, 10).unwrap();
    assert_eq!(early.len(), 2, "a block beside the chain");
    let carrier = chain.hash_at(CARRIER).unwrap().unwrap();
    assert_eq!(chain.payload(&carrier).unwrap().unwrap().len(), 1);
    grow(&chain, LENGTH);
    let oldest = chain.status().oldest;
    assert_eq!(oldest, chain.bodies_from());
    assert!(oldest > 100, "{oldest}");
    assert!(oldest <= LENGTH - KEEP);
    let root = chain.with_dag(|dag| dag.block(&dag.pruning_point()).unwrap().number);
    assert!(u64::from(oldest) <= root + 1, "what the DAG needs is kept: {oldest} {root}");
    check(&chain, &early, oldest);
    drop(chain);
    let chain = open();
    assert_eq!(chain.status().oldest, oldest);
    check(&chain, &early, oldest);
    grow(&chain, LENGTH + 40);
    assert_eq!(balance(&chain, &chain.best().hash, 1), 1_000);
    let genesis = chain.genesis_hash();
    assert_eq!(chain.headers_after(&[genesis], 8, usize::MAX).common, None, "not from there on");
}

fn check(chain: &Chain, early: &[H256], oldest: u32) {
    for number in [oldest, oldest + 1, oldest + 200] {
        assert!(made_of(chain, number).is_some(), "block {number}");
    }
    for number in [1, 9, oldest - 1] {
        let hash = chain.hash_at(number).unwrap().unwrap();
        assert!(chain.header(&hash).unwrap().is_some(), "the header of {number}");
        assert_eq!(chain.accepted(&hash).unwrap(), None, "the body of {number}");
        assert!(chain.is_body_pruned(&hash).unwrap());
    }
    assert_eq!(chain.header(&early[1]).unwrap(), None, "the block beside the chain");
    // That a payload is empty stays known with the header.
    let payload = |hash: &H256| chain.payload(hash).unwrap();
    assert_eq!([payload(&early[0]), payload(&early[1])], [Some(Vec::new()), None]);
    assert_eq!(payload(&chain.hash_at(CARRIER).unwrap().unwrap()), None);
    let start = chain.hash_at(oldest - 1).unwrap().unwrap();
    let page = chain.headers_after(&[start], 64, usize::MAX);
    assert_eq!(page.common, Some(start));
    assert!(page.headers.iter().all(|header| chain.payload(&header.hash()).unwrap().is_some()));
    let below = chain.hash_at(oldest - 2).unwrap().unwrap();
    assert_eq!(chain.headers_after(&[below], 64, usize::MAX).common, None);
    let known = chain.transaction(&transfer(0, 1, 0, 0).hash()).unwrap();
    assert_eq!(known, None, "the record of a transaction of block 51");
    let late = chain.transaction(&transfer(0, 1, 22, 0).hash()).unwrap();
    assert!(late.is_some_and(|record| record.accepting_block.is_some()));
}
