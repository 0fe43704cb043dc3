//! What a network is told when it starts, and its limits.

use std::fmt;
use std::time::Duration;

use citrate_core::H256;
use libp2p::Multiaddr;
use libp2p::identity::Keypair;
use zeroize::Zeroizing;

use crate::address::MultiaddrWithPeerId;
use crate::error::NetworkError;
use crate::protocol::{Channel, Topic};

/// What a network is told when it starts.
#[derive(Clone, Debug)]
pub struct NetworkConfig {
    /// Hash of the chain's first block; peers of another one are refused.
    pub genesis: H256,
    /// The chain's protocol id, or its id; peers must have the same.
    pub protocol_id: String,
    /// Version of the messages between nodes, in the name of each protocol; peers of another one are sent away, and not
    /// banned.
    pub version: u8,
    /// Name and version of this node's software, as peers see it.
    pub agent: String,
    /// The node's identity: the secret of an Ed25519 key.
    pub node_key: NodeKey,
    /// Addresses to listen on. Port 0 takes a free port.
    pub listen: Vec<Multiaddr>,
    /// Addresses under which peers reach this node, if it cannot know: behind a port mapping. IP
    /// addresses: peers do not look up names that others announce.
    pub external: Vec<Multiaddr>,
    /// Nodes that know others. They are dialled as long as there is a free slot.
    pub bootnodes: Vec<MultiaddrWithPeerId>,
    /// Peers that always have a slot, and are dialled until they answer.
    pub reserved: Vec<MultiaddrWithPeerId>,
    /// Whether anybody but reserved peers is talked to.
    pub reserved_only: ReservedOnly,
    /// Which addresses are announced, and believed.
    pub scope: Scope,
    /// LIMIT: peers that this node dialled, without the reserved ones.
    pub peers_out_max: usize,
    /// LIMIT: peers that dialled this node, without the reserved ones.
    pub peers_in_max: usize,
    /// LIMIT: peers that may come when all slots are taken, for a few seconds, to learn of other peers. Without
    /// them a boot node with full slots would keep everybody out.
    pub guests_max: usize,
    /// LIMIT: peers from one IP address (or IPv6 network of 64 bits) of the internet that dialled this node.
    pub peers_per_ip_max: usize,
    /// LIMIT: connections from outside whose handshake is not done.
    pub handshakes_max: usize,
    /// How long a connected peer may take to say on which chain it is.
    pub identify_timeout: Duration,
    /// LIMIT: events that wait for the consumer.
    pub events_max: usize,
    /// Limits on gossip.
    pub gossip: GossipConfig,
    /// Limits on requests about blocks, states and votes.
    pub request: RequestConfig,
    /// Limits on requests about artifacts.
    pub artifact: RequestConfig,
    /// When a peer is banned, and for how long.
    pub ban: BanConfig,
    /// When peers are dialled.
    pub dial: DialConfig,
}

/// The secret of an Ed25519 key. It is wiped when dropped, and not printed.
#[derive(Clone, Default)]
pub struct NodeKey(Zeroizing<[u8; 32]>);

impl NodeKey {
    /// A key of its secret.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(Zeroizing::new(secret))
    }

    pub(crate) fn keypair(mut self) -> Result<Keypair, NetworkError> {
        Keypair::ed25519_from_bytes(&mut self.0[..]).map_err(NetworkError::Key)
    }
}

impl fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NodeKey(..)")
    }
}

/// Whether anybody but reserved peers is talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReservedOnly {
    /// Only reserved peers.
    Yes,
    /// Anybody.
    No,
}

/// Which addresses are announced, and believed when peers announce them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those that can be reached over the internet.
    Global,
    /// Private and loopback addresses too: for a chain on one machine or in one network.
    Local,
}

/// So much a second, and so much at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// What flows in the long run, a second.
    pub per_second: u32,
    /// What may come at once after a pause.
    pub burst: u32,
}

/// Limits on gossip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GossipConfig {
    /// LIMIT: bytes of a message about blocks.
    pub block_bytes_max: usize,
    /// LIMIT: bytes of a message about transactions.
    pub transaction_bytes_max: usize,
    /// LIMIT: bytes of a vote.
    pub vote_bytes_max: usize,
    /// LIMIT: new messages of one peer.
    pub messages: Rate,
    /// LIMIT: bytes of new messages of one peer.
    pub bytes: Rate,
    /// LIMIT: messages that the consumer has not judged yet.
    pub pending_max: usize,
    /// LIMIT: bytes of messages that the consumer has not judged yet.
    pub pending_bytes_max: usize,
    /// LIMIT: bytes of own messages that wait to be sent.
    pub publish_bytes_max: usize,
}

/// Limits on requests and responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestConfig {
    /// LIMIT: bytes of a request.
    pub request_bytes_max: usize,
    /// LIMIT: bytes of a response.
    pub response_bytes_max: usize,
    /// LIMIT: time from sending a request to the end of its response.
    pub timeout: Duration,
    /// LIMIT: requests of one peer that are not answered, in each direction.
    pub per_peer_max: usize,
    /// LIMIT: requests of all peers that are not answered, in each direction.
    pub total_max: usize,
    /// LIMIT: requests of one peer.
    pub requests: Rate,
    /// LIMIT: bytes of one peer's requests.
    pub bytes: Rate,
    /// LIMIT: bytes of responses that are being sent. Beyond it requests are refused.
    pub sending_bytes_max: usize,
}

/// When a peer is banned, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BanConfig {
    /// A peer is banned when its score falls to this, which is negative. A new peer has 0.
    pub threshold: i32,
    /// What a score regains in a minute, up to 0.
    pub recovery_per_minute: u32,
    /// Length of a ban for a low score.
    pub duration: Duration,
    /// Length of a ban for proven misbehaviour.
    pub proven_duration: Duration,
    /// LIMIT: peers whose score is remembered.
    pub entries_max: usize,
}

/// When peers are dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialConfig {
    /// Pause after the first failure; it doubles with each further one.
    pub backoff_min: Duration,
    /// Longest pause. Dialling never ends.
    pub backoff_max: Duration,
    /// Pause between searches for new peers, as long as slots are free.
    pub discovery_interval: Duration,
}

impl NetworkConfig {
    /// A configuration for a chain with the default limits, which listens nowhere and knows nobody.
    pub fn new(
        genesis: H256,
        protocol_id: impl Into<String>,
        version: u8,
        node_key: [u8; 32],
    ) -> Self {
        Self {
            genesis,
            protocol_id: protocol_id.into(),
            version,
            agent: concat!("citrate/", env!("CARGO_PKG_VERSION")).into(),
            node_key: NodeKey::new(node_key),
            listen: Vec::new(),
            external: Vec::new(),
            bootnodes: Vec::new(),
            reserved: Vec::new(),
            reserved_only: ReservedOnly::No,
            scope: Scope::Global,
            peers_out_max: 16,
            peers_in_max: 32,
            guests_max: 8,
            peers_per_ip_max: 8,
            handshakes_max: 64,
            identify_timeout: Duration::from_secs(15),
            events_max: 1_024,
            gossip: GossipConfig::default(),
            request: RequestConfig::default(),
            artifact: RequestConfig::artifacts(),
            ban: BanConfig::default(),
            dial: DialConfig::default(),
        }
    }
}

impl NetworkConfig {
    /// Limits on requests of a channel.
    pub fn requests(&self, channel: Channel) -> &RequestConfig {
        match channel {
            Channel::Sync => &self.request,
            Channel::Artifacts => &self.artifact,
        }
    }
}

impl RequestConfig {
    /// For blocks of files: small requests, many of them, each answered with 256 KiB at most. Whoever serves them answers
    /// as slowly as it sees fit, so that the rate only has to stop those who ask without waiting.
    pub fn artifacts() -> Self {
        Self {
            request_bytes_max: 256,
            response_bytes_max: 512 * 1024,
            timeout: Duration::from_secs(30),
            per_peer_max: 8,
            total_max: 64,
            requests: Rate { per_second: 1_000, burst: 2_000 },
            bytes: Rate { per_second: 64 * 1024, burst: 128 * 1024 },
            sending_bytes_max: 32 * 1024 * 1024,
        }
    }
}

impl GossipConfig {
    /// LIMIT: bytes of a message of a topic.
    pub fn bytes_max(&self, topic: Topic) -> usize {
        match topic {
            Topic::Blocks => self.block_bytes_max,
            Topic::Transactions => self.transaction_bytes_max,
            Topic::Votes => self.vote_bytes_max,
        }
    }
}

impl Default for GossipConfig {
    fn default() -> Self {
        Self {
            block_bytes_max: 4 * 1024 * 1024,
            transaction_bytes_max: 5 * 1024 * 1024,
            vote_bytes_max: 64 * 1024,
            messages: Rate { per_second: 2_000, burst: 8_000 },
            bytes: Rate { per_second: 8 * 1024 * 1024, burst: 32 * 1024 * 1024 },
            pending_max: 4_096,
            pending_bytes_max: 64 * 1024 * 1024,
            publish_bytes_max: 32 * 1024 * 1024,
        }
    }
}

impl Default for RequestConfig {
    fn default() -> Self {
        Self {
            request_bytes_max: 64 * 1024,
            response_bytes_max: 16 * 1024 * 1024,
            timeout: Duration::from_secs(20),
            per_peer_max: 8,
            total_max: 64,
            requests: Rate { per_second: 50, burst: 200 },
            bytes: Rate { per_second: 256 * 1024, burst: 2 * 1024 * 1024 },
            sending_bytes_max: 128 * 1024 * 1024,
        }
    }
}

impl Default for BanConfig {
    fn default() -> Self {
        Self {
            threshold: -100,
            recovery_per_minute: 30,
            duration: Duration::from_secs(15 * 60),
            proven_duration: Duration::from_secs(24 * 60 * 60),
            entries_max: 4_096,
        }
    }
}

impl Default for DialConfig {
    fn default() -> Self {
        Self {
            backoff_min: Duration::from_secs(1),
            backoff_max: Duration::from_secs(120),
            discovery_interval: Duration::from_secs(10),
        }
    }
}
