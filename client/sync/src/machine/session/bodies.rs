//! Payloads of the window's headers.

use citrate_core::{H256, OpaqueExtrinsic};
use citrate_dag_types::DagBlock;

use super::NEXT_MAX;
use crate::io::{Offence, PeerId};
use crate::machine::SyncCore;
use crate::machine::window::Item;
use crate::port::{Check, SyncChain};
use crate::wire::{BODIES_MAX, Request};

/// LIMIT: how far a peer that forgets old blocks may have come since it said where it stands.
const FORGETTING_BLOCKS: u32 = 1_024;

impl SyncCore {
    /// Whether a peer may have a payload: it claims to be that far, and to go back that far, and has not
    /// said otherwise.
    fn may_have(&self, peer: PeerId, item: &Item) -> bool {
        let claim = self.peers.get(&peer).and_then(|state| state.claim.as_ref());
        let is_far = claim.is_some_and(|claim| {
            claim.blue_score >= item.blue_score && claim.oldest <= item.header.number
        });
        (is_far || peer == item.source) && !item.lacking.contains(&peer)
    }

    /// Asks every free peer for payloads, those that are next first.
    pub(super) fn ask_bodies(&mut self) {
        let free = self.free_peers();
        let size = self.config.bodies_per_request.clamp(1, BODIES_MAX);
        let places = free
            .iter()
            .filter_map(|peer| self.peers.get(peer))
            .map(|state| self.config.requests_per_peer_max.saturating_sub(state.in_flight));
        let room = places.sum::<usize>().saturating_mul(size);
        let mut left = match self.open_bodies(room) {
            Ok(open) => open,
            Err(source) => {
                // Who served the header says so too, or is gone: the rest is of no use.
                if self.may_have_forgotten(source) {
                    return self.abort_session();
                }
                self.session = None;
                return self.penalise(source, Offence::Withholds);
            }
        };
        // Round after round, one request for each peer, so that the load is spread.
        while !left.is_empty() {
            let before = left.len();
            for peer in &free {
                left = self.ask_bodies_of(*peer, left, size);
            }
            if left.len() == before {
                break;
            }
        }
    }

    /// Whether a peer that serves a header may honestly lack the payload of what is next: it forgets old
    /// blocks, and has come so far meanwhile.
    fn may_have_forgotten(&self, peer: PeerId) -> bool {
        let claim = self.peers.get(&peer).and_then(|state| state.claim.as_ref());
        let Some(session) = &self.session else { return false };
        let next = session.window.first(1).next();
        claim.zip(next).is_some_and(|(claim, (_, item))| {
            claim.oldest > 1 && item.header.number <= claim.oldest.saturating_add(FORGETTING_BLOCKS)
        })
    }

    /// Blocks whose payload has to be asked for, at most `room`, in order. The source of the
    /// first one's header, if nobody has its payload.
    fn open_bodies(&self, room: usize) -> Result<Vec<H256>, PeerId> {
        let Some(session) = &self.session else { return Ok(Vec::new()) };
        let is_full = session.window.bytes() >= self.config.window_bytes_max;
        let ahead = if is_full { NEXT_MAX } else { self.config.window_max };
        let open = session.window.first(ahead).filter(|(hash, item)| {
            let is_elsewhere = self.orphans.contains(hash) || self.imports.contains(hash);
            item.is_open(self.now_ms) && !is_elsewhere
        });
        let mut open = open.peekable();
        if let Some((_, next)) = open.peek()
            && !self.peers.keys().any(|peer| self.may_have(*peer, next))
        {
            return Err(next.source);
        }
        Ok(open.take(room).map(|(hash, _)| *hash).collect())
    }

    /// Asks one peer, if it has a place left, and returns what was not asked for.
    fn ask_bodies_of(&mut self, peer: PeerId, left: Vec<H256>, size: usize) -> Vec<H256> {
        let (now_ms, config) = (self.now_ms, self.config);
        let is_free = self.peers.get(&peer).is_some_and(|state| state.is_free(now_ms, &config));
        let Some(session) = self.session.as_ref().filter(|_| is_free) else { return left };
        let (mut batch, mut rest) = (Vec::new(), Vec::new());
        for hash in left {
            let item = session.window.get(&hash);
            let fits = batch.len() < size && item.is_some_and(|item| self.may_have(peer, item));
            if fits { batch.push(hash) } else { rest.push(hash) }
        }
        if !batch.is_empty() {
            let id = self.request(peer, Request::Bodies(batch.clone()));
            if let Some(session) = &mut self.session {
                session.window.ask(id, &batch);
            }
        }
        rest
    }

    /// An answer with payloads: `asked` in the order of the request.
    pub(in crate::machine) fn bodies(
        &mut self,
        chain: &dyn SyncChain,
        peer: PeerId,
        asked: &[H256],
        payloads: Vec<Option<Vec<OpaqueExtrinsic>>>,
    ) {
        if payloads.len() > asked.len() {
            return self.penalise(peer, Offence::Unrequested);
        }
        for (hash, payload) in asked.iter().zip(payloads) {
            let Some(session) = &mut self.session else { return };
            // It may have come another way.
            let Some(item) = session.window.get_mut(hash) else { continue };
            let Some(payload) = payload else {
                item.lacking.insert(peer);
                continue;
            };
            if chain.check_payload(&item.header, &payload) == Check::Invalid {
                return self.penalise(peer, Offence::InvalidPayload);
            }
            session.window.fill(hash, payload);
            session.progress_ms = self.now_ms;
        }
    }

    /// Whether a gossiped block is one of the window's. Its payload need not be asked for then.
    pub(in crate::machine) fn fill_window(
        &mut self,
        chain: &dyn SyncChain,
        hash: H256,
        block: &DagBlock,
    ) -> bool {
        let Some(session) = &mut self.session else { return false };
        let Some(item) = session.window.get(&hash) else { return false };
        let is_open = item.payload.is_none();
        if is_open && chain.check_payload(&block.header, &block.payload) == Check::Valid {
            session.window.fill(&hash, block.payload.clone());
        }
        true
    }
}
