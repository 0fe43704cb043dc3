//! Random operations, and after each of them everything that must hold.

use std::collections::{BTreeMap, BTreeSet};

use citrate_core::{H256, InvalidTransaction, TransactionValidityError, ValidTransaction};
use proptest::prelude::*;

use super::{block, config, extrinsic, hash, import_at, valid};
use crate::{AcceptedTx, BestUpdate, BlockTxs, Pool, TxStatus};

#[derive(Clone, Debug)]
enum Op {
    Import { id: u8, priority: u64, requires: Vec<u8>, provides: Vec<u8>, longevity: u64 },
    Remove { id: u8 },
    Block { payload: Vec<u8>, skip: bool },
    Retract,
    Finalize,
    Revalidate { id: u8, requires: Vec<u8>, provides: Vec<u8>, ok: bool },
}

fn tags() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0u8..10, 0..3)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0u8..40, 0u64..6, tags(), tags(), 1u64..12).prop_map(
            |(id, priority, requires, provides, longevity)| Op::Import {
                id, priority, requires, provides, longevity
            }
        ),
        1 => (0u8..40).prop_map(|id| Op::Remove { id }),
        3 => (prop::collection::vec(0u8..40, 0..4), any::<bool>())
            .prop_map(|(payload, skip)| Op::Block { payload, skip }),
        1 => Just(Op::Retract),
        1 => Just(Op::Finalize),
        2 => (0u8..40, tags(), tags(), any::<bool>())
            .prop_map(|(id, requires, provides, ok)| Op::Revalidate { id, requires, provides, ok }),
    ]
}

fn verdict(priority: u64, requires: &[u8], provides: &[u8], longevity: u64) -> ValidTransaction {
    let requires: Vec<&[u8]> = requires.iter().map(std::slice::from_ref).collect();
    let provides: Vec<&[u8]> = provides.iter().map(std::slice::from_ref).collect();
    ValidTransaction { longevity, ..valid(priority, &requires, &provides) }
}

/// Who is in the pool, by the statuses alone.
#[derive(Default)]
struct Watcher {
    inside: BTreeSet<H256>,
}

impl Watcher {
    fn see(&mut self, pool: &mut Pool) {
        for output in pool.take_outputs() {
            match output.status {
                TxStatus::Future | TxStatus::Ready => {
                    self.inside.insert(output.hash);
                }
                // These speak of a block that accepted the transaction, so it has left already.
                TxStatus::Broadcast(_)
                | TxStatus::Retracted(_)
                | TxStatus::FinalityTimeout(_)
                | TxStatus::Finalized { .. } => {}
                TxStatus::InBlock { .. }
                | TxStatus::Usurped(_)
                | TxStatus::Dropped
                | TxStatus::Invalid => {
                    self.inside.remove(&output.hash);
                }
            }
        }
    }
}

fn check(pool: &Pool, watcher: &Watcher) {
    let (status, limits) = (pool.status(), config());
    assert!(!limits.ready.is_exceeded(status.ready, status.ready_bytes), "{status:?}");
    assert!(!limits.future.is_exceeded(status.future, status.future_bytes), "{status:?}");
    assert!(status.banned <= limits.bans_max);

    let pending = pool.pending();
    assert_eq!(pending.len(), status.ready, "every ready transaction is in the order once");
    let mut providers = BTreeMap::new();
    for tx in &pending {
        for tag in &tx.provides {
            assert_eq!(providers.insert(tag.clone(), tx.hash), None, "a tag is provided twice");
        }
    }
    let mut done = BTreeSet::new();
    for tx in &pending {
        for tag in &tx.requires {
            let provider = providers.get(tag);
            assert!(provider.is_none_or(|hash| done.contains(hash)), "before what it requires");
        }
        done.insert(tx.hash);
    }
    let free: BTreeSet<H256> = pool.ready().iter().map(|tx| tx.hash).collect();
    let expected: BTreeSet<H256> =
        pending.iter().map(|tx| tx.hash).filter(|hash| !pool.is_in_flight(hash)).collect();
    assert_eq!(free, expected);
    for tx in pool.future() {
        assert!(!tx.requires.is_empty());
        let satisfied = tx.requires.iter().all(|tag| providers.contains_key(tag));
        assert!(!satisfied, "a future transaction waits for nothing");
    }

    let doubtful = pool.doubtful(u32::MAX);
    let bytes: usize = doubtful.iter().map(|(_, extrinsic)| extrinsic.0.len()).sum();
    assert_eq!((doubtful.len(), bytes), (status.doubtful, status.doubtful_bytes));
    let doubtful = doubtful.into_iter().map(|(hash, _)| hash);
    assert!(!limits.doubts.is_exceeded(status.doubtful, status.doubtful_bytes));
    let inside: BTreeSet<H256> =
        pending.iter().chain(&pool.future()).map(|tx| tx.hash).chain(doubtful).collect();
    assert_eq!(inside, watcher.inside, "nothing comes or goes without a status");
}

fn accept(chain: &[BlockTxs], skip: bool) -> (Vec<AcceptedTx>, Vec<H256>) {
    let Some(parent) = chain.last() else { return (vec![], vec![]) };
    let ids: Vec<u8> = (0..40).filter(|id| parent.payload.contains(&hash(*id))).collect();
    let mut accepted = vec![];
    let mut skipped = vec![];
    for (index, id) in ids.into_iter().enumerate() {
        let hash = hash(id);
        if skip && index % 2 == 0 {
            skipped.push(hash);
        } else {
            let index = u32::try_from(index).unwrap();
            accepted.push(AcceptedTx { hash, index, extrinsic: extrinsic(id) });
        }
    }
    (accepted, skipped)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn invariants_hold_after_every_operation(ops in prop::collection::vec(op(), 1..80)) {
        let mut pool = Pool::new(config());
        let mut watcher = Watcher::default();
        let mut chain: Vec<BlockTxs> = vec![];
        let mut finalized = 0;
        let mut blocks = 0u8;
        for op in ops {
            let number = u32::try_from(chain.len()).unwrap();
            match op {
                Op::Import { id, priority, requires, provides, longevity } => {
                    let valid = verdict(priority, &requires, &provides, longevity);
                    let known = pool.contains(&hash(id));
                    let taken = import_at(&mut pool, id, valid, number);
                    prop_assert_eq!(taken.is_ok() || known, pool.contains(&hash(id)));
                }
                Op::Remove { id } => {
                    pool.remove(&hash(id));
                }
                Op::Block { payload, skip } => {
                    blocks = blocks.wrapping_add(1);
                    let (accepted, skipped) = accept(&chain, skip);
                    let payload: BTreeSet<H256> = payload.into_iter().map(hash).collect();
                    let new = BlockTxs {
                        hash: block(blocks),
                        number: number + 1,
                        payload: payload.into_iter().collect(),
                        accepted,
                        skipped,
                    };
                    chain.push(new.clone());
                    pool.on_best(&BestUpdate { number: number + 1, retracted: vec![], enacted: vec![new] });
                }
                Op::Retract if chain.len() > finalized => {
                    let old = chain.pop().unwrap();
                    let doubtful = pool.doubtful(u32::MAX);
                    let mut back: BTreeSet<H256> = old.accepted.iter().map(|tx| tx.hash).collect();
                    back.extend(doubtful.iter().map(|(hash, _)| *hash));
                    let update =
                        BestUpdate { number: number - 1, retracted: vec![old], enacted: vec![] };
                    let orphaned: BTreeSet<H256> =
                        pool.on_best(&update).iter().map(citrate_core::OpaqueExtrinsic::hash).collect();
                    prop_assert_eq!(back, orphaned);
                    for (hash, extrinsic) in doubtful {
                        pool.doubt(hash, extrinsic);
                    }
                }
                Op::Retract => {}
                Op::Finalize => {
                    finalized = chain.len();
                    let hashes: Vec<H256> = chain.iter().map(|block| block.hash).collect();
                    pool.on_finalized(&hashes);
                    for (hash, _) in pool.doubtful(number) {
                        pool.exclude(&hash);
                    }
                }
                Op::Revalidate { id, requires, provides, ok } => {
                    let stale = TransactionValidityError::Invalid(InvalidTransaction::Stale);
                    let valid = verdict(3, &requires, &provides, 20);
                    pool.revalidated(&hash(id), if ok { Ok(valid) } else { Err(stale) }, number);
                }
            }
            watcher.see(&mut pool);
            check(&pool, &watcher);
        }
        let flying: BTreeSet<H256> = chain.last().into_iter().flat_map(|b| b.payload.clone()).collect();
        prop_assert_eq!(flying.len(), pool.status().in_flight, "only the last payload is in flight");
    }
}
