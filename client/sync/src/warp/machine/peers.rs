//! Whom to ask.

use crate::io::{Offence, PeerId, RequestId};
use crate::warp::io::{WarpAction, WarpChain};
use crate::warp::machine::{Asked, KEEPERS_MAX, WarpCore};
use crate::wire::{Request, Status};

/// What is known of a peer.
#[derive(Debug)]
pub(super) struct Peer {
    /// Where it stands, as it says.
    claim: Option<Status>,
    next_status_ms: u64,
    /// Failures one after another.
    failures: u32,
    /// It is asked for nothing until then.
    rest_until_ms: u64,
}

impl Peer {
    pub(super) fn new(now_ms: u64) -> Self {
        Self { claim: None, next_status_ms: now_ms, failures: 0, rest_until_ms: 0 }
    }
}

impl WarpCore {
    pub(super) fn ask_statuses(&mut self) {
        let now_ms = self.now_ms;
        let due = self.peers.iter_mut().filter(|(_, peer)| peer.next_status_ms <= now_ms);
        let mut asked = Vec::new();
        for (peer, state) in due {
            state.next_status_ms = now_ms.saturating_add(self.config.status_interval_ms);
            asked.push(*peer);
        }
        for peer in asked {
            let id = self.send(peer, Request::Status);
            let deadline_ms = now_ms.saturating_add(self.config.request_timeout_ms);
            self.statuses.insert(id, (peer, deadline_ms));
        }
    }

    fn send(&mut self, peer: PeerId, request: Request) -> RequestId {
        let id = RequestId(self.next_request);
        self.next_request += 1;
        self.out.push(WarpAction::Request { peer, id, request });
        id
    }

    /// Asks a peer that may have it: he who serves the window, for its next page; else the one that
    /// failed least. If all say that they have nothing of the target, it is given up.
    pub(super) fn ask_somebody(&mut self, chain: &mut dyn WarpChain, request: Request) {
        let is_window = matches!(request, Request::Window { .. });
        let now_ms = self.now_ms;
        if is_window && self.window_source.is_none() {
            // Another one's pages need not fit to what is here.
            let records = self.progress.drop_window();
            if !records.is_empty() {
                let batch = crate::warp::io::Batch { records, ..Default::default() };
                if let Err(reason) = chain.write(batch) {
                    return self.give_up(reason);
                }
                self.has_more = true;
                return;
            }
        }
        let known = self.peers.iter().filter(|(_, state)| state.claim.is_some());
        let able = known.filter(|(peer, _)| !self.lacking.contains(peer));
        let able = able.filter(|(peer, _)| {
            !is_window || self.window_source.is_none_or(|source| source == **peer)
        });
        let mut able = able.peekable();
        if able.peek().is_none() {
            if !self.lacking.is_empty() && self.progress.target.is_some() {
                self.drop_target(chain);
                self.has_more = !self.is_over;
            } else {
                // Nobody is here, or nobody has what the operator trusts: they are asked again later.
                self.lacking.clear();
            }
            return;
        }
        let rested = able.filter(|(_, state)| state.rest_until_ms <= now_ms);
        let best = rested.min_by_key(|(peer, state)| (state.failures, **peer));
        let Some(peer) = best.map(|(peer, _)| *peer) else { return };
        if is_window {
            self.window_source = Some(peer);
        }
        let id = self.send(peer, request.clone());
        let deadline_ms = now_ms.saturating_add(self.config.request_timeout_ms);
        self.asked = Some(Asked { id, peer, request, deadline_ms });
    }

    /// Lets others know that the state will be asked for, so that they keep it for a while. Their answers
    /// do not matter.
    pub(super) fn tell_keepers(&mut self, request: &Request) {
        let known = self.peers.iter().filter(|(_, state)| state.claim.is_some());
        let peers: Vec<PeerId> = known.map(|(peer, _)| *peer).take(KEEPERS_MAX).collect();
        for peer in peers {
            self.send(peer, request.clone());
        }
    }

    /// A peer says where it stands.
    pub(super) fn claimed(&mut self, chain: &dyn WarpChain, peer: PeerId, status: Status) {
        if status.genesis != chain.genesis() {
            return self.penalise(peer, Offence::OtherGenesis);
        }
        if let Some(state) = self.peers.get_mut(&peer) {
            state.claim = Some(status);
        }
    }

    /// A peer gave what was asked for.
    pub(super) fn served(&mut self, peer: PeerId) {
        if let Some(state) = self.peers.get_mut(&peer) {
            (state.failures, state.rest_until_ms) = (0, 0);
        }
    }

    /// A peer has nothing to say just now, which is no fault.
    pub(super) fn rest(&mut self, peer: PeerId) {
        let until_ms = self.now_ms.saturating_add(self.config.session_rest_ms);
        if let Some(state) = self.peers.get_mut(&peer) {
            state.rest_until_ms = until_ms;
        }
    }

    /// There will be no answer.
    pub(super) fn failed(&mut self, id: RequestId) {
        if let Some((peer, _)) = self.statuses.remove(&id) {
            return self.note_failure(peer);
        }
        if let Some(Asked { peer, .. }) = self.asked.take_if(|asked| asked.id == id) {
            // Whoever comes next serves the window from its beginning.
            self.window_source.take_if(|source| *source == peer);
            self.note_failure(peer);
        }
    }

    pub(super) fn note_failure(&mut self, peer: PeerId) {
        let Some(state) = self.peers.get_mut(&peer) else { return };
        let rest = self.config.rest_ms.saturating_mul(1 << state.failures.min(16));
        state.failures += 1;
        state.rest_until_ms = self.now_ms.saturating_add(rest.min(self.config.rest_max_ms));
        if self.peers.get(&peer).is_some_and(|state| state.failures >= self.config.failures_max) {
            self.penalise(peer, Offence::Stalls);
        }
    }

    /// Requests that took too long have failed.
    pub(super) fn expire(&mut self) {
        let now_ms = self.now_ms;
        let asked = self.asked.iter().filter(|asked| asked.deadline_ms <= now_ms);
        let statuses = self.statuses.iter().filter(|(_, (_, deadline))| *deadline <= now_ms);
        let late: Vec<RequestId> =
            asked.map(|asked| asked.id).chain(statuses.map(|(id, _)| *id)).collect();
        for id in late {
            self.failed(id);
        }
    }
}
