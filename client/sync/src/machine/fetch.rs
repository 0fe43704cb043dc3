//! Asking for single blocks.

use std::collections::BTreeMap;

use citrate_core::H256;
use citrate_dag_types::{DagBlock, DagDigest};

use crate::io::{Offence, PeerId};
use crate::machine::SyncCore;
use crate::machine::arrivals::{Arrival, check_election};
use crate::machine::early::Timing;
use crate::port::{Check, SyncChain};
use crate::wire::{BLOCKS_MAX, Request};

/// Whom to ask for a block.
enum Choice {
    Ask(PeerId),
    /// Who may have it is busy or rests.
    Wait,
    /// Everybody said no.
    Nobody,
}

impl SyncCore {
    /// Asks for what is looked for, the freshest first, of whoever showed it first. While headers are
    /// downloaded that can wait: they may bring it.
    pub(super) fn dispatch_wants(&mut self, chain: &dyn SyncChain) {
        if self.session.is_some() || self.wants.len() == 0 {
            return;
        }
        let free = self.free_peers();
        let mut batches: BTreeMap<PeerId, Vec<H256>> = BTreeMap::new();
        let mut gone = Vec::new();
        for hash in self.wants.open() {
            if self.is_here(chain, &hash) {
                self.wants.remove(&hash);
                continue;
            }
            match self.choose(&hash, &free) {
                Choice::Ask(peer) => {
                    let batch = batches.entry(peer).or_default();
                    if batch.len() < BLOCKS_MAX {
                        batch.push(hash);
                    }
                }
                Choice::Wait => {}
                Choice::Nobody => gone.push(hash),
            }
        }
        for hash in gone {
            self.give_up(hash);
        }
        for (peer, hashes) in batches {
            let id = self.request(peer, Request::Blocks(hashes.clone()));
            for hash in hashes {
                if let Some(want) = self.wants.get_mut(&hash) {
                    want.asked = Some(id);
                }
            }
        }
    }

    fn choose(&self, hash: &H256, free: &[PeerId]) -> Choice {
        let Some(want) = self.wants.get(hash) else { return Choice::Wait };
        // Every holder first; only if all of them lack it, the others.
        let mut holders =
            want.holders.iter().filter(|peer| !want.lacking.contains(peer)).peekable();
        if holders.peek().is_some() {
            let (now_ms, config) = (self.now_ms, &self.config);
            let is_free = |peer: &&PeerId| {
                self.peers.get(*peer).is_some_and(|state| state.is_free(now_ms, config))
            };
            if let Some(peer) = holders.find(is_free) {
                return Choice::Ask(*peer);
            }
            let is_failing = |peer: &PeerId| {
                self.peers.get(peer).is_some_and(|state| !state.is_rested(self.now_ms))
            };
            // A holder that does not answer need not be waited for.
            if !want.holders.iter().all(is_failing) {
                return Choice::Wait;
            }
        }
        if let Some(peer) = free.iter().find(|peer| !want.lacking.contains(peer)) {
            return Choice::Ask(*peer);
        }
        let known = self.peers.iter().filter(|(_, state)| state.claim.is_some());
        let mut others = known.filter(|(peer, _)| !want.lacking.contains(peer));
        if others.next().is_some() { Choice::Wait } else { Choice::Nobody }
    }

    /// An answer with blocks: `asked` in the order of the request.
    pub(super) fn blocks(
        &mut self,
        chain: &dyn SyncChain,
        peer: PeerId,
        asked: &[H256],
        blocks: Vec<Option<DagBlock>>,
    ) {
        let is_asked = |(block, hash): (&Option<DagBlock>, &H256)| {
            block.as_ref().is_none_or(|block| block.hash() == *hash)
        };
        if blocks.len() > asked.len() || !blocks.iter().zip(asked).all(is_asked) {
            return self.penalise(peer, Offence::Unrequested);
        }
        for (hash, block) in asked.iter().zip(blocks) {
            match block {
                Some(block) => self.fetched(chain, peer, *hash, block),
                None => self.lacks(peer, hash),
            }
            if !self.peers.contains_key(&peer) {
                return;
            }
        }
    }

    fn fetched(&mut self, chain: &dyn SyncChain, peer: PeerId, hash: H256, block: DagBlock) {
        let depth = self.wants.remove(&hash).map_or(0, |want| want.depth);
        if self.is_here(chain, &hash) {
            return;
        }
        let Ok(digest) = DagDigest::from_header(&block.header) else {
            return self.penalise(peer, Offence::InvalidHeader);
        };
        match check_election(chain, &block.header, &digest) {
            Check::Valid => {}
            Check::Invalid => return self.penalise(peer, Offence::InvalidHeader),
            Check::Unknown => {
                if let Some(state) = self.peers.get_mut(&peer) {
                    state.is_ahead = true;
                }
                return;
            }
        }
        let slot = digest.slot;
        let arrival = Arrival { block, hash, digest, peer, gossip: None, depth };
        match self.timing(chain, slot) {
            Timing::InTime => self.admit(chain, arrival),
            // Nothing waits for a verdict; the peer's next status names it again.
            Timing::Soon => drop(self.hold_back(slot, arrival)),
            Timing::TooEarly => {}
        }
    }

    /// A peer says that it does not have a block. If it showed it to us, that is strange.
    fn lacks(&mut self, peer: PeerId, hash: &H256) {
        let Some(want) = self.wants.get_mut(hash) else { return };
        want.lacking.insert(peer);
        if want.holders.contains(&peer) {
            self.strike(peer, Offence::Withholds);
        }
    }
}
