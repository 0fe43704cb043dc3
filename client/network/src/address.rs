//! Addresses of peers.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};

use crate::config::Scope;

/// LIMIT: characters of an address that is parsed.
const TEXT_CHARS_MAX: usize = 512;

/// An address and who is there: `/ip4/192.0.2.1/tcp/30333/p2p/12D3KooW...`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MultiaddrWithPeerId {
    /// Where; without the `/p2p` part.
    pub address: Multiaddr,
    /// Who.
    pub peer: PeerId,
}

/// Why a text is no address with a peer id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// It is no multiaddress.
    #[error("not a multiaddress")]
    Malformed,
    /// It does not say who is there.
    #[error("the address does not end in /p2p/ and a peer id")]
    NoPeerId,
    /// There is nothing but the peer id.
    #[error("the address is only a peer id")]
    NoAddress,
    /// It cannot be dialled.
    #[error("the address is neither TCP nor QUIC over an IP address or DNS name")]
    Unsupported,
}

impl FromStr for MultiaddrWithPeerId {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > TEXT_CHARS_MAX {
            return Err(AddressError::Malformed);
        }
        let whole = Multiaddr::from_str(text).map_err(|_error| AddressError::Malformed)?;
        Self::try_from(whole)
    }
}

impl TryFrom<Multiaddr> for MultiaddrWithPeerId {
    type Error = AddressError;

    fn try_from(mut address: Multiaddr) -> Result<Self, Self::Error> {
        let Some(Protocol::P2p(peer)) = address.pop() else { return Err(AddressError::NoPeerId) };
        if address.is_empty() {
            return Err(AddressError::NoAddress);
        }
        match Transport::of(&address) {
            Some(_) => Ok(Self { address, peer }),
            None => Err(AddressError::Unsupported),
        }
    }
}

impl fmt::Display for MultiaddrWithPeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/p2p/{}", self.address, self.peer)
    }
}

/// How an address is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp,
    Quic,
}

impl Transport {
    /// `None`: this node cannot dial such an address.
    pub(crate) fn of(address: &Multiaddr) -> Option<Self> {
        let mut parts = address.iter();
        let host = parts.next()?;
        let is_host = matches!(
            host,
            Protocol::Ip4(_)
                | Protocol::Ip6(_)
                | Protocol::Dns(_)
                | Protocol::Dns4(_)
                | Protocol::Dns6(_)
        );
        if !is_host {
            return None;
        }
        let transport = match (parts.next()?, parts.next()) {
            (Protocol::Tcp(_), None) => Self::Tcp,
            (Protocol::Udp(_), Some(Protocol::QuicV1)) if parts.next().is_none() => Self::Quic,
            _ => return None,
        };
        Some(transport)
    }
}

/// An address as peers announce it, without a `/p2p` part, if this node could dial it and would believe it.
///
/// Names are not believed: a peer could make everybody ask for a name of its choice.
pub(crate) fn announced(address: Multiaddr, peer: &PeerId, scope: Scope) -> Option<Multiaddr> {
    let address = of_peer(address, peer)?;
    Transport::of(&address)?;
    is_allowed(&address, scope).then_some(address)
}

/// The address without its `/p2p` part, if that does not name another peer.
pub(crate) fn of_peer(mut address: Multiaddr, peer: &PeerId) -> Option<Multiaddr> {
    match address.iter().last() {
        Some(Protocol::P2p(at)) if at != *peer => return None,
        Some(Protocol::P2p(_)) => address.pop(),
        _ => None,
    };
    Some(address)
}

/// Whether an address is an IP address that is announced and believed in `scope`.
pub(crate) fn is_allowed(address: &Multiaddr, scope: Scope) -> bool {
    match (ip(address), scope) {
        (None, _) => false,
        (Some(ip), Scope::Local) => !ip.is_unspecified() && !ip.is_multicast(),
        (Some(ip), Scope::Global) => is_global(ip),
    }
}

/// The IP address that it begins with.
pub(crate) fn ip(address: &Multiaddr) -> Option<IpAddr> {
    match address.iter().next()? {
        Protocol::Ip4(ip) => Some(ip.into()),
        Protocol::Ip6(ip) => Some(ip.into()),
        _ => None,
    }
}

/// What counts as one place of the internet: an IPv4 address, or the network of an IPv6 address.
pub(crate) fn network(address: &Multiaddr) -> Option<IpAddr> {
    match ip(address).filter(|ip| is_global(*ip))? {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            Some(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
        }
        v4 @ IpAddr::V4(_) => Some(v4),
    }
}

/// Whether an IP address is one of the internet's: not of the special ones of RFC 6890.
fn is_global(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_global_v4(ip),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => is_global_v4(ip),
            None => is_global_v6(ip),
        },
    }
}

fn is_global_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_benchmark = a == 198 && (b == 18 || b == 19);
    let is_protocol = a == 192 && b == 0 && c == 0;
    !(a == 0
        || a >= 224
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || is_shared
        || is_benchmark
        || is_protocol)
}

fn is_global_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // Global unicast is 2000::/3, without documentation, Teredo and 6to4, which wrap other addresses.
    let is_unicast = a & 0xe000 == 0x2000;
    let is_special = (a == 0x2001 && (b == 0xdb8 || b < 0x200)) || a == 0x2002 || a == 0x3fff;
    is_unicast && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_with_a_peer_id_is_parsed_and_printed() {
        let peer = PeerId::random();
        for place in [
            "/ip4/192.0.2.1/tcp/30333",
            "/ip6/::1/udp/1/quic-v1",
            "/dns/node.example/tcp/30333",
            "/dns4/node.example/udp/30333/quic-v1",
        ] {
            let text = format!("{place}/p2p/{peer}");
            let parsed: MultiaddrWithPeerId = text.parse().unwrap();
            assert_eq!((parsed.address.to_string(), parsed.peer), (place.to_owned(), peer));
            assert_eq!(parsed.to_string(), text);
        }
        let error = |text: &str| MultiaddrWithPeerId::from_str(text).unwrap_err();
        assert_eq!(error("node.example"), AddressError::Malformed);
        assert_eq!(error("/ip4/192.0.2.1/tcp/1"), AddressError::NoPeerId);
        assert_eq!(error(""), AddressError::NoPeerId);
        assert_eq!(error(&format!("/p2p/{peer}")), AddressError::NoAddress);
        for place in ["/ip4/192.0.2.1", "/ip4/192.0.2.1/udp/1", "/ip4/1.2.3.4/tcp/1/ws", "/tcp/1"] {
            assert_eq!(error(&format!("{place}/p2p/{peer}")), AddressError::Unsupported);
        }
        assert_eq!(error(&format!("/dns/{}/tcp/1", "a".repeat(600))), AddressError::Malformed);
    }

    #[test]
    fn announced_addresses_are_filtered_by_scope() {
        let peer = PeerId::random();
        let is_believed = |text: &str, scope| announced(address(text), &peer, scope).is_some();
        for global in ["/ip4/8.8.8.8/tcp/1", "/ip6/2a00:1450::1/udp/1/quic-v1"] {
            assert!(is_believed(global, Scope::Global) && is_believed(global, Scope::Local));
        }
        for ip in [
            "ip4/127.0.0.1",
            "ip4/10.1.2.3",
            "ip4/172.16.0.1",
            "ip4/192.168.1.1",
            "ip4/169.254.1.1",
            "ip4/100.64.0.1",
            "ip4/198.18.0.1",
            "ip4/192.0.0.1",
            "ip4/192.0.2.1",
            "ip6/::1",
            "ip6/fe80::1",
            "ip6/fc00::1",
            "ip6/2001:db8::1",
            "ip6/::ffff:10.0.0.1",
            "ip6/2002::1",
        ] {
            let text = format!("/{ip}/tcp/1");
            assert!(!is_believed(&text, Scope::Global), "{text}");
            assert!(is_believed(&text, Scope::Local), "{text}");
        }
        for never in ["/ip4/0.0.0.0/tcp/1", "/ip6/::/tcp/1", "/dns/a.example/tcp/1", "/ip4/8.8.8.8"]
        {
            assert!(!is_believed(never, Scope::Local), "{never}");
        }
        let own = address(&format!("/ip4/8.8.8.8/tcp/1/p2p/{peer}"));
        assert_eq!(announced(own, &peer, Scope::Global), Some(address("/ip4/8.8.8.8/tcp/1")));
        let other = address(&format!("/ip4/8.8.8.8/tcp/1/p2p/{}", PeerId::random()));
        assert_eq!(announced(other, &peer, Scope::Global), None);
    }
}
