//! Runs runtimes in wasmtime: pooled instances, cached modules, limits on every call.
