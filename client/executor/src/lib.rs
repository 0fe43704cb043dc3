//! Runs runtimes in wasmtime: pooled instances, cached modules, limits on every call.
//!
//! A call compiles the code once (cached by its hash), takes an instance out of the pool, whose
//! memory is copy-on-write, copies the input into guest memory, and runs the export with the given
//! externalities as the thread's. WebAssembly 1.0 only, NaNs canonical: a result depends on code,
//! input and state alone. Time and memory are bounded; the bounds are a defence, not a rule of
//! consensus, which meters by weight.
//!
//! A blob that executes blocks ([`Profile::Block`]) may import the Polkadot Host's functions only;
//! the inference functions are for workers ([`Profile::Worker`], design section 7).
//!
//! [`MeteredModule`] is for what is no runtime: a module without imports, run on fuel, whose result and cost are the
//! same on every machine.

mod allocator;
mod config;
mod engine;
mod error;
mod instance;
mod metered;
mod module;
mod version;

pub use config::{ExecutorConfig, Limits, Profile, RuntimeCode};
pub use engine::Executor;
pub use error::ExecutorError;
pub use metered::{Compilation, MeteredError, MeteredLimits, MeteredModule, MeteredRun};
