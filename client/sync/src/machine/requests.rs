//! Requests that wait for an answer.

use std::collections::BTreeMap;

use citrate_core::H256;

use crate::io::{Action, PeerId, RequestId};
use crate::machine::SyncCore;
use crate::wire::Request;

/// What was asked, as far as the answer needs it.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Status,
    Page(Vec<H256>),
    Bodies(Vec<H256>),
    Blocks(Vec<H256>),
}

impl Kind {
    /// Whether it takes one of the peer's places.
    fn counts(&self) -> bool {
        matches!(self, Self::Bodies(_) | Self::Blocks(_))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) peer: PeerId,
    pub(super) kind: Kind,
    /// When others are asked too; `None` once they are.
    patience_ms: Option<u64>,
    deadline_ms: u64,
}

/// Requests that wait for an answer.
///
/// LIMIT: for each peer one status, [`requests_per_peer_max`](crate::SyncConfig) others, and one page in all.
#[derive(Debug, Default)]
pub(super) struct Requests {
    next: u64,
    waiting: BTreeMap<RequestId, Waiting>,
}

impl Requests {
    /// The number of the request that is made next.
    pub(super) fn next_id(&self) -> RequestId {
        RequestId(self.next)
    }

    pub(super) fn take_all_of(&mut self, peer: PeerId) -> Vec<(RequestId, Waiting)> {
        self.waiting.extract_if(.., |_, waiting| waiting.peer == peer).collect()
    }
}

impl SyncCore {
    /// Asks a peer.
    pub(super) fn request(&mut self, peer: PeerId, request: Request) -> RequestId {
        let kind = match &request {
            Request::Headers { locator, .. } => Kind::Page(locator.clone()),
            Request::Bodies(hashes) => Kind::Bodies(hashes.clone()),
            Request::Blocks(hashes) => Kind::Blocks(hashes.clone()),
            Request::Status => Kind::Status,
            // Others than this machine ask for these.
            Request::Justification(_)
            | Request::Proof(_)
            | Request::Window { .. }
            | Request::State { .. } => Kind::Status,
        };
        if kind.counts()
            && let Some(state) = self.peers.get_mut(&peer)
        {
            state.in_flight += 1;
        }
        let id = RequestId(self.requests.next);
        self.requests.next += 1;
        let deadline_ms = self.now_ms.saturating_add(self.config.request_timeout_ms);
        let patience_ms = Some(self.now_ms.saturating_add(self.config.request_patience_ms));
        self.requests.waiting.insert(id, Waiting { peer, kind, patience_ms, deadline_ms });
        self.out.push(Action::Request { peer, id, request });
        id
    }

    /// Takes a request off the list; its place at the peer is free again.
    pub(super) fn take_request(&mut self, id: RequestId) -> Option<Waiting> {
        let waiting = self.requests.waiting.remove(&id)?;
        if waiting.kind.counts()
            && let Some(state) = self.peers.get_mut(&waiting.peer)
        {
            state.in_flight = state.in_flight.saturating_sub(1);
        }
        Some(waiting)
    }

    /// What a request asked for can be asked for again.
    pub(super) fn release(&mut self, id: RequestId, kind: &Kind) {
        match kind {
            Kind::Status => {}
            Kind::Page(_) => {
                if let Some(session) = &mut self.session {
                    session.page = session.page.filter(|page| *page != id);
                }
            }
            Kind::Bodies(hashes) => {
                if let Some(session) = &mut self.session {
                    session.window.release(id, hashes);
                }
            }
            Kind::Blocks(hashes) => self.wants.release(id, hashes),
        }
    }

    /// A request has no answer.
    pub(super) fn failed(&mut self, id: RequestId) {
        let Some(waiting) = self.take_request(id) else { return };
        self.release(id, &waiting.kind);
        self.tire(&waiting.kind);
        self.note_failure(waiting.peer, &waiting.kind);
    }

    /// Another source of headers is better.
    fn tire(&mut self, kind: &Kind) {
        if matches!(kind, Kind::Page(_))
            && let Some(session) = &mut self.session
        {
            session.is_source_tired = true;
        }
    }

    /// What is slow is asked of others too. Its answer is still welcome.
    fn lose_patience(&mut self) {
        let now_ms = self.now_ms;
        let mut slow = Vec::new();
        for (id, waiting) in &mut self.requests.waiting {
            if waiting.patience_ms.take_if(|at_ms| *at_ms <= now_ms).is_some() {
                slow.push((*id, waiting.peer, waiting.kind.clone()));
            }
        }
        for (id, peer, kind) in slow {
            self.release(id, &kind);
            self.tire(&kind);
            if let Kind::Blocks(hashes) = &kind {
                self.wants.postpone(peer, hashes);
            }
        }
    }

    /// Requests that took too long have failed.
    pub(super) fn expire_requests(&mut self) {
        self.lose_patience();
        let now_ms = self.now_ms;
        let waiting = self.requests.waiting.iter();
        let late = waiting.filter(|(_, waiting)| waiting.deadline_ms <= now_ms);
        for id in late.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.failed(id);
        }
    }
}
