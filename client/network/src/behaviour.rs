//! The protocols of libp2p, with our limits.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use libp2p::gossipsub::{
    self, DataTransform, Message, MessageAuthenticity, PeerScoreParams, PeerScoreThresholds,
    RawMessage, TopicHash, ValidationMode, WhitelistSubscriptionFilter,
};
use libp2p::identity::Keypair;
use libp2p::kad::store::{MemoryStore, MemoryStoreConfig};
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::NetworkBehaviour;
use libp2p::{Swarm, SwarmBuilder, identify, kad, noise, ping, tcp, yamux};

use crate::codec::Codec;
use crate::config::{GossipConfig, NetworkConfig, Scope};
use crate::error::NetworkError;
use crate::gate::Gate;
use crate::pending::JUDGED_WITHIN;
use crate::protocol::{Channel, Protocols, Topic, message_id};
use crate::state::Shared;

/// LIMIT: streams of one connection; with their windows they bound what it may buffer.
const STREAMS_MAX: u8 = 128;
/// Bytes of a gossip message beside its data: topic and field headers.
const GOSSIP_OVERHEAD: usize = 256;
/// LIMIT: gossip messages that wait for one peer; those that wait too long are dropped.
const GOSSIP_QUEUE_MAX: usize = 1_024;
/// How long a handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a peer's connection is tried; it is closed when no answer comes in 20 s.
const PING_INTERVAL: Duration = Duration::from_secs(15);

/// Below it a peer's gossip is not asked for.
const GOSSIP_THRESHOLD: f64 = -40.0;
/// Below it nothing is published to a peer.
const PUBLISH_THRESHOLD: f64 = -60.0;
/// Below it a peer's gossip is not read.
pub(crate) const GRAYLIST_THRESHOLD: f64 = -80.0;

pub(crate) type Gossip = gossipsub::Behaviour<KnownTopics, WhitelistSubscriptionFilter>;

/// The protocols that this node speaks.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) identify: identify::Behaviour,
    pub(crate) ping: ping::Behaviour,
    pub(crate) kademlia: kad::Behaviour<MemoryStore>,
    pub(crate) gossip: Gossip,
    pub(crate) requests: request_response::Behaviour<Codec>,
    pub(crate) artifacts: request_response::Behaviour<Codec>,
}

impl Behaviour {
    fn new(
        config: &NetworkConfig,
        protocols: &Protocols,
        key: &Keypair,
    ) -> Result<Self, NetworkError> {
        Ok(Self {
            identify: identify(config, protocols, key),
            ping: ping::Behaviour::new(ping::Config::new().with_interval(PING_INTERVAL)),
            kademlia: kademlia(config, protocols, key),
            gossip: gossip(&config.gossip, protocols)?,
            requests: requests(config, protocols, Channel::Sync),
            artifacts: requests(config, protocols, Channel::Artifacts),
        })
    }
}

/// The swarm with its transports, before it listens.
pub(crate) fn swarm(
    config: &NetworkConfig,
    protocols: &Protocols,
    key: Keypair,
    shared: Arc<Shared>,
) -> Result<Swarm<Gate<Behaviour>>, NetworkError> {
    let setup = |problem: noise::Error| NetworkError::Setup {
        protocol: "noise",
        problem: problem.to_string(),
    };
    let behaviour = Behaviour::new(config, protocols, &key)?;
    let gate = Gate::new(behaviour, shared, config.scope, config.handshakes_max);
    let yamux = || {
        let mut config = yamux::Config::default();
        config.set_max_num_streams(STREAMS_MAX.into());
        config
    };
    let builder = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux)
        .map_err(setup)?
        .with_quic_config(|mut quic| {
            quic.max_concurrent_stream_limit = STREAMS_MAX.into();
            quic.handshake_timeout = HANDSHAKE_TIMEOUT;
            quic
        });
    let builder = match builder.with_behaviour(|_| gate) {
        Ok(builder) => builder,
        Err(never) => match never {},
    };
    // Connections end when the slots say so, not for being idle.
    let swarm = builder
        .with_swarm_config(|swarm| swarm.with_idle_connection_timeout(Duration::MAX))
        .with_connection_timeout(HANDSHAKE_TIMEOUT)
        .build();
    Ok(swarm)
}

fn identify(config: &NetworkConfig, protocols: &Protocols, key: &Keypair) -> identify::Behaviour {
    let identify = identify::Config::new(protocols.version.clone(), key.public())
        .with_agent_version(config.agent.clone())
        .with_push_listen_addr_updates(true)
        .with_hide_listen_addrs(config.scope == Scope::Global);
    identify::Behaviour::new(identify)
}

fn kademlia(
    config: &NetworkConfig,
    protocols: &Protocols,
    key: &Keypair,
) -> kad::Behaviour<MemoryStore> {
    let peer = key.public().to_peer_id();
    let mut kademlia = kad::Config::new(protocols.kademlia.clone());
    // Only to find peers: what others want stored is not.
    kademlia.set_record_filtering(kad::StoreInserts::FilterBoth);
    kademlia.set_caching(kad::Caching::Disabled);
    let store = MemoryStoreConfig {
        max_records: 0,
        max_value_bytes: 0,
        max_providers_per_key: 0,
        max_provided_keys: 0,
    };
    let store = MemoryStore::with_config(peer, store);
    let mut kademlia = kad::Behaviour::with_config(peer, store, kademlia);
    // Else it answers others once it knows an address under which they reach this node.
    if config.scope == Scope::Local {
        kademlia.set_mode(Some(kad::Mode::Server));
    }
    kademlia
}

fn requests(
    config: &NetworkConfig,
    protocols: &Protocols,
    channel: Channel,
) -> request_response::Behaviour<Codec> {
    let limits = config.requests(channel);
    let codec = Codec {
        request_bytes_max: limits.request_bytes_max,
        response_bytes_max: limits.response_bytes_max,
    };
    // Both directions, and as much again for what is being read or written: whatever is between our
    // limit and this one gets an orderly refusal.
    let streams = limits.per_peer_max.saturating_mul(4);
    let requests = request_response::Config::default()
        .with_request_timeout(limits.timeout)
        .with_max_concurrent_streams(streams);
    let protocol = (protocols.requests(channel), ProtocolSupport::Full);
    request_response::Behaviour::with_codec(codec, [protocol], requests)
}

fn gossip(limits: &GossipConfig, protocols: &Protocols) -> Result<Gossip, NetworkError> {
    let setup = |problem: String| NetworkError::Setup { protocol: "gossipsub", problem };
    let largest = Topic::ALL.map(|topic| limits.bytes_max(topic)).into_iter().max().unwrap_or(0);
    let heartbeat = Duration::from_secs(1);
    let history = usize::try_from(JUDGED_WITHIN.as_secs()).unwrap_or(1);
    let config = gossipsub::ConfigBuilder::default()
        .protocol_id_prefix(protocols.gossip_prefix.clone())
        .validation_mode(ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(|message| message_id(&message.topic, &message.data))
        .max_transmit_size(largest.saturating_add(GOSSIP_OVERHEAD))
        .heartbeat_interval(heartbeat)
        .history_length(history)
        .flood_publish(false)
        .connection_handler_queue_len(GOSSIP_QUEUE_MAX)
        .build()
        .map_err(|problem| setup(problem.to_string()))?;
    let topics = KnownTopics { protocols: protocols.clone(), limits: *limits };
    let filter = WhitelistSubscriptionFilter(protocols.hashes().collect());
    let mut gossip = Gossip::new_with_subscription_filter_and_transform(
        MessageAuthenticity::Anonymous,
        config,
        filter,
        topics,
    )
    .map_err(|problem| setup(problem.into()))?;
    let (params, thresholds) = scoring();
    gossip.with_peer_score(params, thresholds).map_err(setup)?;
    for topic in Topic::ALL {
        let subscribed = gossip.subscribe(&protocols.ident(topic));
        subscribed.map_err(|problem| setup(problem.to_string()))?;
    }
    Ok(gossip)
}

/// Gossipsub's own scores: ours, and what it sees of the abuse of its control messages.
fn scoring() -> (PeerScoreParams, PeerScoreThresholds) {
    let params = PeerScoreParams {
        topics: HashMap::new(),
        app_specific_weight: 1.0,
        ip_colocation_factor_weight: 0.0,
        behaviour_penalty_weight: -10.0,
        behaviour_penalty_threshold: 6.0,
        behaviour_penalty_decay: 0.9,
        slow_peer_weight: 0.0,
        // Our own scores outlast a connection; these need not.
        retain_score: Duration::from_secs(60),
        ..PeerScoreParams::default()
    };
    let thresholds = PeerScoreThresholds {
        gossip_threshold: GOSSIP_THRESHOLD,
        publish_threshold: PUBLISH_THRESHOLD,
        graylist_threshold: GRAYLIST_THRESHOLD,
        ..PeerScoreThresholds::default()
    };
    (params, thresholds)
}

/// Lets messages pass whose topic is known, up to its size.
///
/// Gossipsub would keep others for a while without telling anybody.
#[derive(Clone, Debug)]
pub(crate) struct KnownTopics {
    protocols: Protocols,
    limits: GossipConfig,
}

impl KnownTopics {
    fn check(&self, topic: &TopicHash, bytes: usize) -> io::Result<()> {
        let topic = self.protocols.topic(topic);
        match topic.is_some_and(|topic| bytes <= self.limits.bytes_max(topic)) {
            true => Ok(()),
            false => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

impl DataTransform for KnownTopics {
    fn inbound_transform(&self, raw: RawMessage) -> io::Result<Message> {
        self.check(&raw.topic, raw.data.len())?;
        let RawMessage { source, data, sequence_number, topic, .. } = raw;
        Ok(Message { source, data, sequence_number, topic })
    }

    fn outbound_transform(&self, topic: &TopicHash, data: Vec<u8>) -> io::Result<Vec<u8>> {
        self.check(topic, data.len())?;
        Ok(data)
    }
}
