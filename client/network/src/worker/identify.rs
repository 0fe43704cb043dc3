//! What peers say of themselves, and of us.

use std::time::Instant;

use libp2p::{Multiaddr, PeerId, identify, kad};

use super::Worker;
use crate::address::{announced, is_allowed};
use crate::config::Scope;
use crate::peers::Admission;
use crate::protocol::Kinship;

/// LIMIT: addresses of a peer that are kept for others.
const ADDRESSES_MAX: usize = 16;

impl Worker {
    pub(super) fn on_identify(&mut self, event: identify::Event) {
        match event {
            identify::Event::Received { peer_id, info, .. } => self.on_identified(peer_id, info),
            identify::Event::Error { peer_id, error, .. } => {
                tracing::debug!(peer = %peer_id, %error, "does not say who it is");
            }
            identify::Event::Sent { .. } | identify::Event::Pushed { .. } => {}
        }
    }

    fn on_identified(&mut self, peer: PeerId, info: identify::Info) {
        let kinship = self.protocols.kinship(&info.protocol_version);
        let admission = self.shared.peers.lock().identified(
            Instant::now(),
            &peer,
            kinship,
            &info.agent_version,
        );
        if kinship != Kinship::Ours {
            let theirs: String = info.protocol_version.chars().take(256).collect();
            let ours = &self.protocols.version;
            if kinship == Kinship::OtherVersion {
                tracing::warn!(%peer, theirs, ours, "speaks another version; one of the two nodes is to be updated");
                self.shared.count(|state| state.wrong_version += 1);
            } else {
                tracing::warn!(%peer, theirs, ours, "is on another chain");
                self.shared.count(|state| state.wrong_chain += 1);
            }
            self.swarm.behaviour_mut().inner.kademlia.remove_peer(&peer);
        }
        // A guest is remembered too, so that others hear of it.
        if !self.welcome(&peer, admission) && admission != Admission::Guest {
            return;
        }
        if admission == Admission::New {
            self.observed.vote(peer, info.observed_addr);
            self.confirm();
        }
        if info.protocols.contains(&self.protocols.kademlia) {
            self.learn(&peer, info.listen_addrs);
        }
    }

    /// Remembers where a peer is, for this node and others.
    fn learn(&mut self, peer: &PeerId, addresses: Vec<Multiaddr>) {
        let scope = self.config.scope;
        let kademlia = &mut self.swarm.behaviour_mut().inner.kademlia;
        let believed = addresses.into_iter().filter_map(|address| announced(address, peer, scope));
        for address in believed.take(ADDRESSES_MAX) {
            let key = kad::KBucketKey::from(*peer);
            let known = kademlia.kbucket(*peer).and_then(|bucket| {
                let entry = bucket.iter().find(|entry| *entry.node.key == key)?;
                Some(entry.node.value.len())
            });
            if known.is_some_and(|count| count >= ADDRESSES_MAX) {
                break;
            }
            kademlia.add_address(peer, address);
        }
    }

    /// Somebody saw this node at an address.
    pub(super) fn on_candidate(&mut self, address: Multiaddr) {
        if is_allowed(&address, Scope::Global) {
            self.observed.candidate(address);
            self.confirm();
        }
    }

    /// Announces the addresses on which peers agree.
    fn confirm(&mut self) {
        let listening = self.shared.listening.lock().clone();
        for address in self.observed.take_agreed(&listening) {
            tracing::debug!(%address, "several peers see this node here");
            self.announce(address);
        }
    }
}
