//! What libp2p tells.

use std::time::Instant;

use libp2p::core::ConnectedPoint;
use libp2p::swarm::{DialError, ListenError, SwarmEvent};
use libp2p::{Multiaddr, PeerId, ping};

use super::Worker;
use crate::address::{is_allowed, of_peer};
use crate::behaviour::BehaviourEvent;
use crate::config::Scope;
use crate::event::Event;
use crate::peers::Direction;
use crate::protocol::Channel;

/// LIMIT: addresses under which this node is reached, beside those that the operator gave; the oldest
/// is forgotten first.
const EXTERNAL_MAX: usize = 16;

impl Worker {
    pub(super) fn on_swarm_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Gossip(event)) => self.on_gossip(event),
            SwarmEvent::Behaviour(BehaviourEvent::Requests(event)) => {
                self.on_requests(Channel::Sync, event);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Artifacts(event)) => {
                self.on_requests(Channel::Artifacts, event);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Identify(event)) => self.on_identify(event),
            SwarmEvent::Behaviour(BehaviourEvent::Ping(event)) => self.on_ping(event),
            // Kademlia fills its table and dials by itself; the table is read in `search`.
            SwarmEvent::Behaviour(BehaviourEvent::Kademlia(_)) => {}
            SwarmEvent::ConnectionEstablished { peer_id, endpoint, .. } => {
                self.on_connected(peer_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed { peer_id, cause, .. } => {
                let cause = cause.map(|cause| cause.to_string());
                tracing::debug!(peer = %peer_id, cause, "connection closed");
                let now = Instant::now();
                let is_last = self.shared.peers.lock().disconnected(now, &peer_id, rand::random());
                if is_last {
                    self.outbox.deliver(Event::PeerDisconnected { peer: peer_id });
                }
            }
            SwarmEvent::OutgoingConnectionError { peer_id: Some(peer), error, .. } => {
                self.on_dial_failed(&peer, &error);
            }
            SwarmEvent::IncomingConnectionError { error, send_back_addr, .. } => {
                let reason = match &error {
                    ListenError::Denied { cause } => cause.to_string(),
                    other => other.to_string(),
                };
                tracing::debug!(from = %send_back_addr, reason, "connection refused");
            }
            SwarmEvent::NewListenAddr { address, .. } => self.on_listening(address),
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                self.shared.listening.lock().retain(|known| *known != address);
                self.withdraw(&address);
            }
            SwarmEvent::ListenerError { error, .. } => {
                tracing::warn!(%error, "a listening socket has a problem");
            }
            SwarmEvent::ListenerClosed { addresses, reason: Err(error), .. } => {
                tracing::error!(?addresses, %error, "a listening socket is closed");
            }
            SwarmEvent::NewExternalAddrCandidate { address } => self.on_candidate(address),
            _ => {}
        }
    }

    fn on_connected(&mut self, peer: PeerId, endpoint: &ConnectedPoint) {
        let (direction, address) = match endpoint {
            ConnectedPoint::Dialer { address, .. } => (Direction::Outbound, address),
            ConnectedPoint::Listener { send_back_addr, .. } => (Direction::Inbound, send_back_addr),
        };
        let Some(address) = of_peer(address.clone(), &peer) else { return };
        self.shared.peers.lock().connected(Instant::now(), peer, direction, address);
    }

    pub(super) fn on_dial_failed(&mut self, peer: &PeerId, error: &DialError) {
        tracing::debug!(%peer, %error, "cannot connect");
        self.shared.count(|state| state.dials_failed += 1);
        self.shared.peers.lock().dial_failed(Instant::now(), peer, rand::random());
    }

    fn on_listening(&mut self, address: Multiaddr) {
        tracing::info!(%address, "listening");
        self.shared.listening.lock().push(address.clone());
        // A private address is announced by identify where that is wanted.
        if self.config.scope == Scope::Global && is_allowed(&address, Scope::Global) {
            self.announce(address.clone());
        }
        self.outbox.deliver(Event::Listening(address));
    }

    /// Tells others that this node is reached here.
    pub(super) fn announce(&mut self, address: Multiaddr) {
        let known = self.shared.external.lock().clone();
        if known.contains(&address) {
            return;
        }
        let own = self.config.external.len();
        if known.len() >= own.saturating_add(EXTERNAL_MAX)
            && let Some(oldest) = known.get(own)
        {
            self.withdraw(oldest);
        }
        tracing::info!(%address, "reachable");
        self.shared.external.lock().push(address.clone());
        self.swarm.add_external_address(address);
    }

    /// This node is not reached here any more, unless the operator says so.
    fn withdraw(&mut self, address: &Multiaddr) {
        if !self.config.external.contains(address) {
            self.shared.external.lock().retain(|known| known != address);
            self.swarm.remove_external_address(address);
        }
    }

    fn on_ping(&mut self, event: ping::Event) {
        match event.result {
            Ok(_) | Err(ping::Failure::Unsupported) => {}
            Err(error) => {
                tracing::debug!(peer = %event.peer, %error, "the connection is dead");
                self.swarm.close_connection(event.connection);
            }
        }
    }
}
