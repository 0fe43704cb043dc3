//! The `citrate` command: run a node, manage keys, chain specs, artifacts and jobs.

mod args;
mod artifact;
mod ask;
mod blocks;
mod key;
mod market;
mod output;
mod paths;
mod remote;
mod run;
mod spec;

use anyhow::Result;
use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match execute(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::fail(&error);
            ExitCode::FAILURE
        }
    }
}

fn execute(cli: Cli) -> Result<()> {
    match cli.command {
        None => run::run(cli.run),
        Some(Command::BuildSpec(args)) => spec::build(&args),
        Some(Command::Key { command }) => key::execute(command),
        Some(Command::PurgeChain(args)) => blocks::purge(&args),
        Some(Command::ExportBlocks(args)) => blocks::export(&args),
        Some(Command::ImportBlocks(args)) => blocks::import(&args),
        Some(Command::Artifact { base, quota, command }) => {
            artifact::execute(&base, quota, command)
        }
        Some(Command::Model { remote, command }) => market::model(&remote, command),
        Some(Command::Provider { remote, command }) => market::provider(&remote, command),
        Some(Command::Referee { limits, command }) => market::referee(&limits, command),
        Some(Command::Infer(args)) => market::infer(&args),
        Some(Command::Attestation(args)) => market::attestation(&args),
        Some(Command::Demo(args)) => market::demo(&args),
    }
}
