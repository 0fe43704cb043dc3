//! One connected peer.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use libp2p::{Multiaddr, PeerId};

use super::bucket::TokenBucket;
use crate::address::network;
use crate::config::NetworkConfig;
use crate::protocol::PerChannel;

/// How long a peer for which there is no slot may ask for others.
const GUEST_TIME: Duration = Duration::from_secs(10);

/// Who dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The peer did.
    Inbound,
    /// This node did.
    Outbound,
}

/// A connected peer that is on our chain, as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerInfo {
    /// Its id.
    pub peer: PeerId,
    /// Who dialled.
    pub direction: Direction,
    /// The address of its end of the connection.
    pub address: Multiaddr,
    /// Whether it is reserved.
    pub is_reserved: bool,
    /// Name and version of its software, as it says; cut at 128 characters.
    pub agent: Option<String>,
    /// Its score: 0, or less if it did something wrong.
    pub score: i32,
    /// Since when it is connected.
    pub since: Instant,
}

/// A connected peer.
#[derive(Debug)]
pub(super) struct Peer {
    /// Of the first connection, whose slot it takes.
    pub(super) direction: Direction,
    pub(super) connections: usize,
    pub(super) address: Multiaddr,
    pub(super) since: Instant,
    pub(super) agent: Option<String>,
    /// Whether it is known to be on our chain.
    pub(super) is_admitted: bool,
    /// Whether there was no slot for it.
    pub(super) is_guest: bool,
    pub(super) gossip_messages: TokenBucket,
    pub(super) gossip_bytes: TokenBucket,
    pub(super) requests: PerChannel<TokenBucket>,
    pub(super) request_bytes: PerChannel<TokenBucket>,
}

impl Peer {
    pub(super) fn new(
        config: &NetworkConfig,
        now: Instant,
        direction: Direction,
        address: Multiaddr,
        is_guest: bool,
    ) -> Self {
        Self {
            direction,
            connections: 1,
            address,
            since: now,
            agent: None,
            is_admitted: false,
            is_guest,
            gossip_messages: TokenBucket::full(config.gossip.messages, now),
            gossip_bytes: TokenBucket::full(config.gossip.bytes, now),
            requests: PerChannel::new(|channel| {
                TokenBucket::full(config.requests(channel).requests, now)
            }),
            request_bytes: PerChannel::new(|channel| {
                TokenBucket::full(config.requests(channel).bytes, now)
            }),
        }
    }

    /// Whether it has to go: it did not say in time on which chain it is, or was a guest long enough.
    pub(super) fn is_late(&self, now: Instant, limit: Duration) -> bool {
        let limit = if self.is_guest { GUEST_TIME.min(limit) } else { limit };
        !self.is_admitted && now.saturating_duration_since(self.since) >= limit
    }

    /// Where it is, if that is in the internet.
    pub(super) fn network(&self) -> Option<IpAddr> {
        network(&self.address)
    }

    pub(super) fn info(&self, peer: PeerId, is_reserved: bool, score: i32) -> PeerInfo {
        PeerInfo {
            peer,
            direction: self.direction,
            address: self.address.clone(),
            is_reserved,
            agent: self.agent.clone(),
            score,
            since: self.since,
        }
    }
}
