//! The inference market as its users see it: a node with ONNX Runtime, a real model, and the command.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    reason = "these are tests"
)]

mod artifacts;
mod batch;
mod buy;
mod conformance;
mod disputes;
mod hostile;
mod liar;
mod library;
mod mixed;
mod models;
mod node;
mod redundant;
mod referee;
mod restart;
mod sample;

use std::path::Path;

use node::{Node, args, repository};

/// Magika's content hash, pinned in `scripts/setup.sh` too.
const MAGIKA: &str = "0xfe2d2eb49c5f88a9e0a6c048e15d6ffdf86235519c2afc535044de433169ec8c";
/// The demo's price in the smallest unit: 0.01 CIT.
const PRICE: &str = "10000000000";

/// Runs the demo on the repository's README: Bob's magika, provided by Alice, bought by Charlie.
fn demo(node: &Node, model: &Path) -> String {
    let card = repository().join("scripts/models/magika.json");
    let file = repository().join("README.md");
    node.succeed(args!["demo", "--model", model, "--card", &card, "--file", &file])
}
