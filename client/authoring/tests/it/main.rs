//! The whole way of a transaction on the chain's own runtime, in WASM.

mod node;
mod runtime;
