//! The whole way of a transaction on the chain's own runtime, in WASM.

#![expect(clippy::unwrap_used, reason = "tests")]

mod node;
mod runtime;
