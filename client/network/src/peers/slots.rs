//! Who may connect, and who is connected.

use std::time::Instant;

use libp2p::{Multiaddr, PeerId};

use super::peer::{Direction, Peer};
use super::{Peers, Penalty};
use crate::config::ReservedOnly;

/// LIMIT: connections with one peer. Two nodes that dial each other at the same time have two.
const CONNECTIONS_PER_PEER_MAX: usize = 2;
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
    /// It is on another chain, or not connected.
    Refused,
}

impl Peers {
    /// Whether a peer may open a connection, or this node open one to it.
    pub(crate) fn may_connect(
        &self,
        now: Instant,
        peer: &PeerId,
        direction: Direction,
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
        match is_reserved || self.taken(direction) < self.slots(direction) {
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
        self.may_connect(now, peer, Direction::Outbound)?;
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
        let config = &self.config;
        self.connected
            .entry(peer)
            .and_modify(|known| known.connections += 1)
            .or_insert_with(|| Peer::new(config, now, direction, address));
    }

    /// A connection is closed. `true` if it was the last one of a peer that had been admitted.
    pub(crate) fn disconnected(&mut self, now: Instant, peer: &PeerId, jitter: u8) -> bool {
        let Some(known) = self.connected.get_mut(peer) else { return false };
        known.connections -= 1;
        if known.connections > 0 {
            return false;
        }
        let gone = self.connected.remove(peer);
        self.doomed.remove(peer);
        self.dials.failed(now, peer, jitter);
        gone.is_some_and(|gone| gone.is_admitted)
    }

    /// A peer says on which chain it is, and what it runs.
    pub(crate) fn identified(
        &mut self,
        now: Instant,
        peer: &PeerId,
        is_our_chain: bool,
        agent: &str,
    ) -> Admission {
        if !is_our_chain {
            self.penalise(now, peer, Penalty::WrongChain);
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
        if known.is_admitted {
            return Admission::Known;
        }
        known.is_admitted = true;
        self.dials.succeeded(peer);
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
            peer.direction == direction && !self.reserved.contains(id)
        };
        self.connected.iter().filter(takes).count()
    }
}
