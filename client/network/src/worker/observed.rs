//! Under which IP address peers see this node.

use std::collections::VecDeque;
use std::net::IpAddr;

use libp2p::{Multiaddr, PeerId};

use crate::address::ip;

/// How many peers have to see the same.
const AGREE_MIN: usize = 3;
/// LIMIT: the latest votes, which count; an old address is outvoted.
const VOTES_MAX: usize = 32;

/// The latest votes, one for each peer.
#[derive(Debug, Default)]
pub(super) struct Observed {
    votes: VecDeque<(PeerId, IpAddr)>,
}

impl Observed {
    pub(super) fn vote(&mut self, peer: PeerId, ip: IpAddr) {
        self.votes.retain(|(known, _)| *known != peer);
        if self.votes.len() >= VOTES_MAX {
            self.votes.pop_front();
        }
        self.votes.push_back((peer, ip));
    }

    /// Whether enough peers see this node at the address's IP address, and most of them do.
    pub(super) fn is_agreed(&self, address: &Multiaddr) -> bool {
        let Some(ip) = ip(address) else { return false };
        let same_family = |vote: &&(PeerId, IpAddr)| vote.1.is_ipv4() == ip.is_ipv4();
        let all = self.votes.iter().filter(same_family).count();
        let agree = self.votes.iter().filter(|(_, seen)| *seen == ip).count();
        agree >= AGREE_MIN && agree * 2 > all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_peers_have_to_agree() {
        let address: Multiaddr = "/ip4/192.0.2.1/tcp/1".parse().unwrap();
        let (ours, other) = (ip(&address).unwrap(), "192.0.2.2".parse().unwrap());
        let mut observed = Observed::default();
        let loud = PeerId::random();
        for _ in 0..AGREE_MIN {
            observed.vote(loud, ours);
        }
        assert!(!observed.is_agreed(&address), "one peer has one vote");
        observed.vote(PeerId::random(), ours);
        assert!(!observed.is_agreed(&address));
        observed.vote(PeerId::random(), ours);
        assert!(observed.is_agreed(&address));
        observed.vote(PeerId::random(), "2001:db8::1".parse().unwrap());
        for _ in 0..2 {
            observed.vote(PeerId::random(), other);
            assert!(observed.is_agreed(&address));
        }
        observed.vote(PeerId::random(), other);
        assert!(!observed.is_agreed(&address), "half is not most");
        for _ in 0..VOTES_MAX {
            observed.vote(PeerId::random(), ours);
        }
        assert!(observed.is_agreed(&address), "old votes do not count");
        assert_eq!(observed.votes.len(), VOTES_MAX);
        assert!(!observed.is_agreed(&"/dns/a/tcp/1".parse().unwrap()));
    }
}
