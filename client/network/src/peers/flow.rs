//! How much peers may send, and how many requests may be open.

use std::collections::BTreeMap;
use std::time::Instant;

use libp2p::PeerId;

use super::{Peers, Penalty};
use crate::protocol::Channel;

/// Why a request is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The peer is not connected.
    NotConnected,
    /// The peer exceeds its limits, for which it has been penalised.
    Flood,
    /// All together exceed the limits.
    Busy,
}

/// Requests that are not answered. Those of a peer that left and came back still count.
#[derive(Debug, Default)]
pub(super) struct Open {
    by_peer: BTreeMap<PeerId, usize>,
    pub(super) total: usize,
}

impl Open {
    fn of(&self, peer: &PeerId) -> usize {
        self.by_peer.get(peer).copied().unwrap_or_default()
    }

    fn begin(&mut self, peer: &PeerId) {
        *self.by_peer.entry(*peer).or_default() += 1;
        self.total += 1;
    }

    fn end(&mut self, peer: &PeerId) {
        let Some(count) = self.by_peer.get_mut(peer) else { return };
        *count -= 1;
        self.total -= 1;
        if *count == 0 {
            self.by_peer.remove(peer);
        }
    }
}

impl Peers {
    /// A peer sent a gossip message. `false`: too much, for which it has been penalised.
    pub(crate) fn take_gossip(&mut self, now: Instant, peer: &PeerId, bytes: usize) -> bool {
        let limits = self.config.gossip;
        let Some(known) = self.connected.get_mut(peer) else { return false };
        let is_within = known.gossip_messages.take(limits.messages, 1, now)
            && known.gossip_bytes.take(limits.bytes, bytes, now);
        if !is_within {
            self.penalise(now, peer, Penalty::GossipFlood);
        }
        is_within
    }

    /// A peer sent a request, which is open until [`Self::end_inbound`].
    pub(crate) fn begin_inbound(
        &mut self,
        channel: Channel,
        now: Instant,
        peer: &PeerId,
        bytes: usize,
    ) -> Result<(), Refused> {
        let limits = *self.config.requests(channel);
        let inbound = self.inbound.of_mut(channel);
        let Some(known) = self.connected.get_mut(peer) else { return Err(Refused::NotConnected) };
        let is_within = inbound.of(peer) < limits.per_peer_max
            && known.requests.of_mut(channel).take(limits.requests, 1, now)
            && known.request_bytes.of_mut(channel).take(limits.bytes, bytes, now);
        if !is_within {
            self.penalise(now, peer, Penalty::RequestFlood);
            return Err(Refused::Flood);
        }
        if inbound.total >= limits.total_max {
            return Err(Refused::Busy);
        }
        inbound.begin(peer);
        Ok(())
    }

    /// A request of a peer is answered, or will not be.
    pub(crate) fn end_inbound(&mut self, channel: Channel, peer: &PeerId) {
        self.inbound.of_mut(channel).end(peer);
    }

    /// This node sends a request, which is open until [`Self::end_outbound`].
    pub(crate) fn begin_outbound(
        &mut self,
        channel: Channel,
        peer: &PeerId,
    ) -> Result<(), Refused> {
        let limits = *self.config.requests(channel);
        if !self.is_admitted(peer) {
            return Err(Refused::NotConnected);
        }
        let outbound = self.outbound.of_mut(channel);
        let is_full = outbound.of(peer) >= limits.per_peer_max;
        if is_full || outbound.total >= limits.total_max {
            return Err(Refused::Busy);
        }
        outbound.begin(peer);
        Ok(())
    }

    /// A request of this node is answered, or will not be.
    pub(crate) fn end_outbound(&mut self, channel: Channel, peer: &PeerId) {
        self.outbound.of_mut(channel).end(peer);
    }
}
