//! Executing a block of transfers, each from another account.
//!
//! `execution/block`: `Core_execute_block` in WASM beside the same runtime compiled natively, which is
//! what the sandbox costs. `execution/build`: what an author does, and a node that imports: one
//! call for each transfer, on one overlay, and the state root. `execution/import`: a node takes such blocks from
//! another: header checks, execution, and what goes to disk.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use citrate_api::Block;
use citrate_benches::{Bench, DevChain, Executed, Side, timed};
use citrate_chain::BlockStatus;
use citrate_host::{StateExt, with_externalities};
use citrate_runtime::Executive;
use codec::Encode;

/// Transfers in a block; the last is near what a block may weigh.
const SIZES: [usize; 3] = [10, 100, 500];
/// Blocks that a node imports in a row, and transfers in each.
const IMPORTED: (usize, usize) = (8, 100);

/// Runs the benches of block execution.
pub(crate) fn run(bench: &mut Bench, target: &Path) -> Result<()> {
    if !bench.wants("execution") {
        return Ok(());
    }
    let sizes = if bench.is_trial() { &SIZES[..1] } else { &SIZES[..] };
    let accounts = sizes.iter().copied().max().unwrap_or_default();
    let mut chain = DevChain::new(target, u32::try_from(accounts.max(IMPORTED.1))?)?;
    // First, because the node that imports begins with all blocks before.
    import(bench, &mut chain)?;
    for size in sizes {
        let block = chain.executed(*size)?;
        execute(bench, &chain, &block, *size)?;
        build(bench, &chain, &block, *size)?;
    }
    Ok(())
}

fn execute(bench: &mut Bench, chain: &DevChain, block: &Executed, size: usize) -> Result<()> {
    let Executed { parent, header, body, .. } = block;
    let data = (header, body).encode();
    let state = chain.chain.state_at(parent)?;
    let mut wasm = timed(|| {
        let refused = "the block was accepted before";
        chain.chain.call(parent, "Core_execute_block", &data).expect(refused)
    });
    // Compares the roots in the header, so that both sides come to the same state.
    let mut native = timed(|| {
        let block = Block { header: header.clone(), extrinsics: body.clone() };
        with_externalities(&mut StateExt::new(state.clone()), || Executive::execute_block(block));
    });
    bench.duel(
        &format!("execution/block/{size}"),
        (size as u64, "transfers"),
        Side::new("wasm", &mut wasm),
        Side::new("native", &mut native),
    );
    Ok(())
}

fn build(bench: &mut Bench, chain: &DevChain, block: &Executed, size: usize) -> Result<()> {
    let built = chain.chain.build(block.input.clone())?;
    ensure!(built.header.state_root == block.header.state_root, "building is repeatable");
    let mut build = timed(|| chain.chain.build(block.input.clone()).expect("it was built before"));
    bench.solo(&format!("execution/build/{size}"), (size as u64, "transfers"), &mut build);
    Ok(())
}

fn import(bench: &mut Bench, chain: &mut DevChain) -> Result<()> {
    let (count, size) = if bench.is_trial() { (1, 10) } else { IMPORTED };
    // One that only carries, then those that execute what the one before carries.
    let payload = chain.transfers(size)?;
    chain.extend(payload)?;
    let first = usize::try_from(chain.chain.best().number)? + 1;
    for _ in 0..count {
        let payload = chain.transfers(size)?;
        let block = chain.extend(payload)?;
        let accepted = chain.chain.accepted(&block)?.context("its body")?.len();
        ensure!(accepted == size + 1, "{accepted} of {size} transfers and an inherent");
    }
    let mut import = |times: u64| {
        let mut took = Duration::ZERO;
        for _ in 0..times {
            let (_folder, node) = chain.follower(first).expect("it takes what ours took");
            let blocks = chain.blocks(first).to_vec();
            let begun = Instant::now();
            for (block, now_ms) in blocks {
                let imported = node.import_at(block, now_ms).expect("it takes what ours took");
                assert_eq!(imported.status, BlockStatus::Best);
            }
            took += begun.elapsed();
        }
        took
    };
    let transfers = (count * size) as u64;
    bench.solo(&format!("execution/import/{count}x{size}"), (transfers, "transfers"), &mut import);
    Ok(())
}
