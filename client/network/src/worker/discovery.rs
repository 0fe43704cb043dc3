//! Whom to dial.

use std::time::Instant;

use libp2p::swarm::DialError;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::{Multiaddr, PeerId};
use rand::seq::SliceRandom;

use super::Worker;

/// LIMIT: peers dialled in one search.
const DIALS_MAX: usize = 8;
/// LIMIT: questions to the network at a time.
const QUERIES_MAX: usize = 4;

impl Worker {
    /// Dials a boot node or reserved peer.
    pub(super) fn dial(&mut self, peer: PeerId, addresses: Vec<Multiaddr>) {
        if addresses.is_empty() {
            return self.on_dial_failed(&peer, &DialError::NoAddresses);
        }
        let options = DialOpts::peer_id(peer).addresses(addresses).build();
        if let Err(error) = self.swarm.dial(options) {
            self.on_dial_failed(&peer, &error);
        }
    }

    /// Dials some of the peers that Kademlia knows, and looks for more.
    pub(super) fn search(&mut self, now: Instant) {
        let free = self.shared.peers.lock().free_out();
        if free == 0 {
            return;
        }
        let kademlia = &mut self.swarm.behaviour_mut().inner.kademlia;
        let mut known: Vec<PeerId> = Vec::new();
        for bucket in kademlia.kbuckets() {
            known.extend(bucket.iter().map(|entry| *entry.node.key.preimage()));
        }
        if !known.is_empty() && kademlia.iter_queries().count() < QUERIES_MAX {
            // A random place, so that in time every part of the network is seen.
            kademlia.get_closest_peers(PeerId::random());
        }
        {
            let peers = self.shared.peers.lock();
            known.retain(|peer| peers.may_dial(now, peer, 0).is_ok());
        }
        known.shuffle(&mut rand::rng());
        for peer in known.into_iter().take(free.min(DIALS_MAX)) {
            if let Err(error) = self.swarm.dial(DialOpts::peer_id(peer).build()) {
                tracing::trace!(%peer, %error, "not dialled");
            }
        }
    }
}
