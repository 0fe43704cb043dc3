//! `citrate runtime` and `citrate try-upgrade`: what a runtime is, how two differ, and whether a chain can go from one to the
//! other.

mod blob;
mod diff;
mod migrate;
mod schema;
mod state;
mod upgrade;

use crate::{Distribution, args::RuntimeCommand, output};
use anyhow::{Result, bail};
use blob::Blob;
use citrate_executor::Executor;

pub(crate) use migrate::try_upgrade;

/// `citrate runtime`.
pub(crate) fn execute(command: &RuntimeCommand, distribution: &Distribution) -> Result<()> {
    let executor = Executor::new(&distribution.executor())?;
    match command {
        RuntimeCommand::Info { runtime, json } => {
            let facts = Blob::load(runtime)?.facts(&executor)?;
            if *json {
                output::line(&serde_json::to_string_pretty(&facts.json())?);
            } else {
                facts.lines().iter().for_each(|line| output::line(line));
            }
            Ok(())
        }
        RuntimeCommand::Diff { old, new, check } => {
            let (old, new) = (Blob::load(old)?, Blob::load(new)?);
            let difference =
                diff::compare(&old.facts(&executor)?.surface, &new.facts(&executor)?.surface);
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
        RuntimeCommand::Verify { runtime, chain } => {
            let (given, on_chain) = (Blob::load(runtime)?, Blob::load(chain)?);
            if given.module()? != on_chain.module()? {
                bail!(
                    "{runtime} is not what {chain} runs: {:?} and {:?}",
                    given.hash(),
                    on_chain.hash()
                );
            }
            output::line(&format!("{runtime} is what {chain} runs: {:?}", on_chain.hash()));
            Ok(())
        }
        RuntimeCommand::Upgrade { remote, runtime, worker } => {
            upgrade::upgrade(remote, runtime, worker.as_deref(), &executor)
        }
    }
}
