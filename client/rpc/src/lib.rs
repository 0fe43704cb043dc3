//! JSON-RPC over HTTP and WebSocket: Substrate's legacy methods, the new spec, and ours.
//!
//! One module per namespace; each registers its methods with their aliases, their policy (safe, or
//! unsafe: only for the operator) and a plain function. Parameters are read leniently, as the known
//! clients need it (`params`); error codes and texts are Substrate's (`error`).
//!
//! Invariants: nothing that a client sends makes the node panic or use unbounded memory (requests,
//! responses, batches, connections, subscriptions, buffers and running calls have limits, see
//! [`RpcConfig`]); calls that touch the disk or the runtime run on the blocking pool; a
//! subscriber that does not read is dropped with an error; no method changes the state but
//! through the transaction pool.

mod archive;
mod author;
mod backend;
mod chain;
mod chain_head;
mod config;
mod context;
mod dag;
mod deps;
mod error;
mod feed;
mod grandpa;
mod inference;
mod local;
mod log;
mod order;
mod origin;
mod params;
mod query;
mod rate;
mod registry;
mod server;
mod state;
mod system;
mod transaction;
mod weight;

#[cfg(test)]
mod tests;

pub use backend::{Backend, BackendError, NodeBackend};
pub use config::{ChainHeadLimits, Cors, MethodPolicy, RpcConfig};
pub use deps::{
    ArtifactError, ArtifactSource, ArtifactState, ChainInfo, FinalitySource, NetworkInfo,
    NoNetwork, PeerSummary, SyncSummary,
};
pub use local::{LocalAnswer, LocalRpc};
pub use log::LogFilter;
pub use server::{RpcDeps, RpcError, RpcHandle, RpcServer};
