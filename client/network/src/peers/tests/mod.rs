//! A peer set with small limits, and what it decides.

mod dials;
mod flow;
mod slots;

use std::time::Duration;

use citrate_core::H256;

use super::*;
use crate::config::Rate;

/// A peer set with small limits, and its clock.
struct World {
    peers: Peers,
    now: Instant,
}

impl World {
    fn new(change: impl FnOnce(&mut NetworkConfig)) -> Self {
        let mut config = NetworkConfig::new(H256::default(), "test", 1, [1; 32]);
        config.peers_in_max = 2;
        config.peers_out_max = 1;
        config.guests_max = 0;
        config.ban.recovery_per_minute = 0;
        change(&mut config);
        let now = Instant::now();
        Self { peers: Peers::new(&config, now), now }
    }

    fn may(&self, peer: PeerId, direction: Direction) -> Result<(), Denied> {
        self.peers.may_connect(self.now, &peer, direction, &Multiaddr::empty())
    }

    fn connect(&mut self, peer: PeerId, direction: Direction) {
        self.peers.connected(self.now, peer, direction, Multiaddr::empty());
    }

    /// A peer that is connected and on our chain.
    fn member(&mut self, direction: Direction) -> PeerId {
        let peer = PeerId::random();
        self.connect(peer, direction);
        assert_eq!(self.peers.admit(&peer), Admission::New);
        peer
    }

    fn disconnect(&mut self, peer: PeerId) -> bool {
        self.peers.disconnected(self.now, &peer, 0)
    }
}

fn node(port: u16) -> MultiaddrWithPeerId {
    let address = format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap();
    MultiaddrWithPeerId { address, peer: PeerId::random() }
}
