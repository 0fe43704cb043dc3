//! Wires the parts of a node together and runs it.
//!
//! [`Node::start`] opens everything that a [`NodeConfig`] names, in order of dependency, and starts
//! the tasks that make it live: pool maintenance, authoring, the provider of inference, RPC. The
//! parts know nothing of each other's threads; tokio lives here and in the RPC server only, and
//! whatever may block runs on its blocking pool.
//!
//! A chain has a folder of its own: `<base>/chains/<id>/{db,keystore,network}`; artifacts lie in
//! `<base>/artifacts` and are shared by chains. Without a base folder everything is forgotten at
//! the end.
//!
//! Invariant: [`Node::stop`] takes a bounded time, and what was acknowledged to anybody (an imported
//! block, a stored artifact, an inserted key) survives it, as it survives the process being killed.

mod artifacts;
mod authoring;
mod chain;
mod config;
mod error;
mod folders;
mod identity;
mod inference;
mod informant;
mod judging;
mod keys;
mod network;
mod node;
mod pool;
mod rpc;
mod tasks;

#[cfg(test)]
mod tests;

pub use authoring::Authoring;
pub use chain::{open_chain, remove_database};
pub use citrate_chain_spec::{ChainSpec, ChainType};
pub use citrate_db::{Pruning, Sync};
pub use citrate_executor::ExecutorConfig;
pub use citrate_inference::{DeviceChoice, EngineConfig};
pub use citrate_network::{Multiaddr, MultiaddrWithPeerId, ReservedOnly, Scope};
pub use citrate_rpc::{ChainHeadLimits, Cors, LogFilter, MethodPolicy, RpcConfig};
pub use citrate_txpool::{Limit, PoolConfig};
pub use config::{DatabaseConfig, InferenceConfig, KeysConfig, NodeConfig, Secret, SyncMode};
pub use error::ServiceError;
pub use folders::Folders;
pub use network::NetworkOptions;
pub use node::Node;
