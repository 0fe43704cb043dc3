//! Who may connect, and who is connected.

use std::time::{Duration, Instant};

use libp2p::{Multiaddr, PeerId};

use super::peer::{Direction, Peer};
use super::{Peers, Penalty};
use crate::address::network;
use crate::config::ReservedOnly;
use crate::protocol::Kinship;

/// LIMIT: connections with one peer. Two nodes that dial each other at the same time have two.
const CONNECTIONS_PER_PEER_MAX: usize = 2;
/// A connection that lasts so long makes the next failure the first one.
const STABLE_AFTER: Duration = Duration::from_secs(60);
/// LIMIT: characters of a peer's software name that are kept.
const AGENT_CHARS_MAX: usize = 128;

/// Why a peer may not connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Denied {
    #[error("the peer is banned")]
    Banned,
    #[error("only reserved peers are allowed")]
    NotReserved,
    #[error("all slots are taken")]
    SlotsFull,
    #[error("too many peers have the same IP address")]
    SameAddress,
    #[error("the peer has too many connections")]
    TooManyConnections,
    #[error("too many handshakes at a time")]
    TooManyHandshakes,
}

/// What becomes of a peer that says on which chain it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is one of us from now on.
    New,
    /// It was one of us before.
    Known,
    /// It would be one of us if there were a slot. It may ask for other peers, and has to go soon.
    Guest,
    /// It is on another chain, speaks another version, or is not connected.
    Refused,
}

impl Peers {
    /// Whether a peer may open a connection from an address, or this node open one to it.
    pub(crate) fn may_connect(
        &self,
        now: Instant,
        peer: &PeerId,
        direction: Direction,
        address: &Multiaddr,
    ) -> Result<(), Denied> {
        if self.scores.is_banned(now, peer) {
            return Err(Denied::Banned);
        }
        let is_reserved = self.reserved.contains(peer);
        if !is_reserved && self.config.reserved_only == ReservedOnly::Yes {
            return Err(Denied::NotReserved);
        }
        if let Some(peer) = self.connected.get(peer) {
            // A further connection takes no slot.
            return match peer.connections < CONNECTIONS_PER_PEER_MAX {
                true => Ok(()),
                false => Err(Denied::TooManyConnections),
            };
        }
        if is_reserved {
            return Ok(());
        }
        let is_inbound = direction == Direction::Inbound;
        if is_inbound && self.neighbours(address) >= self.config.peers_per_ip_max {
            return Err(Denied::SameAddress);
        }
        let is_free = self.taken(direction) < self.slots(direction)
            || (is_inbound && self.guests() < self.config.guests_max);
        match is_free {
            true => Ok(()),
            false => Err(Denied::SlotsFull),
        }
    }

    /// Whether dialling a peer makes sense while so many others are being dialled.
    pub(crate) fn may_dial(
        &self,
        now: Instant,
        peer: &PeerId,
        dialling: usize,
    ) -> Result<(), Denied> {
        if self.connected.contains_key(peer) {
            return Err(Denied::TooManyConnections);
        }
        self.may_connect(now, peer, Direction::Outbound, &Multiaddr::empty())?;
        match self.reserved.contains(peer) || dialling < self.free_out() {
            true => Ok(()),
            false => Err(Denied::SlotsFull),
        }
    }

    /// How many more peers this node may dial.
    pub(crate) fn free_out(&self) -> usize {
        match self.config.reserved_only {
            ReservedOnly::Yes => 0,
            ReservedOnly::No => {
                let taken = self.taken(Direction::Outbound);
                self.slots(Direction::Outbound).saturating_sub(taken)
            }
        }
    }

    /// A connection is open.
    pub(crate) fn connected(
        &mut self,
        now: Instant,
        peer: PeerId,
        direction: Direction,
        address: Multiaddr,
    ) {
        self.dials.connected(&peer);
        let is_full = self.taken(direction) >= self.slots(direction);
        let is_guest = is_full && !self.reserved.contains(&peer);
        let config = &self.config;
        self.connected
            .entry(peer)
            .and_modify(|known| known.connections += 1)
            .or_insert_with(|| Peer::new(config, now, direction, address, is_guest));
    }

    /// A connection is closed. `true` if it was the last one of a peer that had been admitted.
    pub(crate) fn disconnected(&mut self, now: Instant, peer: &PeerId, jitter: u8) -> bool {
        let Some(known) = self.connected.get_mut(peer) else { return false };
        known.connections -= 1;
        if known.connections > 0 {
            return false;
        }
        let Some(gone) = self.connected.remove(peer) else { return false };
        self.doomed.remove(peer);
        if gone.is_admitted && now.saturating_duration_since(gone.since) >= STABLE_AFTER {
            self.dials.forget_failures(peer);
        }
        self.dials.failed(now, peer, jitter);
        gone.is_admitted
    }

    /// A peer says on which chain it is, and what it runs.
    pub(crate) fn identified(
        &mut self,
        now: Instant,
        peer: &PeerId,
        kinship: Kinship,
        agent: &str,
    ) -> Admission {
        if kinship != Kinship::Ours {
            // Who is of another version means no harm, and comes back once it is updated.
            if kinship == Kinship::OtherChain {
                self.penalise(now, peer, Penalty::WrongChain);
            }
            self.disconnect(peer);
            return Admission::Refused;
        }
        if let Some(known) = self.connected.get_mut(peer) {
            let is_plain = |c: &char| !c.is_control();
            known.agent = Some(agent.chars().filter(is_plain).take(AGENT_CHARS_MAX).collect());
        }
        self.admit(peer)
    }

    /// A peer is on our chain: it said so, or it speaks a protocol that only our chain has.
    pub(crate) fn admit(&mut self, peer: &PeerId) -> Admission {
        // Somebody who has to go is not let in any more.
        if self.doomed.contains(peer) {
            return Admission::Refused;
        }
        let Some(known) = self.connected.get_mut(peer) else { return Admission::Refused };
        if known.is_guest {
            return Admission::Guest;
        }
        if known.is_admitted {
            return Admission::Known;
        }
        known.is_admitted = true;
        Admission::New
    }

    /// Whether a peer is on our chain.
    pub(crate) fn is_admitted(&self, peer: &PeerId) -> bool {
        self.connected.get(peer).is_some_and(|known| known.is_admitted)
    }

    /// Who dialled a connected peer.
    pub(crate) fn direction(&self, peer: &PeerId) -> Option<Direction> {
        self.connected.get(peer).map(|known| known.direction)
    }

    fn slots(&self, direction: Direction) -> usize {
        match direction {
            Direction::Inbound => self.config.peers_in_max,
            Direction::Outbound => self.config.peers_out_max,
        }
    }

    fn taken(&self, direction: Direction) -> usize {
        let takes = |(id, peer): &(&PeerId, &Peer)| {
            peer.direction == direction && !peer.is_guest && !self.reserved.contains(id)
        };
        self.connected.iter().filter(takes).count()
    }

    fn guests(&self) -> usize {
        self.connected.values().filter(|peer| peer.is_guest).count()
    }

    /// Peers that came from the same IP address of the internet, or IPv6 network.
    fn neighbours(&self, address: &Multiaddr) -> usize {
        let Some(network) = network(address) else { return 0 };
        let is_near = |(id, peer): &(&PeerId, &Peer)| {
            peer.direction == Direction::Inbound
                && peer.network() == Some(network)
                && !self.reserved.contains(id)
        };
        self.connected.iter().filter(is_near).count()
    }
}
