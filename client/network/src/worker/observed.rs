//! Under which addresses peers see this node.

use std::collections::VecDeque;

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};

use crate::address::ip;

/// How many peers have to see the same.
const AGREE_MIN: usize = 3;
/// LIMIT: the latest votes, which count; an old address is outvoted.
const VOTES_MAX: usize = 32;
/// LIMIT: addresses that wait for more votes; the oldest is forgotten first.
const CANDIDATES_MAX: usize = 16;

/// The latest votes, one for each peer, and the addresses in question.
///
/// Peers have to agree on the IP address. The port has to be one that this node listens on, or peers
/// have to agree on it too: it may be the one of a port mapping, or made up.
#[derive(Debug, Default)]
pub(super) struct Observed {
    votes: VecDeque<(PeerId, Multiaddr)>,
    candidates: VecDeque<Multiaddr>,
}

impl Observed {
    /// A peer sees this node at an address.
    pub(super) fn vote(&mut self, peer: PeerId, address: Multiaddr) {
        self.votes.retain(|(known, _)| *known != peer);
        if self.votes.len() >= VOTES_MAX {
            self.votes.pop_front();
        }
        self.votes.push_back((peer, address));
    }

    /// An address that follows from what a peer sees: libp2p puts the port in that this node listens on,
    /// where the one that the peer sees was a passing one.
    pub(super) fn candidate(&mut self, address: Multiaddr) {
        self.candidates.retain(|known| *known != address);
        if self.candidates.len() >= CANDIDATES_MAX {
            self.candidates.pop_front();
        }
        self.candidates.push_back(address);
    }

    /// The candidates on which peers agree now, each once.
    pub(super) fn take_agreed(&mut self, listening: &[Multiaddr]) -> Vec<Multiaddr> {
        let candidates = std::mem::take(&mut self.candidates);
        let (agreed, others): (VecDeque<_>, VecDeque<_>) =
            candidates.into_iter().partition(|address| self.is_agreed(address, listening));
        self.candidates = others;
        agreed.into()
    }

    fn is_agreed(&self, address: &Multiaddr, listening: &[Multiaddr]) -> bool {
        let Some(own) = ip(address) else { return false };
        let ips = || self.votes.iter().filter_map(|(_, seen)| ip(seen));
        let all = ips().filter(|seen| seen.is_ipv4() == own.is_ipv4()).count();
        let agree = ips().filter(|seen| *seen == own).count();
        let is_ours = listening.iter().any(|known| port(known) == port(address));
        let exact = self.votes.iter().filter(|(_, seen)| seen == address).count();
        agree >= AGREE_MIN && agree * 2 > all && (is_ours || exact >= AGREE_MIN)
    }
}

/// The part with the port.
fn port(address: &Multiaddr) -> Option<Protocol<'_>> {
    address.iter().nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: u8, port: usize) -> Multiaddr {
        format!("/ip4/192.0.2.{host}/tcp/{port}").parse().unwrap()
    }

    #[test]
    fn several_peers_have_to_agree_on_the_ip_address() {
        let (ours, listening) = (address(1, 1), [address(9, 1)]);
        let mut observed = Observed::default();
        let is_agreed = |observed: &Observed| observed.is_agreed(&ours, &listening);
        let loud = PeerId::random();
        for port in 2..2 + AGREE_MIN {
            observed.vote(loud, address(1, port));
        }
        assert!(!is_agreed(&observed), "one peer has one vote");
        observed.vote(PeerId::random(), address(1, 7));
        assert!(!is_agreed(&observed));
        observed.vote(PeerId::random(), address(1, 8));
        assert!(is_agreed(&observed));
        observed.vote(PeerId::random(), "/ip6/2001:db8::1/tcp/1".parse().unwrap());
        for port in 0..2 {
            observed.vote(PeerId::random(), address(2, port));
            assert!(is_agreed(&observed));
        }
        observed.vote(PeerId::random(), address(2, 2));
        assert!(!is_agreed(&observed), "half is not most");
        for _ in 0..VOTES_MAX {
            observed.vote(PeerId::random(), address(1, 5));
        }
        assert!(is_agreed(&observed), "old votes do not count");
        assert_eq!(observed.votes.len(), VOTES_MAX);
        assert!(!observed.is_agreed(&"/dns/a/tcp/1".parse().unwrap(), &listening));
    }

    #[test]
    fn a_port_is_ours_or_several_peers_see_it() {
        let listening = [address(9, 1)];
        let mut observed = Observed::default();
        for port in [2, 2, 3, 4] {
            observed.vote(PeerId::random(), address(1, port));
        }
        assert!(observed.is_agreed(&address(1, 1), &listening));
        assert!(!observed.is_agreed(&address(1, 2), &listening), "two see it");
        observed.vote(PeerId::random(), address(1, 2));
        assert!(observed.is_agreed(&address(1, 2), &listening));
        assert!(!observed.is_agreed(&address(1, 3), &listening));
        let other: Multiaddr = "/ip4/192.0.2.1/udp/1/quic-v1".parse().unwrap();
        assert!(!observed.is_agreed(&other, &listening), "the port of another protocol");
    }

    #[test]
    fn a_candidate_waits_for_votes_and_is_taken_once() {
        let ports = 0..=CANDIDATES_MAX;
        let listening: Vec<_> = ports.clone().map(|port| address(9, port)).collect();
        let mut observed = Observed::default();
        for port in ports {
            observed.candidate(address(1, port));
            observed.candidate(address(1, port));
        }
        for _ in 0..AGREE_MIN {
            assert_eq!(observed.take_agreed(&listening), []);
            observed.vote(PeerId::random(), address(1, 99));
        }
        let expected: Vec<_> = (1..=CANDIDATES_MAX).map(|port| address(1, port)).collect();
        assert_eq!(observed.take_agreed(&listening), expected, "the oldest is past the limit");
        assert_eq!(observed.take_agreed(&listening), []);
    }
}
