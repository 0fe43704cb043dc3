//! DNS names in the addresses that the operator gave.
//!
//! The system's resolver does it, so that libp2p needs none of its own. Names that peers announce are
//! not looked up at all.

use std::net::IpAddr;
use std::time::Duration;

use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;

/// LIMIT: addresses of one name.
const PER_NAME_MAX: usize = 4;
/// LIMIT: time for one name.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Whether an address begins with a name.
pub(crate) fn is_name(address: &Multiaddr) -> bool {
    matches!(address.iter().next(), Some(Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_)))
}

/// The addresses with IP addresses in place of names; those whose name is unknown are left out.
pub(crate) async fn resolve(addresses: Vec<Multiaddr>) -> Vec<Multiaddr> {
    let mut resolved = Vec::new();
    for address in addresses {
        let ips = match address.iter().next() {
            Some(Protocol::Dns(name)) => look_up(&name, |_| true).await,
            Some(Protocol::Dns4(name)) => look_up(&name, IpAddr::is_ipv4).await,
            Some(Protocol::Dns6(name)) => look_up(&name, IpAddr::is_ipv6).await,
            _ => {
                resolved.push(address);
                continue;
            }
        };
        let place = |ip: IpAddr| std::iter::once(ip.into()).chain(address.iter().skip(1)).collect();
        resolved.extend(ips.into_iter().map(place));
    }
    resolved
}

async fn look_up(name: &str, is_wanted: impl Fn(&IpAddr) -> bool) -> Vec<IpAddr> {
    match tokio::time::timeout(TIMEOUT, tokio::net::lookup_host((name, 0))).await {
        Ok(Ok(found)) => {
            found.map(|socket| socket.ip()).filter(is_wanted).take(PER_NAME_MAX).collect()
        }
        Ok(Err(error)) => {
            tracing::debug!(name, %error, "cannot resolve a name");
            Vec::new()
        }
        Err(_elapsed) => {
            tracing::debug!(name, "cannot resolve a name in time");
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_become_addresses_and_unknown_ones_disappear() {
        let addresses = ["/dns4/localhost/tcp/1", "/ip4/192.0.2.1/tcp/2", "/dns/a.invalid/tcp/3"]
            .map(|text| text.parse().unwrap());
        assert_eq!(addresses.each_ref().map(is_name), [true, false, true]);
        let resolved = resolve(addresses.to_vec()).await;
        let texts: Vec<String> = resolved.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["/ip4/127.0.0.1/tcp/1", "/ip4/192.0.2.1/tcp/2"]);
    }
}
