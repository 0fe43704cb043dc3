//! When to dial the peers that the operator named.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use libp2p::{Multiaddr, PeerId};

use crate::config::DialConfig;

/// LIMIT: addresses of one target.
const ADDRESSES_MAX: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nobody talks to it; it may be dialled from this time on.
    Waiting(Instant),
    /// It is being dialled.
    Dialling,
    Connected,
}

#[derive(Debug)]
struct Target {
    addresses: Vec<Multiaddr>,
    /// Failures since it was connected for a while.
    failures: u32,
    phase: Phase,
}

/// Boot nodes and reserved peers: dialled again and again, with growing pauses.
#[derive(Debug)]
pub(super) struct Dials {
    config: DialConfig,
    targets: BTreeMap<PeerId, Target>,
}

impl Dials {
    pub(super) fn new(config: DialConfig) -> Self {
        Self { config, targets: BTreeMap::new() }
    }

    /// Adds an address; the target may be dialled at once.
    pub(super) fn add(&mut self, now: Instant, peer: PeerId, address: Multiaddr, is_up: bool) {
        let phase = if is_up { Phase::Connected } else { Phase::Waiting(now) };
        let new = || Target { addresses: Vec::new(), failures: 0, phase };
        let target = self.targets.entry(peer).or_insert_with(new);
        if !target.addresses.contains(&address) && target.addresses.len() < ADDRESSES_MAX {
            target.addresses.push(address);
        }
        if let Phase::Waiting(at) = &mut target.phase {
            *at = now;
        }
    }

    pub(super) fn remove(&mut self, peer: &PeerId) {
        self.targets.remove(peer);
    }

    pub(super) fn addresses(&self, peer: &PeerId) -> &[Multiaddr] {
        self.targets.get(peer).map(|target| &target.addresses[..]).unwrap_or_default()
    }

    /// Whom to dial now, among those whom `is_wanted` names. They count as being dialled.
    pub(super) fn due(
        &mut self,
        now: Instant,
        mut is_wanted: impl FnMut(&PeerId) -> bool,
    ) -> Vec<(PeerId, Vec<Multiaddr>)> {
        let mut due = Vec::new();
        for (peer, target) in &mut self.targets {
            let is_due = matches!(target.phase, Phase::Waiting(at) if at <= now);
            if is_due && is_wanted(peer) {
                target.phase = Phase::Dialling;
                due.push((*peer, target.addresses.clone()));
            }
        }
        due
    }

    pub(super) fn connected(&mut self, peer: &PeerId) {
        if let Some(target) = self.targets.get_mut(peer) {
            target.phase = Phase::Connected;
        }
    }

    /// The next failure is the first one.
    pub(super) fn forget_failures(&mut self, peer: &PeerId) {
        if let Some(target) = self.targets.get_mut(peer) {
            target.failures = 0;
        }
    }

    /// Dialling failed, or the connection is gone.
    ///
    /// `jitter` shortens the pause by up to a quarter, so that nodes which lost a peer together do not
    /// come back together.
    pub(super) fn failed(&mut self, now: Instant, peer: &PeerId, jitter: u8) {
        let config = self.config;
        let Some(target) = self.targets.get_mut(peer) else { return };
        if matches!(target.phase, Phase::Waiting(_)) {
            return;
        }
        let doubled = config.backoff_min.saturating_mul(1 << target.failures.min(20));
        let pause = doubled.min(config.backoff_max);
        target.failures = target.failures.saturating_add(1);
        target.phase = Phase::Waiting(now + pause - shortened(pause, jitter));
    }
}

fn shortened(pause: Duration, jitter: u8) -> Duration {
    pause / 4 * u32::from(jitter) / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: DialConfig = DialConfig {
        backoff_min: Duration::from_secs(1),
        backoff_max: Duration::from_secs(8),
        discovery_interval: Duration::from_secs(1),
    };

    fn address(port: u16) -> Multiaddr {
        format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap()
    }

    #[test]
    fn pauses_double_to_a_limit_and_dialling_never_ends() {
        let (mut now, peer) = (Instant::now(), PeerId::random());
        let mut dials = Dials::new(CONFIG);
        dials.add(now, peer, address(1), false);
        for pause in [1, 2, 4, 8, 8, 8] {
            assert_eq!(dials.due(now, |_| true), [(peer, vec![address(1)])]);
            assert_eq!(dials.due(now, |_| true), [], "it is being dialled");
            dials.failed(now, &peer, 0);
            now += Duration::from_secs(pause);
            assert_eq!(dials.due(now - Duration::from_millis(1), |_| true), []);
        }
        assert_eq!(dials.due(now, |_| false), [], "unless nobody wants it");
        assert_eq!(dials.due(now, |_| true).len(), 1);
        dials.connected(&peer);
        dials.forget_failures(&peer);
        assert_eq!(dials.due(now + Duration::from_secs(99), |_| true), []);
        dials.failed(now, &peer, 255);
        assert_eq!(dials.due(now + Duration::from_millis(750), |_| true), []);
        assert_eq!(dials.due(now + Duration::from_millis(752), |_| true).len(), 1);
    }

    #[test]
    fn addresses_are_bounded_and_a_target_can_be_taken_back() {
        let (now, peer) = (Instant::now(), PeerId::random());
        let mut dials = Dials::new(CONFIG);
        for port in 0..20 {
            dials.add(now, peer, address(port), false);
            dials.add(now, peer, address(port), false);
        }
        assert_eq!(dials.addresses(&peer).len(), ADDRESSES_MAX);
        dials.remove(&peer);
        assert_eq!(dials.due(now, |_| true), []);
        dials.failed(now, &peer, 0);
        dials.add(now, peer, address(1), true);
        assert_eq!(dials.due(now, |_| true), [], "it is connected already");
    }

    #[test]
    fn a_new_address_is_tried_at_once() {
        let (now, peer) = (Instant::now(), PeerId::random());
        let mut dials = Dials::new(CONFIG);
        dials.add(now, peer, address(1), false);
        assert_eq!(dials.due(now, |_| true).len(), 1);
        dials.failed(now, &peer, 0);
        dials.add(now, peer, address(2), false);
        assert_eq!(dials.due(now, |_| true), [(peer, vec![address(1), address(2)])]);
    }
}
