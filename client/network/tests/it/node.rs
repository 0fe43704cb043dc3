//! A node, and how to wait for what it does.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use citrate_core::H256;
use citrate_network::{
    Channel, Event, GossipId, Multiaddr, MultiaddrWithPeerId, Network, NetworkConfig, PeerId,
    Responder, Scope, Topic,
};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Far more than anything takes; only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const TCP: &str = "/ip4/127.0.0.1/tcp/0";
pub(crate) const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

/// A node that listens, and what it said that nobody waited for yet.
pub(crate) struct Node {
    pub(crate) network: Network,
    pub(crate) events: mpsc::Receiver<Event>,
    pub(crate) address: MultiaddrWithPeerId,
    backlog: Vec<Event>,
}

/// A configuration for the loopback interface, with a key of its own.
pub(crate) fn config() -> NetworkConfig {
    static KEYS: AtomicU8 = AtomicU8::new(1);
    let key = [KEYS.fetch_add(1, Ordering::Relaxed); 32];
    let mut config = NetworkConfig::new(H256::from([7; 32]), "test", 1, key);
    config.listen = vec![TCP.parse().unwrap()];
    config.scope = Scope::Local;
    config.guests_max = 0;
    config.dial.backoff_min = Duration::from_millis(50);
    config.dial.backoff_max = Duration::from_millis(500);
    config.dial.discovery_interval = Duration::from_millis(250);
    config
}

impl Node {
    /// A node with a change to the usual configuration.
    pub(crate) async fn start(change: impl FnOnce(&mut NetworkConfig)) -> Self {
        let mut config = config();
        change(&mut config);
        Self::with(config).await
    }

    pub(crate) async fn with(config: NetworkConfig) -> Self {
        // The system may not have freed the port of a node that ended just now.
        let mut started = None;
        until("started", || {
            started = Network::start(config.clone(), &Handle::current()).ok();
            started.is_some()
        })
        .await;
        let (network, events) = started.unwrap();
        let peer = network.local_peer_id();
        let address = Multiaddr::empty();
        let address = MultiaddrWithPeerId { address, peer };
        let mut node = Self { network, events, address, backlog: Vec::new() };
        node.address.address = node
            .wait("listening", |event| match event {
                Event::Listening(address) => ControlFlow::Break(address),
                other => ControlFlow::Continue(other),
            })
            .await;
        node
    }

    pub(crate) fn peer(&self) -> PeerId {
        self.address.peer
    }

    /// Waits for an event that `pick` takes; the others are kept.
    pub(crate) async fn wait<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(Event) -> ControlFlow<T, Event>,
    ) -> T {
        let mut seen = std::mem::take(&mut self.backlog).into_iter();
        while let Some(event) = seen.next() {
            match pick(event) {
                ControlFlow::Break(found) => {
                    self.backlog.extend(seen);
                    return found;
                }
                ControlFlow::Continue(event) => self.backlog.push(event),
            }
        }
        let waiting = async {
            loop {
                let event = self.events.recv().await.expect("the network runs");
                match pick(event) {
                    ControlFlow::Break(found) => return found,
                    ControlFlow::Continue(event) => self.backlog.push(event),
                }
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(found) => found,
            Err(_) => panic!("no {what}; {:?}, {:?}", self.backlog, self.network.state()),
        }
    }

    pub(crate) async fn connected(&mut self, to: PeerId) {
        self.wait("connection", |event| match event {
            Event::PeerConnected { peer, .. } if peer == to => ControlFlow::Break(()),
            other => ControlFlow::Continue(other),
        })
        .await;
    }

    pub(crate) async fn disconnected(&mut self, from: PeerId) {
        self.wait("end of connection", |event| match event {
            Event::PeerDisconnected { peer } if peer == from => ControlFlow::Break(()),
            other => ControlFlow::Continue(other),
        })
        .await;
    }

    pub(crate) async fn gossip(&mut self) -> (Topic, PeerId, GossipId, Vec<u8>) {
        self.wait("gossip", |event| match event {
            Event::Gossip { topic, from, id, data } => ControlFlow::Break((topic, from, id, data)),
            other => ControlFlow::Continue(other),
        })
        .await
    }

    pub(crate) async fn request(&mut self) -> (PeerId, Vec<u8>, Responder) {
        self.request_on(Channel::Sync).await
    }

    pub(crate) async fn request_on(&mut self, on: Channel) -> (PeerId, Vec<u8>, Responder) {
        self.wait("request", |event| match event {
            Event::Request { peer, channel, data, respond } if channel == on => {
                ControlFlow::Break((peer, data, respond))
            }
            other => ControlFlow::Continue(other),
        })
        .await
    }

    /// Whether a peer is connected, and on our chain.
    pub(crate) fn has(&self, peer: PeerId) -> bool {
        self.network.peers().iter().any(|info| info.peer == peer)
    }

    /// What it said that nobody waited for.
    pub(crate) fn unheard(&mut self) -> &[Event] {
        while let Ok(event) = self.events.try_recv() {
            self.backlog.push(event);
        }
        &self.backlog
    }
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "never {what}");
}

/// Two nodes, the second of which knows the first; both know of the connection.
pub(crate) async fn pair(change: impl Fn(&mut NetworkConfig)) -> [Node; 2] {
    let mut one = Node::start(&change).await;
    let mut two = Node::start(|config| {
        change(config);
        config.bootnodes = vec![one.address.clone()];
    })
    .await;
    two.connected(one.peer()).await;
    one.connected(two.peer()).await;
    [one, two]
}

/// Waits until each node exchanges gossip with so many peers.
pub(crate) async fn meshed(nodes: &[(&Node, usize)]) {
    until("a mesh", || nodes.iter().all(|(node, n)| node.network.state().mesh_peers >= *n)).await;
}
