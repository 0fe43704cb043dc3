//! Headers first: catching up with a peer that is far ahead.

mod bodies;
mod headers;

use citrate_core::H256;
use citrate_dag_types::DagBlock;

use crate::io::{ImportOutcome, Offence, PeerId, RequestId};
use crate::machine::SyncCore;
use crate::machine::window::Window;
use crate::port::{Check, SyncChain};

/// LIMIT: blocks from the window's start that are looked at for import at a time, and whose payloads are
/// asked for however large the window is.
pub(super) const NEXT_MAX: usize = 64;

/// A download of headers and payloads.
#[derive(Debug)]
pub(super) struct Session {
    /// Who serves the headers; `None` while another is looked for.
    source: Option<PeerId>,
    pub(super) window: Window,
    /// The last header of the last page.
    cursor: Option<H256>,
    /// The request for the next page.
    pub(super) page: Option<RequestId>,
    /// The first request that can be the session's: what was asked for an earlier one fits into no other.
    first: RequestId,
    /// The source failed to answer: another one is better.
    pub(super) is_source_tired: bool,
    /// Whether the source has no more.
    is_exhausted: bool,
    /// Whether it began because of what the source claims, and not of a block that it passed on.
    is_claimed: bool,
    /// Headers that were not known.
    new_headers: u64,
    /// Pages one after another with few headers, or none that were not known.
    poor_pages: u32,
    /// When a payload or an import came last, or a header that was waited for.
    progress_ms: u64,
}

impl Session {
    fn new(source: PeerId, is_claimed: bool, first: RequestId, now_ms: u64) -> Self {
        Self {
            source: Some(source),
            window: Window::default(),
            cursor: None,
            page: None,
            first,
            is_source_tired: false,
            is_exhausted: false,
            is_claimed,
            new_headers: 0,
            poor_pages: 0,
            progress_ms: now_ms,
        }
    }

    /// A peer is gone.
    pub(super) fn forget(&mut self, peer: PeerId) {
        self.window.forget(peer);
        if self.source == Some(peer) {
            self.source = None;
        }
    }
}

impl SyncCore {
    /// Begins a session if a peer is far ahead, and goes on with it.
    pub(super) fn advance_session(&mut self, chain: &dyn SyncChain) {
        if self.session.is_none() {
            let far = self.config.far_blue_score;
            let Some(source) = self.best_source(chain, far, None) else { return };
            let is_claimed = self.peers.get(&source).is_some_and(|state| !state.is_ahead);
            self.session =
                Some(Session::new(source, is_claimed, self.requests.next_id(), self.now_ms));
        }
        let stall_ms = self.config.session_stall_max_ms;
        let is_stalled = |session: &Session| {
            self.now_ms.saturating_sub(session.progress_ms) > stall_ms && self.imports.len() == 0
        };
        if self.session.as_ref().is_some_and(is_stalled) {
            return self.abort_session();
        }
        self.keep_source(chain);
        self.import_window(chain);
        self.ask_page(chain);
        self.ask_bodies();
        self.finish_session(chain);
    }

    pub(super) fn is_in_window(&self, hash: &H256) -> bool {
        self.session.as_ref().is_some_and(|session| session.window.contains(hash))
    }

    /// The peer that claims most, of those that claim `margin` more than is known here, or passed on
    /// what cannot be reached otherwise.
    fn best_source(
        &mut self,
        chain: &dyn SyncChain,
        margin: u64,
        except: Option<PeerId>,
    ) -> Option<PeerId> {
        let (now_ms, salt) = (self.now_ms, self.next_random());
        let here = chain.status();
        let needed = here.blue_score.saturating_add(margin);
        let next = here.best.number.saturating_add(1);
        let rank = |(peer, state): (&PeerId, &super::Peer)| {
            let claim = state.claim.as_ref()?;
            let is_ready = state.is_rested(now_ms) && state.session_after_ms <= now_ms;
            let is_far = claim.blue_score > needed && !chain.contains(&claim.best.hash);
            let is_source = is_ready
                && claim.oldest <= next
                && (is_far || state.is_ahead)
                && except != Some(*peer);
            let spread = (peer.0 ^ salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            is_source.then_some((claim.blue_score, spread, *peer))
        };
        self.peers.iter().filter_map(rank).max().map(|(_, _, peer)| peer)
    }

    /// Replaces a source that is gone or does not answer. If there is none, what was announced by it is still
    /// downloaded from others.
    fn keep_source(&mut self, chain: &dyn SyncChain) {
        let Some(session) = &self.session else { return };
        let (old, is_tired) = (session.source, session.is_source_tired);
        if session.is_exhausted || session.page.is_some() || old.is_some() && !is_tired {
            return;
        }
        let other = self.best_source(chain, 0, old);
        let Some(session) = &mut self.session else { return };
        session.is_source_tired = false;
        match (other, old) {
            (Some(other), _) => {
                session.source = Some(other);
                (session.poor_pages, session.is_claimed) = (0, false);
            }
            (None, Some(_)) => {}
            (None, None) => session.is_exhausted = true,
        }
    }

    /// Hands the blocks whose parents are known and whose payload is here to the imports.
    fn import_window(&mut self, chain: &dyn SyncChain) {
        let Some(session) = &self.session else { return };
        let first = session.window.first(NEXT_MAX).filter(|(hash, item)| {
            item.payload.is_some()
                && !self.imports.contains(hash)
                && item.parents.iter().all(|parent| chain.contains(parent))
        });
        let ready: Vec<H256> = first.map(|(hash, _)| *hash).collect();
        for hash in ready {
            if !self.has_import_room() {
                return;
            }
            let Some(session) = &mut self.session else { return };
            let Some(item) = session.window.get(&hash) else { continue };
            let (header, source) = (item.header.clone(), item.source);
            // What this node cannot judge yet the import judges.
            if chain.check_header(&header) == Check::Invalid {
                self.session = None;
                return self.penalise(source, Offence::InvalidHeader);
            }
            let Some(payload) = session.window.take_payload(&hash) else { continue };
            self.queue_import(DagBlock { header, payload }, hash, Some(source));
        }
    }

    /// A block is known now.
    pub(super) fn session_imported(&mut self, hash: &H256) {
        if let Some(session) = &mut self.session {
            session.window.remove(hash);
            session.progress_ms = self.now_ms;
        }
    }

    /// A block was not imported. If it is invalid, so is what follows.
    pub(super) fn session_failed(&mut self, hash: &H256, outcome: ImportOutcome) {
        let retry_ms = self.now_ms.saturating_add(self.config.rest_ms);
        let Some(session) = &mut self.session else { return };
        if outcome == ImportOutcome::Failed {
            session.window.retry(hash, retry_ms);
        } else if session.window.contains(hash) {
            self.abort_session();
        }
    }

    /// Ends the session for reasons that will last: its source is none for a while.
    pub(super) fn abort_session(&mut self) {
        let Some(session) = self.session.take() else { return };
        let Some(state) = session.source.and_then(|source| self.peers.get_mut(&source)) else {
            return;
        };
        state.is_ahead = false;
        state.session_after_ms = self.now_ms.saturating_add(self.config.given_up_ms);
    }

    /// Ends the session when its source has no more and all is imported.
    fn finish_session(&mut self, chain: &dyn SyncChain) {
        let is_done = |session: &&mut Session| session.is_exhausted && session.window.len() == 0;
        let Some(session) = self.session.as_mut().filter(is_done) else { return };
        let (source, is_claimed) = (session.source, session.is_claimed);
        let is_barren = session.new_headers == 0;
        self.session = None;
        let Some(peer) = source else { return };
        let Some(state) = self.peers.get_mut(&peer) else { return };
        state.is_ahead = false;
        state.session_after_ms = self.now_ms.saturating_add(self.config.session_rest_ms);
        state.next_status_ms = self.now_ms;
        let best = state.claim.as_ref().map(|claim| claim.best.hash);
        if is_barren {
            state.drained_until_ms = self.now_ms.saturating_add(self.config.given_up_ms);
            self.review_ms = self.now_ms;
            // What it claimed may be out of date, and must not be held against it twice.
            state.claim = None;
        }
        if is_barren && is_claimed && best.is_some_and(|best| !chain.contains(&best)) {
            self.strike(peer, Offence::FalseStatus);
        }
    }
}
