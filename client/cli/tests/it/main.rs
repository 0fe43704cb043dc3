//! The `citrate` command as its users run it: real processes, real signals, real disks.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    clippy::needless_pass_by_value,
    reason = "tests"
)]

mod artifact;
mod benchmark;
mod blocks;
mod command;
mod failures;
mod help;
mod input;
mod key;
mod kill;
mod market;
mod net;
mod netlab;
mod node;
mod runtime;
mod signals;
mod spec;
mod testnet;
mod transaction;
mod websocket;
