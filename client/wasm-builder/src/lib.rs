//! Builds runtimes to WASM from a build script, cached by the hash of their inputs.
