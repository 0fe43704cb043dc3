//! What the command line says of runtimes.

use crate::args::RemoteArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// A runtime is named by its file, or by the URL of a node whose chain runs it.
#[derive(Subcommand, Debug)]
pub(crate) enum RuntimeCommand {
    /// Build a runtime to WebAssembly; prints the file's path. It is the same wherever it is built.
    Build {
        /// The manifest of the runtime's crate.
        #[arg(default_value = "runtime/Cargo.toml")]
        manifest: PathBuf,
        /// Cargo features, separated by commas: `try-runtime` for a trial of an upgrade.
        #[arg(long, value_delimiter = ',')]
        features: Vec<String>,
        /// For development: after a change only what changed is compiled, but the file is larger and slower, and not the
        /// same elsewhere.
        #[arg(long)]
        dev: bool,
        /// Cargo's target folder.
        #[arg(
            long,
            value_name = "PATH",
            default_value = "target",
            env = "CARGO_TARGET_DIR",
            hide_env_values = true
        )]
        target_dir: PathBuf,
    },
    /// Print a runtime's version, hash, size and pallets.
    Info {
        /// The runtime: a file, or a node's URL.
        runtime: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print what clients and the state can see of a runtime, to be kept of each release.
    Snapshot {
        /// The runtime: a file, or a node's URL.
        runtime: String,
    },
    /// Compare what clients and the state can see of two runtimes: pallets, calls, storage, constants.
    Diff {
        /// The one that a chain runs: a file, a node's URL, a snapshot, or a folder of snapshots of which the
        /// newest counts.
        old: String,
        /// The one that it is to run.
        new: String,
        /// Fail if an upgrade from the one to the other lacks a version, of the runtime, of transactions, of a
        /// pallet's storage, or a migration to a version.
        #[arg(long)]
        check: bool,
    },
    /// Tell whether a chain runs this runtime.
    Verify {
        /// The runtime: a file that was built from the source.
        runtime: String,
        /// URL of a node's JSON-RPC.
        chain: String,
        /// Seconds to wait until the chain does.
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        wait: u32,
    },
    /// Install a runtime on a running chain, as its sudo key.
    Upgrade {
        #[command(flatten)]
        remote: RemoteArgs,
        /// The runtime's file.
        runtime: String,
        /// Its off-chain worker's file, for a chain that has one.
        #[arg(long, value_name = "FILE")]
        worker: Option<String>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct TryUpgradeArgs {
    /// The new runtime's file; built with the feature `try-runtime`, its own checks are made too.
    pub(crate) runtime: String,
    /// URL of a node's JSON-RPC.
    #[arg(
        long,
        visible_alias = "ws",
        value_name = "URL",
        default_value = "http://127.0.0.1:9944",
        env = "CITRATE_NODE"
    )]
    pub(crate) node: String,
    /// Blocks without transactions that migrations may take; more is a failure.
    #[arg(long, value_name = "BLOCKS", default_value_t = 10_000)]
    pub(crate) blocks: u32,
    /// Block whose state is taken [default: the last final one].
    #[arg(long, value_name = "HASH")]
    pub(crate) at: Option<citrate_core::H256>,
}
