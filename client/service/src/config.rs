//! What an operator may set.

use std::fmt;
use std::path::PathBuf;

use citrate_chain_spec::ChainSpec;
use citrate_db::{Pruning, Sync};
use citrate_executor::ExecutorConfig;
use citrate_inference::EngineConfig;
use citrate_rpc::RpcConfig;
use citrate_txpool::PoolConfig;
use zeroize::Zeroizing;

use crate::authoring::Authoring;
use crate::network::NetworkOptions;

/// How a node is run: plain data, every field with a default but the chain.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// The node's implementation, as RPC tells it.
    pub impl_name: String,
    /// The implementation's version.
    pub impl_version: String,
    /// The chain.
    pub chain_spec: ChainSpec,
    /// Where everything is kept; without it the node forgets everything at its end.
    pub base_path: Option<PathBuf>,
    /// The database.
    pub database: DatabaseConfig,
    /// The keystore.
    pub keys: KeysConfig,
    /// Limits of the transaction pool.
    pub pool: PoolConfig,
    /// The RPC server.
    pub rpc: RpcConfig,
    /// Limits of the WASM executor.
    pub executor: ExecutorConfig,
    /// Models and jobs.
    pub inference: InferenceConfig,
    /// How the node takes part in the network; `None` for a node that talks to nobody.
    pub network: Option<NetworkOptions>,
    /// Where an empty database starts.
    pub sync: SyncMode,
    /// Whether blocks are made when the keystore has an authority's key.
    pub authoring: Authoring,
}

impl NodeConfig {
    /// A node of this chain with the defaults, which keep everything in memory.
    pub fn new(chain_spec: ChainSpec) -> Self {
        Self {
            impl_name: "Citrate Node".to_owned(),
            impl_version: env!("CARGO_PKG_VERSION").to_owned(),
            chain_spec,
            base_path: None,
            database: DatabaseConfig::default(),
            keys: KeysConfig::default(),
            pool: PoolConfig::default(),
            rpc: RpcConfig::default(),
            executor: ExecutorConfig::default(),
            inference: InferenceConfig::default(),
            network: None,
            sync: SyncMode::Full,
            authoring: Authoring::default(),
        }
    }
}

/// Where an empty database starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SyncMode {
    /// At the first block: all blocks are executed here.
    #[default]
    Full,
    /// At a final block, whose state is downloaded: the one that the voters' signatures lead to from the
    /// first block, or this one, which the operator trusts.
    Warp(Option<citrate_core::H256>),
}

/// How the database is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DatabaseConfig {
    /// Which old states are kept. Archive or not is fixed when the database is created.
    pub pruning: Pruning,
    /// Which old blocks are kept whole.
    pub blocks: Pruning,
    /// LIMIT: bytes of trie nodes that are cached.
    pub cache_bytes: usize,
    /// What an acknowledged write survives.
    pub sync: Sync,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            pruning: Pruning::Keep(256),
            blocks: Pruning::Archive,
            cache_bytes: 64 << 20,
            sync: Sync::Process,
        }
    }
}

/// A text that no log shows, and that is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The keystore.
#[derive(Clone, Debug, Default)]
pub struct KeysConfig {
    /// Encrypts new keys and opens encrypted ones.
    pub password: Option<Secret>,
    /// Secret URIs, such as `//Alice`, that become this node's keys for making blocks and for
    /// serving inference jobs, in the keystore's folder too if there is one.
    pub seeds: Vec<Secret>,
}

/// Models and jobs.
#[derive(Clone, Debug)]
pub struct InferenceConfig {
    /// Whether this node serves jobs that are assigned to its provider keys.
    pub enabled: bool,
    /// ONNX Runtime: library, device, threads, limits.
    pub engine: EngineConfig,
    /// Most calls of the runtime's worker at a time; as many jobs may be run together.
    pub calls_max: usize,
    /// The folder of artifacts; `<base>/artifacts` if absent.
    pub artifacts: Option<PathBuf>,
    /// LIMIT: bytes of all artifacts; those used least recently leave for new ones, unless they are pinned.
    pub artifacts_bytes_max: u64,
    /// LIMIT: bytes of artifacts that others get from this node, a second. None get any if it is 0.
    pub artifacts_upload_per_second: u64,
}

impl Default for InferenceConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            engine: EngineConfig::default(),
            calls_max: 8,
            artifacts: None,
            artifacts_bytes_max: 64 << 30,
            artifacts_upload_per_second: 32 << 20,
        }
    }
}
