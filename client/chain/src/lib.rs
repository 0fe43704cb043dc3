//! The imported chain: blocks, states, runtime calls, import and events.
//!
//! [`Chain`] joins the DAG of `citrate-dag`, the runtime (through a [`Machine`]) and the database.
//! A block of the DAG is a header and a payload. The payload is not executed by its own block but by
//! the block that merges it. Importing a block puts it in the DAG; it is executed once a chain through
//! it could be the selected one. Executing it means to derive its *accepted list* from the payloads that
//! it merges, on its selected parent's state, and to compare the outcome with what the header says.
//! Building a block derives the same list with the same code ([`Chain::build`]).
//!
//! - A block that breaks a rule is invalid: nothing of it is kept ([`ImportError::is_invalid`]).
//! - A header that claims another outcome than the derived one is *disqualified from the chain*: the
//!   block is kept, because others may merge its payload, but it is never executed on and is nobody's
//!   selected parent ([`BlockStatus::Disqualified`]).
//! - The header and its accepted list are an ordinary Substrate block: `Core_execute_block` agrees.
//!
//! Calls are synchronous and may run for as long as the runtime does; async callers use a
//! blocking thread. Imports are one at a time, reads go on beside them.

mod accepted;
mod calls;
mod chain;
mod code;
mod dag;
mod error;
mod event;
mod execute;
mod genesis;
mod import;
mod judge;
mod machine;
mod pool;
mod prune;
mod records;
mod select;
mod sync;
#[cfg(any(test, feature = "test-utils"))]
pub mod testing;
mod warp;
mod wasm;

pub use accepted::{AcceptedTransaction, BlockTransactions};
pub use chain::{Chain, ChainConfig};
pub use citrate_db::{BlockRef, TxRecord, TxStatus};
pub use dag::{MergedInfo, Place};
pub use error::{BuildError, ChainError, ImportError, RuntimeError};
pub use event::ChainEvent;
pub use execute::{BuildInput, Built};
pub use genesis::GenesisState;
pub use import::{BlockStatus, Imported};
pub use machine::{Code, Machine, Purpose};
pub use select::Mismatch;

#[cfg(test)]
mod tests;
