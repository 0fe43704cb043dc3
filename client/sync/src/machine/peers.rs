//! What is known of a peer.

use crate::config::SyncConfig;
use crate::io::{Offence, PeerId};
use crate::machine::SyncCore;
use crate::machine::requests::Kind;
use crate::wire::Status;

/// What is known of a peer.
#[derive(Debug)]
pub(super) struct Peer {
    /// What it said last of where it stands.
    pub(super) claim: Option<Status>,
    /// When it is asked again.
    pub(super) next_status_ms: u64,
    /// Requests for payloads and blocks that it has not answered yet.
    pub(super) in_flight: usize,
    /// Failures since it last gave a block, a header or a payload, and since its last status: who answers
    /// only the cheap question does not get away with it.
    failures: u32,
    status_failures: u32,
    /// It is asked for nothing until then.
    rest_until_ms: u64,
    /// Proofs of lying since it last served something new.
    strikes: u32,
    /// When the last one came; an old one does not count.
    strike_ms: u64,
    /// It passed on a block that is too far from what is known here for asking for each parent.
    pub(super) is_ahead: bool,
    /// It is no source of a session until then.
    pub(super) session_after_ms: u64,
    /// It had nothing new for a session: until then its blocks' parents are asked for one by one, however
    /// many there are.
    pub(super) drained_until_ms: u64,
    /// What it may be served now, in thousandths of a cost.
    budget: u64,
    budget_at_ms: u64,
    /// Requests that were refused since one was served.
    refusals: u32,
}

impl Peer {
    pub(super) fn new(now_ms: u64, config: &SyncConfig) -> Self {
        Self {
            claim: None,
            next_status_ms: now_ms,
            in_flight: 0,
            failures: 0,
            status_failures: 0,
            rest_until_ms: 0,
            strikes: 0,
            strike_ms: 0,
            is_ahead: false,
            session_after_ms: 0,
            drained_until_ms: 0,
            budget: config.serve_burst.saturating_mul(1_000),
            budget_at_ms: now_ms,
            refusals: 0,
        }
    }

    /// Whether it can be asked now.
    pub(super) fn is_rested(&self, now_ms: u64) -> bool {
        self.rest_until_ms <= now_ms
    }

    /// Whether it can be asked for one more payload or block.
    pub(super) fn is_free(&self, now_ms: u64, config: &SyncConfig) -> bool {
        self.is_rested(now_ms) && self.in_flight < config.requests_per_peer_max
    }

    /// It answered.
    pub(super) fn served(&mut self, kind: &Kind) {
        match kind {
            Kind::Status => self.status_failures = 0,
            Kind::Page(_) | Kind::Bodies(_) | Kind::Blocks(_) => {
                (self.failures, self.rest_until_ms) = (0, 0);
            }
        }
    }

    /// It gave what was not known here.
    pub(super) fn proved(&mut self) {
        self.strikes = 0;
    }

    /// Takes a cost from what it may be served. False if that is spent.
    pub(super) fn afford(&mut self, cost: u64, now_ms: u64, config: &SyncConfig) -> bool {
        let passed = now_ms.saturating_sub(self.budget_at_ms);
        let grown = passed.saturating_mul(config.serve_per_second);
        let max = config.serve_burst.saturating_mul(1_000);
        (self.budget, self.budget_at_ms) = (self.budget.saturating_add(grown).min(max), now_ms);
        let Some(rest) = self.budget.checked_sub(cost.saturating_mul(1_000)) else {
            self.refusals = self.refusals.saturating_add(1);
            return false;
        };
        (self.budget, self.refusals) = (rest, 0);
        true
    }

    /// Requests that were refused since one was served.
    pub(super) fn refusals(&self) -> u32 {
        self.refusals
    }
}

impl SyncCore {
    /// A request to the peer failed: it rests, ever longer, and at last is replaced.
    pub(super) fn note_failure(&mut self, peer: PeerId, kind: &Kind) {
        let Some(state) = self.peers.get_mut(&peer) else { return };
        // One bad moment fails all that is in flight: that counts once.
        if !state.is_rested(self.now_ms) {
            return;
        }
        let failures = match kind {
            Kind::Status => &mut state.status_failures,
            _ => &mut state.failures,
        };
        let rest = self.config.rest_ms.saturating_mul(1 << (*failures).min(16));
        *failures += 1;
        let is_last = *failures >= self.config.failures_max;
        state.rest_until_ms = self.now_ms.saturating_add(rest.min(self.config.rest_max_ms));
        if is_last {
            self.penalise(peer, Offence::Stalls);
        }
    }

    /// The peer did what an honest one does rarely, and never often.
    pub(super) fn strike(&mut self, peer: PeerId, offence: Offence) {
        let Some(state) = self.peers.get_mut(&peer) else { return };
        let is_old = self.now_ms.saturating_sub(state.strike_ms) > self.config.strike_age_max_ms;
        state.strikes = if is_old { 1 } else { state.strikes + 1 };
        state.strike_ms = self.now_ms;
        if state.strikes >= self.config.strikes_max {
            self.penalise(peer, offence);
        }
    }

    /// Peers that can be asked for payloads and blocks now, the least busy first.
    pub(super) fn free_peers(&mut self) -> Vec<PeerId> {
        let (now_ms, config) = (self.now_ms, self.config);
        let salt = self.next_random();
        let spread = |peer: PeerId| (peer.0 ^ salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let known = self.peers.iter().filter(|(_, state)| state.claim.is_some());
        let free = known.filter(|(_, state)| state.is_free(now_ms, &config));
        let mut free: Vec<_> = free.map(|(peer, state)| (state.in_flight, *peer)).collect();
        free.sort_by_key(|(in_flight, peer)| (*in_flight, spread(*peer)));
        free.into_iter().map(|(_, peer)| peer).collect()
    }
}
