//! Tries many seeds and says what they showed, or measures a large network.

mod measure;

use anyhow::{Result, bail};
use citrate_sim::{Report, Scenario, run};
use clap::{Parser, Subcommand};

use measure::Network;

/// Simulates whole networks from seeds.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// Print every run.
    #[arg(long)]
    each: bool,
}

/// What to do instead of trying seeds.
#[derive(Debug, Subcommand)]
enum Command {
    /// Measures one large network of honest nodes.
    Network(Network),
}

#[expect(clippy::print_stdout, reason = "this is what the program is for")]
fn main() -> Result<()> {
    let Arguments { command, from, seeds, each } = Arguments::parse();
    if let Some(Command::Network(network)) = command {
        println!("{}", network.measure()?);
        return Ok(());
    }
    let mut total = Report::default();
    let mut failed = Vec::new();
    for seed in from..from.saturating_add(seeds) {
        match run(Scenario::random(seed)) {
            Ok(report) => {
                if each {
                    println!("seed {seed}: {report}");
                }
                total.add(&report);
            }
            Err(violation) => {
                println!("seed {seed}: {violation}");
                failed.push(seed);
            }
        }
    }
    println!("{seeds} runs in all: {total}");
    if !failed.is_empty() {
        bail!("{} of {seeds} runs failed: seeds {failed:?}", failed.len());
    }
    Ok(())
}
