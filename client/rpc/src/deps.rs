//! What the server is given.

use citrate_core::H256;
use serde_json::{Map, Value};

/// What a node says about itself and its chain.
#[derive(Clone, Debug)]
pub struct ChainInfo {
    /// The chain's name, from its specification.
    pub chain_name: String,
    /// `"Development"`, `"Local"`, `"Live"` or `{"Custom": ..}`.
    pub chain_type: Value,
    /// Properties of the specification: `ss58Format`, `tokenDecimals`, `tokenSymbol`.
    pub properties: Map<String, Value>,
    /// The node's name.
    pub impl_name: String,
    /// The node's version.
    pub impl_version: String,
    /// `"Full"` or `"Authority"`.
    pub node_roles: Vec<String>,
    /// The node's identity in the network.
    pub local_peer_id: String,
    /// Addresses that it listens on.
    pub listen_addresses: Vec<String>,
    /// Whether a node without peers is in trouble.
    pub should_have_peers: bool,
}

/// Why an artifact is not there, or not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ArtifactError(pub String);

/// Where artifacts are: content by its hash.
pub trait ArtifactSource: Send + Sync + 'static {
    /// The content with this hash, if it is here and has at most `bytes_max` bytes.
    ///
    /// # Errors
    /// When it is longer, or the store fails.
    fn get(&self, hash: &H256, bytes_max: usize) -> Result<Option<Vec<u8>>, ArtifactError>;

    /// Keeps content; returns its hash.
    ///
    /// # Errors
    /// When the store is full or fails.
    fn put(&self, content: &[u8]) -> Result<H256, ArtifactError>;
}
