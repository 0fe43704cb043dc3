//! What the command line says of benchmarks.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub(crate) enum BenchmarkCommand {
    /// Measure what the calls of a runtime's pallets take, in WebAssembly and on a database, and write weights.
    Pallet(PalletArgs),
    /// Measure what a read and a write of the state take, for a runtime's `DbWeight`.
    Storage(StorageArgs),
}

/// The database that is measured on.
#[derive(Args, Debug)]
pub(super) struct DatabaseArgs {
    /// Accounts in the state besides the development chain's.
    #[arg(
        long,
        default_value_t = 100_000,
        value_parser = clap::value_parser!(u32).range(0..=10_000_000)
    )]
    pub(super) accounts: u32,
    /// MiB of trie nodes that are cached; with 0, every read goes to the database.
    #[arg(long, value_name = "MIB", default_value_t = 0)]
    pub(super) cache: u16,
    /// Folder of the database, made anew and removed at the end [default: a temporary one].
    #[arg(long, value_name = "PATH")]
    pub(super) base_path: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct StorageArgs {
    /// The runtime's file, whose development chain is the state.
    #[arg(long, value_name = "FILE")]
    pub(super) runtime: String,
    /// Accounts that are read one by one.
    #[arg(
        long,
        default_value_t = 100_000,
        value_parser = clap::value_parser!(u32).range(1..=10_000_000)
    )]
    pub(super) reads: u32,
    /// Accounts that are written in a block.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub(super) writes: u32,
    /// Blocks that write.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) blocks: u32,
    #[command(flatten)]
    pub(super) database: DatabaseArgs,
    /// Print what was measured as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct PalletArgs {
    /// The runtime's file, built with the feature `runtime-benchmarks`.
    #[arg(long, value_name = "FILE")]
    pub(super) runtime: String,
    /// Pallets, separated by commas, by crate or by name in the runtime; `*` is all that have benchmarks.
    #[arg(long, value_delimiter = ',', default_value = "*")]
    pub(super) pallet: Vec<String>,
    /// Benchmarks, separated by commas; `*` is all of a pallet.
    #[arg(long, value_delimiter = ',', default_value = "*")]
    pub(super) extrinsic: Vec<String>,
    /// Values of each component.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub(super) steps: u32,
    /// Runs at each of them, of which the median counts.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) repeat: u32,
    #[command(flatten)]
    pub(super) database: DatabaseArgs,
    /// Rust file to write the weights to.
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Print what was measured as JSON.
    #[arg(long)]
    pub(super) json: bool,
    /// Only run the least and the most of each component, and fail if a call takes more than it says that
    /// it weighs.
    #[arg(long, conflicts_with_all = ["output", "json"])]
    pub(super) check: bool,
}

impl PalletArgs {
    /// The command that repeats the measurement, without what is the machine's own.
    pub(super) fn repeated(&self) -> String {
        let file = std::path::Path::new(&self.runtime).file_name();
        let file = file.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let quoted = |names: &[String]| match names {
            [all] if all == "*" => "'*'".to_owned(),
            names => names.join(","),
        };
        format!(
            "citrate benchmark pallet --runtime {file} --pallet {} --steps {} --repeat {} --accounts {} --cache {}",
            quoted(&self.pallet),
            self.steps,
            self.repeat,
            self.database.accounts,
            self.database.cache
        )
    }
}
