//! What the handles and the task share, and what is counted.

use std::sync::atomic::AtomicUsize;

use libp2p::Multiaddr;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::peers::Peers;

/// Figures for metrics and logs. Counters start at 0 with the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NetworkState {
    /// Peers of our chain that are connected and dialled this node.
    pub peers_in: usize,
    /// Peers of our chain that are connected and were dialled by this node.
    pub peers_out: usize,
    /// Peers with which gossip is exchanged, on any topic.
    pub mesh_peers: usize,
    /// Peers that are banned.
    pub banned: usize,
    /// Connections that were refused: banned, no slot, not reserved, too many.
    pub connections_refused: u64,
    /// Connections that could not be opened.
    pub dials_failed: u64,
    /// Peers that were disconnected because they are on another chain.
    pub wrong_chain: u64,
    /// Peers that were disconnected because their messages are of another version.
    pub wrong_version: u64,
    /// Gossip messages that reached the consumer.
    pub gossip_received: u64,
    /// Gossip messages that were dropped because the consumer does not keep up.
    pub gossip_dropped: u64,
    /// Gossip messages that were dropped because their sender exceeded its limits.
    pub gossip_limited: u64,
    /// Messages that this node published.
    pub gossip_published: u64,
    /// Messages that this node could not publish: nobody listens, or queues are full.
    pub gossip_unpublished: u64,
    /// Requests that reached the consumer.
    pub requests_received: u64,
    /// Requests that the network refused: limits, or a consumer that does not keep up.
    pub requests_refused: u64,
    /// Requests that this node sent.
    pub requests_sent: u64,
}

/// What the handles and the task share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) peers: Mutex<Peers>,
    pub(crate) counters: Mutex<NetworkState>,
    pub(crate) listening: Mutex<Vec<Multiaddr>>,
    pub(crate) external: Mutex<Vec<Multiaddr>>,
    /// Wakes the task: `peers` says that somebody has to go or is to be dialled.
    pub(crate) wake: Notify,
    /// Bytes of messages that wait to be published.
    pub(crate) publishing: AtomicUsize,
}

impl Shared {
    pub(crate) fn new(peers: Peers) -> Self {
        Self {
            peers: Mutex::new(peers),
            counters: Mutex::default(),
            listening: Mutex::default(),
            external: Mutex::default(),
            wake: Notify::new(),
            publishing: AtomicUsize::new(0),
        }
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut NetworkState)) {
        change(&mut self.counters.lock());
    }
}
