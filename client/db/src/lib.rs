//! Blocks, states and journals on disk, safe against a kill at any instruction.
//!
//! [`Db`] keeps what the node knows of its chain: headers, payloads, accepted lists, the tree of
//! selected parents, the selected chain by number, transactions, the nodes of every state that is
//! kept, off-chain storage, and small records of other parts of the node.
//!
//! A write is acknowledged only when it lies in the journal, an append-only file of checksummed
//! frames. parity-db, which holds the tables, queues commits in memory and would lose them with the
//! process; each of its commits therefore carries the number of the frame that it came from, and
//! opening the database replays the frames above the last number that reached the tables. When the
//! journal is full, parity-db is closed (which makes it write everything), opened again and asked
//! for that number, and only then the journal is cut. `docs/design/db.md` has the formats.
//!
//! States share nodes. Each node is stored once with a count of its uses; a block's record holds
//! the nodes that its state added and dropped, so that abandoning a fork or forgetting an old
//! state costs as much as the blocks changed, whatever the size of the state.

mod backend;
mod block;
mod bodies;
mod cache;
mod columns;
mod config;
mod dag;
mod db;
mod error;
mod finalize;
mod journal;
mod offchain;
mod op;
mod row;
mod start;
mod state;
mod store;

pub use backend::remove;
pub use block::{
    BlockCommit, BlockRef, Executed, Finalization, Head, MergedBlock, Route, Skipped, TxRecord,
    TxStatus,
};
pub use config::{DbConfig, Pruning, Sync};
pub use db::Db;
pub use error::DbError;
pub use start::Start;

#[cfg(test)]
mod tests;
