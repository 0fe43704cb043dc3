//! Pages of headers.

use citrate_core::{H256, Header};
use citrate_dag_types::DagDigest;

use super::Session;
use crate::io::{Offence, PeerId, RequestId};
use crate::machine::SyncCore;
use crate::machine::early::Timing;
use crate::port::{Check, SyncChain};
use crate::wire::{HeaderPage, LOCATOR_MAX, Request};

/// LIMIT: pages one after another that bring little.
const POOR_PAGES_MAX: u32 = 16;
/// A page with less than this part of what was asked for brings little, unless it is the last one.
const POOR_PART: usize = 8;

/// What became of a header of a page.
enum Taken {
    New,
    Known,
    /// Its slot has not begun: the page ends here.
    Early,
    Wrong(Offence),
}

impl SyncCore {
    /// Asks the source for the next page, if the window has room.
    pub(super) fn ask_page(&mut self, chain: &dyn SyncChain) {
        let limit = self.config.headers_per_request;
        let room = usize::try_from(limit).unwrap_or(usize::MAX);
        let Some(session) = &self.session else { return };
        let is_full = session.window.len().saturating_add(room) > self.config.window_max;
        if session.is_exhausted || session.page.is_some() || is_full {
            return;
        }
        let Some(source) = session.source else { return };
        if !self.peers.get(&source).is_some_and(|state| state.is_rested(self.now_ms)) {
            return;
        }
        let mut locator: Vec<H256> = session.cursor.into_iter().chain(chain.locator()).collect();
        // The lowest block must stay: it is what is certain to be common.
        if let Some(surplus) = locator.len().checked_sub(LOCATOR_MAX).filter(|count| *count > 0) {
            let last = locator.len() - 1;
            locator.drain(last.saturating_sub(surplus)..last);
        }
        let id = self.request(source, Request::Headers { locator, limit });
        if let Some(session) = &mut self.session {
            session.page = Some(id);
        }
    }

    /// A page of headers.
    pub(in crate::machine) fn page(
        &mut self,
        chain: &dyn SyncChain,
        peer: PeerId,
        id: RequestId,
        locator: &[H256],
        page: HeaderPage,
    ) {
        let is_its = |session: &&mut Session| session.source == Some(peer) && id >= session.first;
        let Some(session) = self.session.as_mut().filter(is_its) else { return };
        let Some(common) = page.common else {
            // It knows nothing of what is below, having begun later itself: no source for us.
            session.source = None;
            if let Some(state) = self.peers.get_mut(&peer) {
                state.is_ahead = false;
                state.session_after_ms = self.now_ms.saturating_add(self.config.given_up_ms);
            }
            return;
        };
        if !locator.contains(&common) {
            return self.penalise(peer, Offence::Unrequested);
        }
        let count = page.headers.len();
        let mut new = 0u64;
        let mut is_cut = count == 0;
        for header in page.headers {
            let hash = header.hash();
            match self.take_header(chain, peer, hash, header) {
                Taken::New => new += 1,
                Taken::Known => {}
                Taken::Early => {
                    is_cut = true;
                    break;
                }
                Taken::Wrong(offence) => return self.penalise(peer, offence),
            }
            if let Some(session) = &mut self.session {
                session.cursor = Some(hash);
            }
        }
        self.judge_page(chain, peer, count, new, is_cut);
    }

    fn judge_page(
        &mut self,
        chain: &dyn SyncChain,
        peer: PeerId,
        count: usize,
        new: u64,
        is_cut: bool,
    ) {
        let Some(session) = &mut self.session else { return };
        // Else the window's blocks are what brings the session on: headers alone cost their sender nothing.
        let is_waited_for = u64::try_from(session.window.len()) == Ok(new);
        session.is_exhausted = is_cut;
        session.new_headers += new;
        let Some(state) = self.peers.get_mut(&peer) else { return };
        if new > 0 && is_waited_for {
            state.proved();
            session.progress_ms = self.now_ms;
        }
        let wanted = usize::try_from(self.config.headers_per_request).unwrap_or(usize::MAX);
        let best = state.claim.as_ref().map(|claim| claim.best.hash);
        let is_near = best.is_some_and(|b| chain.contains(&b) || session.window.contains(&b));
        let is_poor = new == 0 || count < wanted / POOR_PART && !is_near;
        session.poor_pages = if is_poor { session.poor_pages + 1 } else { 0 };
        if session.poor_pages > POOR_PAGES_MAX {
            self.penalise(peer, Offence::Stalls);
        }
    }

    fn take_header(
        &mut self,
        chain: &dyn SyncChain,
        source: PeerId,
        hash: H256,
        header: Header,
    ) -> Taken {
        if chain.contains(&hash) || self.is_in_window(&hash) {
            return Taken::Known;
        }
        let Ok(digest) = DagDigest::from_header(&header) else {
            return Taken::Wrong(Offence::InvalidHeader);
        };
        if self.timing(chain, digest.slot) != Timing::InTime {
            return Taken::Early;
        }
        let mut parents = digest.other_parents;
        parents.push(header.parent_hash);
        if !parents.iter().all(|parent| chain.contains(parent) || self.is_in_window(parent)) {
            return Taken::Wrong(Offence::Unconnected);
        }
        if chain.check_author(&header) == Check::Invalid {
            return Taken::Wrong(Offence::InvalidHeader);
        }
        if let Some(session) = &mut self.session {
            session.window.push(hash, header, parents, digest.blue_score, source);
        }
        Taken::New
    }
}
