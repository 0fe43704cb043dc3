//! Drives the runtime's worker on every block, so that this node serves inference jobs.
//!
//! What a provider does is runtime code: the blob under `:worker` reads the jobs that are assigned to this node's
//! provider keys, runs them through the inference host functions and submits receipts. [`Provider`] calls it after
//! every new best block, on threads of its own, so that neither block production nor import waits for a model.
//!
//! As soon as a call runs a job, another thread looks whether there are more: jobs of one block are run side by side, and
//! the engine may put them together.
//!
//! A block that comes while all threads are busy replaces the one that waits: the worker looks at the state and misses
//! nothing. Its results it writes to the off-chain database before it sends them, so a restart computes none twice.
mod offchain;
mod provider;
mod version;

pub use offchain::NodeOffchain;
pub use provider::{Provider, ProviderConfig, ProviderDeps};
