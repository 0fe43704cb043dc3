//! Nodes on the real runtime, as WASM.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../../src/tests/network.rs"]
mod network;
mod voter;
