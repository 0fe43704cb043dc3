//! The `citrate` command: run a node, manage keys, chain specs, artifacts and jobs.
//!
//! A chain of your own gets all of it under its own name: [`run`] takes a [`Distribution`], which says what the
//! built-in chains `dev` and `local` run. With `default-features = false` the Citrate chain's runtime is not built.

mod args;
mod artifact;
mod ask;
mod blocks;
mod distribution;
mod key;
mod market;
mod new;
mod output;
mod paths;
mod remote;
mod runtime;
mod spec;
mod start;
mod testnet;

pub use distribution::{Distribution, Token};
pub use testnet::TestNet;

use anyhow::Result;
use args::{Cli, Command};
use clap::{CommandFactory, FromArgMatches};
use std::process::ExitCode;

/// The system's allocator keeps for each thread what it has freed: after minutes under load that was half of a node's memory.
#[cfg(all(feature = "jemalloc", not(target_env = "msvc")))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Does what the command line says, for a chain of this distribution.
pub fn run(distribution: &Distribution) -> ExitCode {
    let command = Cli::command().name(distribution.name).version(distribution.version);
    let matches = command.get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match execute(cli, distribution) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::fail(&error);
            ExitCode::FAILURE
        }
    }
}

fn execute(cli: Cli, distribution: &Distribution) -> Result<()> {
    match cli.command {
        None => start::run(cli.run, distribution),
        Some(Command::New(args)) => new::new(&args),
        Some(Command::BuildSpec(args)) => spec::build(&args, distribution),
        Some(Command::Key { command }) => key::execute(command, distribution),
        Some(Command::Runtime { command }) => runtime::execute(&command, distribution),
        Some(Command::TryUpgrade(args)) => runtime::try_upgrade(&args, distribution),
        Some(Command::Benchmark { command }) => runtime::benchmark(&command, distribution),
        Some(Command::PurgeChain(args)) => blocks::purge(&args, distribution),
        Some(Command::ExportBlocks(args)) => blocks::export(&args, distribution),
        Some(Command::ImportBlocks(args)) => blocks::import(&args, distribution),
        Some(Command::Artifact { base, quota, command }) => {
            artifact::execute(&base, quota, command, distribution)
        }
        Some(Command::Model { remote, command }) => market::model(&remote, command),
        Some(Command::Provider { remote, command }) => market::provider(&remote, command),
        Some(Command::Referee { limits, command }) => market::referee(&limits, command),
        Some(Command::Infer(args)) => market::infer(&args),
        Some(Command::Attestation(args)) => market::attestation(&args),
        Some(Command::Demo(args)) => market::demo(&args),
    }
}
