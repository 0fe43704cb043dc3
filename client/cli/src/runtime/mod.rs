//! `citrate runtime`, `try-upgrade` and `benchmark`: what a runtime is, how two differ, whether a chain can go from one to the
//! other, and what its calls take.

mod args;
mod benchmark;
mod blob;
mod diff;
mod migrate;
mod schema;
mod snapshot;
mod state;
mod upgrade;
mod walk;

use crate::{Distribution, output};
use anyhow::{Result, bail};
use blob::Blob;
use citrate_executor::Executor;
use citrate_wasm_builder::WasmBuilder;
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

pub(crate) use args::{RuntimeCommand, TryUpgradeArgs};
pub(crate) use benchmark::{BenchmarkCommand, benchmark};
pub(crate) use migrate::try_upgrade;

/// How often a chain is asked while something is waited for.
const POLL: Duration = Duration::from_millis(500);

/// `citrate runtime`.
pub(crate) fn execute(command: &RuntimeCommand, distribution: &Distribution) -> Result<()> {
    let executor = Executor::new(&distribution.executor())?;
    match command {
        RuntimeCommand::Build { manifest, features, dev, target_dir } => {
            let builder = WasmBuilder::new(manifest).target_dir(target_dir).development(*dev);
            let builder = features.iter().fold(builder, |builder, name| builder.feature(name));
            output::line(&builder.build()?.compressed.display().to_string());
            Ok(())
        }
        RuntimeCommand::Info { runtime, json } => {
            let facts = Blob::load(runtime)?.facts(&executor)?;
            if *json {
                output::line(&serde_json::to_string_pretty(&facts.json())?);
            } else {
                facts.lines().iter().for_each(|line| output::line(line));
            }
            Ok(())
        }
        RuntimeCommand::Snapshot { runtime } => {
            let surface = snapshot::surface(runtime, &executor)?;
            output::line(&serde_json::to_string_pretty(&snapshot::json(&surface))?);
            Ok(())
        }
        RuntimeCommand::Diff { old, new, check } => {
            let old = snapshot::surface(old, &executor)?;
            let mut difference = diff::compare(&old, &snapshot::surface(new, &executor)?);
            if *check && difference.problems.is_empty() && !snapshot::is_one(new) {
                difference.problems = migrate::missing(&executor, &old, new)?;
            }
            difference.lines.iter().for_each(|line| output::line(line));
            if difference.lines.is_empty() {
                output::line("no difference that clients or the state could see");
            }
            match &difference.problems[..] {
                [] => Ok(()),
                problems if *check => bail!("{}", problems.join("; ")),
                problems => {
                    problems.iter().for_each(|problem| output::line(&format!("! {problem}")));
                    Ok(())
                }
            }
        }
        RuntimeCommand::Verify { runtime, chain, wait } => {
            verify(runtime, chain, Duration::from_secs(u64::from(*wait)))
        }
        RuntimeCommand::Upgrade { remote, runtime, worker } => {
            upgrade::upgrade(remote, runtime, worker.as_deref(), &executor)
        }
    }
}

/// Compares the modules: one may be compressed and the other not.
fn verify(runtime: &str, chain: &str, patience: Duration) -> Result<()> {
    let given = Blob::load(runtime)?;
    let deadline = Instant::now() + patience;
    loop {
        let on_chain = Blob::load(chain)?;
        let (given_hash, hash) = (given.hash(), on_chain.hash());
        if given.module()? == on_chain.module()? {
            output::line(&format!("{runtime} is what {chain} runs: {hash:?}"));
            return Ok(());
        }
        if Instant::now() >= deadline {
            bail!("{runtime} is not what {chain} runs: {given_hash:?} and {hash:?}");
        }
        sleep(POLL);
    }
}
