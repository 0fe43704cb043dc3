//! Under which IP address peers see this node.

use std::collections::VecDeque;
use std::net::IpAddr;

use libp2p::{Multiaddr, PeerId};

use crate::address::ip;

/// How many peers have to see the same.
const AGREE_MIN: usize = 3;
/// LIMIT: the latest votes, which count; an old address is outvoted.
const VOTES_MAX: usize = 32;

/// LIMIT: addresses that wait for more votes; the oldest is forgotten first.
const CANDIDATES_MAX: usize = 16;

/// The latest votes, one for each peer, and the addresses in question.
#[derive(Debug, Default)]
pub(super) struct Observed {
    votes: VecDeque<(PeerId, IpAddr)>,
    candidates: VecDeque<Multiaddr>,
}

impl Observed {
    pub(super) fn vote(&mut self, peer: PeerId, ip: IpAddr) {
        self.votes.retain(|(known, _)| *known != peer);
        if self.votes.len() >= VOTES_MAX {
            self.votes.pop_front();
        }
        self.votes.push_back((peer, ip));
    }

    /// Somebody saw this node at an address, IP and port.
    pub(super) fn candidate(&mut self, address: Multiaddr) {
        self.candidates.retain(|known| *known != address);
        if self.candidates.len() >= CANDIDATES_MAX {
            self.candidates.pop_front();
        }
        self.candidates.push_back(address);
    }

    /// The candidates on which peers agree now, each once.
    pub(super) fn take_agreed(&mut self) -> Vec<Multiaddr> {
        let candidates = std::mem::take(&mut self.candidates);
        let (agreed, others): (VecDeque<_>, VecDeque<_>) =
            candidates.into_iter().partition(|address| self.is_agreed(address));
        self.candidates = others;
        agreed.into()
    }

    /// Whether enough peers see this node at the address's IP address, and most of them do.
    fn is_agreed(&self, address: &Multiaddr) -> bool {
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

    #[test]
    fn a_candidate_waits_for_votes_and_is_taken_once() {
        let address =
            |port: usize| -> Multiaddr { format!("/ip4/192.0.2.1/tcp/{port}").parse().unwrap() };
        let mut observed = Observed::default();
        for port in 0..=CANDIDATES_MAX {
            observed.candidate(address(port));
            observed.candidate(address(port));
        }
        assert_eq!(observed.take_agreed(), []);
        for _ in 0..AGREE_MIN {
            assert_eq!(observed.take_agreed(), []);
            observed.vote(PeerId::random(), "192.0.2.1".parse().unwrap());
        }
        let expected: Vec<_> = (1..=CANDIDATES_MAX).map(address).collect();
        assert_eq!(observed.take_agreed(), expected, "the oldest is one past the limit");
        assert_eq!(observed.take_agreed(), []);
    }
}
