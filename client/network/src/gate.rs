//! Asks [`crate::peers`] before libp2p opens or accepts a connection.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::swarm::behaviour::{DialFailure, ListenFailure};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId};

use crate::address::{announced, of_peer};
use crate::config::Scope;
use crate::peers::{Denied, Direction};
use crate::state::Shared;

/// LIMIT: addresses that are tried for one peer.
const ADDRESSES_MAX: usize = 16;

/// A behaviour that lets connections through to another one, or not.
///
/// It also keeps that one from dialling addresses which peers made up: names, and private addresses
/// where only global ones are believed.
pub(crate) struct Gate<B> {
    pub(crate) inner: B,
    shared: Arc<Shared>,
    scope: Scope,
    /// LIMIT: handshakes at a time, in each direction.
    handshakes_max: usize,
    /// Connections whose handshake is not done.
    inbound: BTreeSet<ConnectionId>,
    outbound: BTreeSet<ConnectionId>,
}

impl<B> Gate<B> {
    pub(crate) fn new(inner: B, shared: Arc<Shared>, scope: Scope, handshakes_max: usize) -> Self {
        let (inbound, outbound) = Default::default();
        Self { inner, shared, scope, handshakes_max, inbound, outbound }
    }

    fn check(
        &self,
        peer: &PeerId,
        direction: Direction,
        address: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        let now = Instant::now();
        let verdict = self.shared.peers.lock().may_connect(now, peer, direction, address);
        verdict.map_err(|denied| self.deny(denied, direction))
    }

    fn deny(&self, denied: Denied, direction: Direction) -> ConnectionDenied {
        if direction == Direction::Inbound {
            self.shared.count(|state| state.connections_refused += 1);
        }
        ConnectionDenied::new(denied)
    }
}

impl<B: NetworkBehaviour> NetworkBehaviour for Gate<B> {
    type ConnectionHandler = B::ConnectionHandler;
    type ToSwarm = B::ToSwarm;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        if self.inbound.len() >= self.handshakes_max {
            return Err(self.deny(Denied::TooManyHandshakes, Direction::Inbound));
        }
        self.inner.handle_pending_inbound_connection(id, local, remote)?;
        self.inbound.insert(id);
        Ok(())
    }

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.inbound.remove(&id);
        self.check(&peer, Direction::Inbound, remote)?;
        self.inner.handle_established_inbound_connection(id, peer, local, remote)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        role: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        let Some(peer) = peer else {
            return self.inner.handle_pending_outbound_connection(id, peer, addresses, role);
        };
        if self.outbound.len() >= self.handshakes_max {
            return Err(self.deny(Denied::TooManyHandshakes, Direction::Outbound));
        }
        let dialling = self.outbound.len();
        let verdict = self.shared.peers.lock().may_dial(Instant::now(), &peer, dialling);
        verdict.map_err(|denied| self.deny(denied, Direction::Outbound))?;
        let found =
            self.inner.handle_pending_outbound_connection(id, Some(peer), addresses, role)?;
        let peers = self.shared.peers.lock();
        let mut good: Vec<Multiaddr> = Vec::new();
        for address in found.into_iter().filter_map(|address| of_peer(address, &peer)) {
            let is_believed = peers.is_configured(&peer, &address)
                || announced(address.clone(), &peer, self.scope).is_some();
            if is_believed && !good.contains(&address) {
                good.push(address);
            }
        }
        good.truncate(ADDRESSES_MAX);
        self.outbound.insert(id);
        Ok(good)
    }

    fn handle_established_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        role: Endpoint,
        port_use: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.outbound.remove(&id);
        self.check(&peer, Direction::Outbound, address)?;
        self.inner.handle_established_outbound_connection(id, peer, address, role, port_use)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match &event {
            FromSwarm::DialFailure(DialFailure { connection_id, .. }) => {
                self.outbound.remove(connection_id);
            }
            FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => {
                self.inbound.remove(connection_id);
            }
            _ => {}
        }
        self.inner.on_swarm_event(event);
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        id: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        self.inner.on_connection_handler_event(peer, id, event);
    }

    fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.inner.poll(context)
    }
}

#[cfg(test)]
mod tests {
    use citrate_core::H256;
    use libp2p::core::transport::ListenerId;
    use libp2p::swarm::{DialError, ListenError};
    use libp2p::{kad, swarm};

    use super::*;
    use crate::address::MultiaddrWithPeerId;
    use crate::config::NetworkConfig;
    use crate::peers::Peers;

    type Kademlia = kad::Behaviour<kad::store::MemoryStore>;

    fn id(number: usize) -> ConnectionId {
        ConnectionId::new_unchecked(number)
    }

    /// A gate before a Kademlia that knows these addresses of a peer.
    fn gate(scope: Scope, peer: PeerId, known: &[&str], given: Option<&str>) -> Gate<Kademlia> {
        let mut config = NetworkConfig::new(H256::default(), "test", 1, [1; 32]);
        let given = given.map(|text| MultiaddrWithPeerId { address: text.parse().unwrap(), peer });
        config.bootnodes.extend(given);
        config.peers_out_max = 2;
        let local = PeerId::random();
        let mut inner = Kademlia::new(local, kad::store::MemoryStore::new(local));
        for text in known {
            inner.add_address(&peer, text.parse().unwrap());
        }
        let shared = Arc::new(Shared::new(Peers::new(&config, Instant::now())));
        Gate::new(inner, shared, scope, 3)
    }

    #[test]
    fn addresses_that_peers_made_up_are_not_dialled() {
        let known = [
            "/ip4/10.0.0.1/tcp/1",
            "/ip4/10.0.0.2/tcp/1",
            "/ip4/8.8.8.8/tcp/1",
            "/dns/victim.example/tcp/1",
        ];
        let dialled = |scope, given| {
            let peer = PeerId::random();
            let mut gate = gate(scope, peer, &known, given);
            let role = Endpoint::Dialer;
            let good = gate.handle_pending_outbound_connection(id(1), Some(peer), &[], role);
            good.unwrap().iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(dialled(Scope::Global, None), [known[2]]);
        assert_eq!(dialled(Scope::Local, None), known[..3]);
        assert_eq!(dialled(Scope::Global, Some(known[1])), known[1..3], "the operator's own");
        assert_eq!(dialled(Scope::Global, Some(known[3])), known[2..]);
    }

    #[test]
    fn dials_are_limited_by_free_slots_and_handshakes_in_number() {
        let peer = PeerId::random();
        let mut gate = gate(Scope::Local, peer, &["/ip4/10.0.0.1/tcp/1"], None);
        let dial = |gate: &mut Gate<Kademlia>, number| {
            let peer = Some(PeerId::random());
            let role = Endpoint::Dialer;
            gate.handle_pending_outbound_connection(id(number), peer, &[], role).is_ok()
        };
        assert_eq!([1, 2, 3].map(|number| dial(&mut gate, number)), [true, true, false]);
        gate.on_swarm_event(FromSwarm::DialFailure(DialFailure {
            peer_id: None,
            error: &DialError::Aborted,
            connection_id: id(1),
        }));
        assert!(dial(&mut gate, 4));
        let address = Multiaddr::empty();
        let accept = |gate: &mut Gate<Kademlia>, number| {
            gate.handle_pending_inbound_connection(id(number), &address, &address).is_ok()
        };
        let accepted = [5, 6, 7, 8].map(|number| accept(&mut gate, number));
        assert_eq!(accepted, [true, true, true, false], "one past the limit");
        gate.on_swarm_event(FromSwarm::ListenFailure(ListenFailure {
            local_addr: &Multiaddr::empty(),
            send_back_addr: &Multiaddr::empty(),
            error: &ListenError::Aborted,
            connection_id: id(5),
            peer_id: None,
        }));
        gate.on_swarm_event(FromSwarm::NewListener(swarm::behaviour::NewListener {
            listener_id: ListenerId::next(),
        }));
        assert!(accept(&mut gate, 9));
        assert_eq!(gate.shared.counters.lock().connections_refused, 1);
    }
}
