//! A node elsewhere: its RPC, its runtime's calls and events, and transactions to it.

mod events;
mod metadata;
mod node;
mod transaction;

pub(crate) use events::{Event, all_events, events_key};
pub(crate) use metadata::Runtime;
pub(crate) use node::Node;
pub(crate) use transaction::Signer;
