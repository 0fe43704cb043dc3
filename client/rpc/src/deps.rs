//! What the server is given.

use citrate_core::{BlockNumber, H256};
use citrate_finality::RoundReport;
use serde_json::{Map, Value};
use tokio::sync::broadcast;

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

/// What the server asks of finality.
pub trait FinalitySource: Send + Sync + 'static {
    /// The rounds that are running; `None` while the voter does not run.
    fn round_state(&self) -> Option<RoundReport>;

    /// An encoded `FinalityProof` (`citrate-grandpa-types`) of the block with this height; `None`
    /// for a block that is not final.
    ///
    /// # Errors
    /// When no justification is near enough, or the records cannot be read.
    fn prove_finality(&self, number: BlockNumber) -> Result<Option<Vec<u8>>, String>;

    /// Encoded justifications of blocks as they become final. The channel is bounded; a reader that
    /// falls behind is dropped.
    fn justifications(&self) -> broadcast::Receiver<Vec<u8>>;
}
