//! Benches of the node's hot paths, each measured beside a peer where there is one.
//!
//! `cargo bench -p citrate-benches` runs all of them, and `-- NAME` those whose
//! names begin so, such as `execution` or `trie/change/1000`. A [`Bench`] hands each to criterion,
//! which keeps its history. Where there is a peer, both sides are then measured in turns, so that
//! whatever else the machine does falls on both; what counts is the ratio. The last thing printed
//! is a table of all. Run by `cargo test --benches`, everything runs once and nothing is measured.
//!
//! A peer gives the same result from the same input; the benches check that before they measure.
//!
//! [`DevChain`] is the chain that the benches work on: the real runtime in WASM, on a database on
//! disk, with as many funded accounts as wanted.

mod bench;
mod chain;
mod turns;

pub use bench::{Bench, Side};
pub use chain::{DevChain, Executed};
pub use turns::{Comparison, Timed, compare, timed};
