//! Transactions that wait to be included, ordered by tags and priority, within limits.
//!
//! [`Pool`] is the sans-IO core: validated transactions, block updates and removals go in,
//! status changes come out. It knows no clock, no runtime and no thread: time is counted in block
//! numbers, and whoever drives it supplies the verdicts of the runtime.
//! [`TxPool`] is the thin shared wrapper that asks the runtime (through [`PoolApi`]) and hands
//! status changes to the streams of those who watch.
//!
//! A transaction is *ready* when every tag that it requires is provided by another ready
//! transaction or by the chain, and *future* otherwise.
//! With deferred execution a transaction first sits in the payload of a block and is executed by
//! the block that merges it. In between it stays in the pool, marked *in flight*: it still provides
//! its tags, but nobody proposes it again.
//!
//! [`propose`] fills a payload from the ready transactions, with what the author's [`Lane`] holds and what has
//! waited.
//!
//! Invariants (each has a property test): the limits hold after every operation; the order of
//! ready transactions respects their tags; no tag is provided twice; no transaction leaves
//! without a final or retractable status.

mod bans;
mod config;
mod doubts;
mod error;
mod future;
mod lane;
mod pool;
mod propose;
mod ready;
mod shared;
mod tx;

pub use config::{Limit, PoolConfig};
pub use error::PoolError;
pub use lane::Lane;
pub use pool::{AcceptedTx, BestUpdate, BlockTxs, Output, Pool, PoolStatus};
pub use propose::propose;
pub use shared::{PoolApi, TxPool, WatchStream};
pub use tx::{PoolTx, Tag, TxStatus};

#[cfg(test)]
mod tests;
