//! Transactions on their way into the pool, and out of it into a payload.
//!
//! `txpool/submit`: a signed transfer is validated by the runtime in WASM and taken; beside the runtime's
//! verdict alone. `txpool/import`: the pool without the runtime. `txpool/ready`: what an author asks at
//! every slot, of a full pool. `txpool/best`: what a new block costs a full pool.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use citrate_benches::{Bench, DevChain, Side, timed};
use citrate_chain::Chain;
use citrate_core::{H256, OpaqueExtrinsic, TransactionSource, ValidTransaction};
use citrate_txpool::{BestUpdate, Pool, PoolConfig, TxPool};

/// Transfers that are submitted before the pool is emptied.
const SUBMITTED: u32 = 200;
/// Transactions in a full pool, and their senders.
const FULL: (u32, u32) = (8_192, 128);

/// Runs the benches of the pool.
pub(crate) fn run(bench: &mut Bench, target: &Path) -> Result<()> {
    if bench.wants("txpool/submit") {
        let count = if bench.is_trial() { 2 } else { SUBMITTED };
        submit(bench, DevChain::new(target, count)?, count)?;
    }
    if bench.wants("txpool") {
        core(bench);
    }
    Ok(())
}

fn submit(bench: &mut Bench, mut chain: DevChain, count: u32) -> Result<()> {
    let transfers = chain.transfers(usize::try_from(count)?)?;
    let source = TransactionSource::External;
    let mut ours = |times: u64| {
        let mut took = Duration::ZERO;
        let mut left = times;
        while left > 0 {
            let api = Arc::<Chain>::clone(&chain.chain);
            let pool = TxPool::new(api, PoolConfig::default());
            let some: Vec<_> = transfers.iter().zip(0..left).map(|(tx, _)| tx.clone()).collect();
            left -= some.len() as u64;
            let begun = Instant::now();
            for transfer in some {
                pool.submit(source, transfer).expect("it is valid");
            }
            took += begun.elapsed();
        }
        took
    };
    let best = chain.chain.best().hash;
    let mut next = transfers.iter().cycle();
    let mut verdict = timed(|| {
        let transfer = next.next().expect("it goes round");
        let verdict = chain.chain.validate(&best, source, transfer).expect("the runtime answers");
        verdict.expect("it is valid")
    });
    let (ours, verdict) = (Side::new("pool", &mut ours), Side::new("verdict alone", &mut verdict));
    bench.duel("txpool/submit", (1, "transfers"), ours, verdict);
    Ok(())
}

/// A transaction as the runtime describes a transfer.
fn transaction(number: u32) -> (H256, OpaqueExtrinsic, ValidTransaction) {
    let (_, senders) = FULL;
    let (sender, nonce) = (number % senders, number / senders);
    let tag =
        |nonce: u32| [[5; 28].as_slice(), &sender.to_le_bytes(), &nonce.to_le_bytes()].concat();
    let mut bytes = vec![7; 140];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    let extrinsic = OpaqueExtrinsic(bytes);
    let valid = ValidTransaction {
        // Tips differ, so that the order is not the order of arrival.
        priority: u64::from(number.wrapping_mul(2_654_435_761) >> 16),
        requires: nonce.checked_sub(1).map(tag).into_iter().collect(),
        provides: vec![tag(nonce)],
        longevity: 64,
        propagate: true,
    };
    (extrinsic.hash(), extrinsic, valid)
}

fn fill(pool: &mut Pool, transactions: Vec<(H256, OpaqueExtrinsic, ValidTransaction)>) {
    for (hash, extrinsic, valid) in transactions {
        let source = TransactionSource::External;
        pool.import(hash, extrinsic, source, valid, 1).expect("there is room");
    }
    pool.take_outputs();
}

fn core(bench: &mut Bench) {
    let (count, _) = if bench.is_trial() { (256, 0) } else { FULL };
    let all: Vec<_> = (0..count).map(transaction).collect();
    let mut import = |times: u64| {
        let mut took = Duration::ZERO;
        for _ in 0..times {
            let (mut pool, all) = (Pool::new(PoolConfig::default()), all.clone());
            let begun = Instant::now();
            fill(&mut pool, all);
            took += begun.elapsed();
        }
        took
    };
    let things = (u64::from(count), "transactions");
    bench.solo(&format!("txpool/import/{count}"), things, &mut import);

    let mut pool = Pool::new(PoolConfig::default());
    fill(&mut pool, all);
    assert_eq!(pool.ready().len(), count as usize, "all are ready");
    bench.solo(&format!("txpool/ready/{count}"), things, &mut timed(|| pool.ready()));
    let update = BestUpdate { number: 2, ..BestUpdate::default() };
    let mut best = timed(|| pool.on_best(&update));
    bench.solo(&format!("txpool/best/{count}"), (1, "blocks"), &mut best);
}
