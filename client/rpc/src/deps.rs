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

    /// Keeps content, whatever else there has to be room for; returns its hash.
    ///
    /// # Errors
    /// When the store is full or fails.
    fn put(&self, content: &[u8]) -> Result<H256, ArtifactError>;

    /// Begins to fetch what is not here from other nodes, if it has at most `bytes_max` bytes, and keeps it, whatever else
    /// there has to be room for.
    ///
    /// # Errors
    /// The node has no network, or fetches too much already.
    fn fetch(&self, hash: &H256, bytes_max: u64) -> Result<(), ArtifactError>;

    /// How an artifact stands.
    ///
    /// # Errors
    /// The store fails.
    fn state(&self, hash: &H256) -> Result<ArtifactState, ArtifactError>;
}

/// How an artifact stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ArtifactState {
    /// It is here.
    Stored {
        /// Its size.
        bytes: u64,
    },
    /// It is being fetched.
    Fetching {
        /// Bytes that are here.
        bytes: u64,
        /// Bytes of all of it, once a peer has said so.
        bytes_total: Option<u64>,
    },
    /// It could not be fetched, not long ago.
    Failed {
        /// Why.
        reason: String,
    },
    /// It is not here.
    Absent,
}

/// A connected peer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeerSummary {
    /// Its identity.
    pub peer_id: String,
    /// Name and version of its software, as it says.
    pub agent: String,
    /// The address of its end of the connection.
    pub address: String,
    /// 0, or less if it did something wrong.
    pub score: i32,
    /// Its best block, number and hash, as it says.
    pub best: Option<(u32, H256)>,
}

/// How far the node is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SyncSummary {
    /// Whether it downloads what others have.
    pub is_syncing: bool,
    /// The best block's number when the node started.
    pub starting: u32,
    /// The best block's number.
    pub current: u32,
    /// The greatest number that it has heard of.
    pub highest: u32,
}

/// The network, as RPC shows and changes it.
pub trait NetworkInfo: Send + Sync + 'static {
    /// The connected peers.
    fn peers(&self) -> Vec<PeerSummary>;

    /// How far the node is.
    fn sync(&self) -> SyncSummary;

    /// Addresses that the node listens on, with its identity.
    fn listen_addresses(&self) -> Vec<String>;

    /// Identities of the reserved peers.
    fn reserved(&self) -> Vec<String>;

    /// Makes a peer a reserved one.
    ///
    /// # Errors
    /// The address is none, or there are too many.
    fn add_reserved(&self, address: &str) -> Result<(), String>;

    /// Makes a reserved peer an ordinary one.
    ///
    /// # Errors
    /// The identity is none, or not a reserved peer's.
    fn remove_reserved(&self, peer: &str) -> Result<(), String>;
}

/// A node that talks to nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NoNetwork;

impl NetworkInfo for NoNetwork {
    fn peers(&self) -> Vec<PeerSummary> {
        Vec::new()
    }

    fn sync(&self) -> SyncSummary {
        SyncSummary { is_syncing: false, starting: 0, current: 0, highest: 0 }
    }

    fn listen_addresses(&self) -> Vec<String> {
        Vec::new()
    }

    fn reserved(&self) -> Vec<String> {
        Vec::new()
    }

    fn add_reserved(&self, _address: &str) -> Result<(), String> {
        Err("this node has no network".to_owned())
    }

    fn remove_reserved(&self, _peer: &str) -> Result<(), String> {
        Err("this node has no network".to_owned())
    }
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
