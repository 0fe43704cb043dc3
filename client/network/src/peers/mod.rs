//! Who may connect, how much peers may send, what they did wrong, and whom to dial.
//!
//! The sans-IO core of the network: every method takes the time, and nothing here knows of sockets.

mod bucket;
mod dial;
mod flow;
mod peer;
mod score;
mod slots;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use libp2p::{Multiaddr, PeerId};

use crate::address::MultiaddrWithPeerId;
use crate::config::{NetworkConfig, ReservedOnly};
use crate::protocol::PerChannel;
use dial::Dials;
use flow::Open;
use peer::Peer;
use score::{Scores, Standing};

pub(crate) use flow::Refused;
pub use peer::{Direction, PeerInfo};
pub(crate) use score::Consequence;
pub use score::Penalty;
pub(crate) use slots::{Admission, Denied};

/// LIMIT: peers that are reserved.
const RESERVED_MAX: usize = 1_024;

/// All that is known of peers.
#[derive(Debug)]
pub(crate) struct Peers {
    config: NetworkConfig,
    reserved: BTreeSet<PeerId>,
    connected: BTreeMap<PeerId, Peer>,
    scores: Scores,
    dials: Dials,
    /// Connected peers that have to go.
    doomed: BTreeSet<PeerId>,
    /// Requests of peers that this node has not answered.
    inbound: PerChannel<Open>,
    /// Requests of this node that peers have not answered.
    outbound: PerChannel<Open>,
}

impl Peers {
    pub(crate) fn new(config: &NetworkConfig, now: Instant) -> Self {
        let mut peers = Self {
            reserved: BTreeSet::new(),
            connected: BTreeMap::new(),
            scores: Scores::new(config.ban),
            dials: Dials::new(config.dial),
            doomed: BTreeSet::new(),
            inbound: PerChannel::default(),
            outbound: PerChannel::default(),
            config: config.clone(),
        };
        for node in &config.bootnodes {
            peers.dials.add(now, node.peer, node.address.clone(), false);
        }
        for node in &config.reserved {
            peers.add_reserved(now, node);
        }
        peers
    }

    /// Gives a peer a slot for good, forgets what it did, and has it dialled; `false` if there are too
    /// many reserved peers.
    pub(crate) fn add_reserved(&mut self, now: Instant, node: &MultiaddrWithPeerId) -> bool {
        if !self.reserved.contains(&node.peer) && self.reserved.len() >= RESERVED_MAX {
            return false;
        }
        self.reserved.insert(node.peer);
        self.scores.forgive(&node.peer);
        if self.connected.get(&node.peer).is_some_and(|known| known.is_guest) {
            // It comes back as a peer.
            self.disconnect(&node.peer);
        }
        let is_up = self.connected.contains_key(&node.peer);
        self.dials.add(now, node.peer, node.address.clone(), is_up);
        true
    }

    /// Takes the slot away; where only reserved peers are allowed, the peer has to go.
    pub(crate) fn remove_reserved(&mut self, peer: &PeerId) -> bool {
        let was_reserved = self.reserved.remove(peer);
        if was_reserved && !self.config.bootnodes.iter().any(|node| node.peer == *peer) {
            self.dials.remove(peer);
        }
        if was_reserved && self.config.reserved_only == ReservedOnly::Yes {
            self.disconnect(peer);
        }
        was_reserved
    }

    /// The reserved peers.
    pub(crate) fn reserved(&self) -> Vec<PeerId> {
        self.reserved.iter().copied().collect()
    }

    /// A peer did something wrong; if that bans it, it has to go.
    pub(crate) fn penalise(
        &mut self,
        now: Instant,
        peer: &PeerId,
        penalty: Penalty,
    ) -> Consequence {
        let standing = self.standing(peer);
        let consequence = self.scores.penalise(now, *peer, penalty, standing);
        let score = self.scores.score(now, peer);
        match (consequence, standing) {
            (Consequence::Kept, _) => tracing::debug!(%peer, ?penalty, score, "penalty"),
            (Consequence::Banned, Standing::Ordinary) => {
                tracing::info!(%peer, ?penalty, score, "banned");
            }
            (Consequence::Banned, Standing::Reserved) => {
                tracing::warn!(%peer, ?penalty, score, "a reserved peer is banned");
            }
        }
        if consequence == Consequence::Banned {
            self.disconnect(peer);
        }
        consequence
    }

    /// A connected peer has to go.
    pub(crate) fn disconnect(&mut self, peer: &PeerId) {
        if self.connected.contains_key(peer) {
            self.doomed.insert(*peer);
        }
    }

    /// The peers that have to go, each once.
    pub(crate) fn take_doomed(&mut self) -> BTreeSet<PeerId> {
        std::mem::take(&mut self.doomed)
    }

    /// Forgets what is over, and dooms guests and those who did not say in time on which chain they are.
    pub(crate) fn tick(&mut self, now: Instant) {
        self.scores.tick(now);
        let limit = self.config.identify_timeout;
        let late = self.connected.iter().filter(|(_, peer)| peer.is_late(now, limit));
        let late: Vec<PeerId> = late.map(|(id, _)| *id).collect();
        for peer in late {
            tracing::debug!(%peer, "a guest, or did not say in time on which chain it is");
            self.disconnect(&peer);
        }
    }

    /// Boot nodes and reserved peers to be dialled now.
    pub(crate) fn due_dials(&mut self, now: Instant) -> Vec<(PeerId, Vec<Multiaddr>)> {
        let mut dials = std::mem::replace(&mut self.dials, Dials::new(self.config.dial));
        let mut room = self.free_out();
        let due = dials.due(now, |peer| {
            if self.reserved.contains(peer) {
                return self.may_dial(now, peer, 0).is_ok();
            }
            let is_wanted = room > 0 && self.may_dial(now, peer, 0).is_ok();
            room -= usize::from(is_wanted);
            is_wanted
        });
        self.dials = dials;
        due
    }

    /// Dialling a peer failed.
    pub(crate) fn dial_failed(&mut self, now: Instant, peer: &PeerId, jitter: u8) {
        if !self.connected.contains_key(peer) {
            self.dials.failed(now, peer, jitter);
        }
    }

    /// Whether the operator gave this address for this peer.
    pub(crate) fn is_configured(&self, peer: &PeerId, address: &Multiaddr) -> bool {
        self.dials.addresses(peer).contains(address)
    }

    /// How many peers are banned.
    pub(crate) fn banned(&self, now: Instant) -> usize {
        self.scores.banned(now)
    }

    /// All connections are gone.
    pub(crate) fn clear(&mut self) {
        self.connected.clear();
        self.doomed.clear();
    }

    /// Peers that are on our chain.
    pub(crate) fn infos(&self, now: Instant) -> Vec<PeerInfo> {
        let admitted = self.connected.iter().filter(|(_, peer)| peer.is_admitted);
        let info = |(id, peer): (&PeerId, &Peer)| {
            peer.info(*id, self.standing(id) == Standing::Reserved, self.scores.score(now, id))
        };
        admitted.map(info).collect()
    }

    fn standing(&self, peer: &PeerId) -> Standing {
        match self.reserved.contains(peer) {
            true => Standing::Reserved,
            false => Standing::Ordinary,
        }
    }
}
