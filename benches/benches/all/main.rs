//! All benches in one program, so that one is linked.

mod execution;
mod inference;
mod models;
mod rpc;
mod trie;
mod txpool;

use std::path::Path;

use anyhow::Result;
use citrate_benches::Bench;

fn main() -> Result<()> {
    // The folder where build scripts put the runtime too.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let mut bench = Bench::from_args();
    execution::run(&mut bench, &target)?;
    trie::run(&mut bench)?;
    txpool::run(&mut bench, &target)?;
    rpc::run(&mut bench, &target)?;
    inference::run(&mut bench)?;
    models::run(&mut bench)?;
    bench.finish();
    Ok(())
}
