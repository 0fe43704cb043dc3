//! Builds runtimes to WASM from a build script, cached by the hash of their inputs.
//!
//! A runtime crate (`crate-type = ["cdylib", ..]`) becomes one blob per set of features: without
//! any it is `:code`, with `worker` it is `:worker` (design section 7). The target is
//! `wasm32v1-none`, which keeps to the features that every Polkadot client's WASM engine has. A
//! blob is rebuilt only when its inputs changed: sources of the runtime and of every local crate
//! that it depends on, the lock file, the features and the compiler.
//!
//! ```no_run
//! let blob = citrate_wasm_builder::WasmBuilder::new("../../runtime/Cargo.toml")
//!     .feature("worker")
//!     .build()?;
//! println!("cargo::rustc-env=WORKER_WASM={}", blob.compressed.display());
//! # Ok::<(), citrate_wasm_builder::BuildError>(())
//! ```

mod builder;
mod error;
mod inputs;

pub use builder::{Blob, TARGET, WasmBuilder};
pub use error::BuildError;
