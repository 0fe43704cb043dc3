//! A whole block arrives.

use citrate_core::{H256, Header};
use citrate_dag::payload_root;
use citrate_dag_types::{DagBlock, DagDigest};

use crate::io::{GossipId, Offence, PeerId, Verdict};
use crate::machine::SyncCore;
use crate::machine::early::Timing;
use crate::machine::elections::Room;
use crate::port::{Check, SyncChain};
use crate::wire::Wire;

/// A block that arrived.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub(super) block: DagBlock,
    pub(super) hash: H256,
    pub(super) digest: DagDigest,
    /// Who sent it.
    pub(super) peer: PeerId,
    /// The gossip message that waits for a verdict; `None` if we asked for the block.
    pub(super) gossip: Option<GossipId>,
    /// How many generations below a block that was not asked for it is.
    pub(super) depth: u32,
}

impl Arrival {
    /// The parents, the selected one first.
    pub(super) fn parents(&self) -> impl Iterator<Item = H256> + '_ {
        std::iter::once(self.block.header.parent_hash).chain(self.digest.other_parents.clone())
    }

    /// Whether the payload is the one that the header names: what waits keeps others with this header away.
    fn has_its_payload(&self) -> bool {
        payload_root(&self.block.payload) == self.digest.payload_root
    }
}

/// Whether the author had the right to make the block. Where the best chain does not tell, because the block is of
/// another one, its parents do, if they are known.
pub(super) fn check_election(chain: &dyn SyncChain, header: &Header, digest: &DagDigest) -> Check {
    let mut parents = std::iter::once(&header.parent_hash).chain(&digest.other_parents);
    match chain.check_author(header) {
        Check::Unknown if parents.all(|parent| chain.contains(parent)) => {
            chain.check_header(header)
        }
        check => check,
    }
}

impl SyncCore {
    /// A gossip message: cheap checks first.
    pub(super) fn gossip(
        &mut self,
        chain: &dyn SyncChain,
        peer: PeerId,
        id: GossipId,
        bytes: &[u8],
    ) {
        let gossip = Some(id);
        // A peer that is gone for us may have had messages on their way.
        if !self.peers.contains_key(&peer) {
            return self.judge(gossip, Verdict::Ignore);
        }
        let Ok(block) = DagBlock::from_bytes(bytes) else {
            return self.refuse(peer, gossip, Offence::Undecodable);
        };
        let hash = block.hash();
        let Ok(digest) = DagDigest::from_header(&block.header) else {
            return self.refuse(peer, gossip, Offence::InvalidHeader);
        };
        let is_held = self.early.contains(digest.slot, hash);
        if is_held || self.is_here(chain, &hash) || self.fill_window(chain, hash, &block) {
            return self.judge(gossip, Verdict::Ignore);
        }
        if self.elections.room(&digest, &hash) == Room::Closed {
            return self.judge(gossip, Verdict::Ignore);
        }
        let timing = self.timing(chain, digest.slot);
        if timing == Timing::TooEarly {
            return self.judge(gossip, Verdict::Ignore);
        }
        match check_election(chain, &block.header, &digest) {
            Check::Valid => {}
            Check::Invalid => return self.refuse(peer, gossip, Offence::InvalidHeader),
            Check::Unknown => return self.judge(gossip, Verdict::Ignore),
        }
        let slot = digest.slot;
        let arrival = Arrival { block, hash, digest, peer, gossip, depth: 0 };
        if timing == Timing::InTime {
            self.admit(chain, arrival);
        } else if !arrival.has_its_payload() {
            self.refuse(peer, arrival.gossip, Offence::InvalidPayload);
        } else if let Some(surplus) = self.hold_back(slot, arrival) {
            self.judge(surplus.gossip, Verdict::Ignore);
        }
    }

    /// A block whose author had the right to make it, in its time.
    pub(super) fn admit(&mut self, chain: &dyn SyncChain, arrival: Arrival) {
        let is_gossip = arrival.gossip.is_some();
        let is_closed = self.elections.room(&arrival.digest, &arrival.hash) == Room::Closed;
        // Others may have come while it was held back. What is asked for has to come in any case.
        if self.is_here(chain, &arrival.hash) || is_gossip && is_closed {
            return self.judge(arrival.gossip, Verdict::Ignore);
        }
        self.note_election(&arrival.block.header, arrival.hash);
        if arrival.parents().all(|parent| chain.contains(&parent)) {
            self.connect(chain, arrival);
        } else if arrival.has_its_payload() {
            self.wait_for_parents(chain, arrival);
        } else {
            self.refuse(arrival.peer, arrival.gossip, Offence::InvalidPayload);
        }
    }

    /// A block whose parents are known: the last checks, then it is passed on and imported.
    pub(super) fn connect(&mut self, chain: &dyn SyncChain, arrival: Arrival) {
        let Arrival { block, hash, peer, gossip, .. } = arrival;
        let header = chain.check_header(&block.header);
        match header {
            Check::Valid => {}
            Check::Invalid => return self.refuse(peer, gossip, Offence::InvalidHeader),
            Check::Unknown => return self.judge(gossip, Verdict::Ignore),
        }
        match chain.check_payload(&block.header, &block.payload) {
            Check::Valid => {}
            Check::Invalid => return self.refuse(peer, gossip, Offence::InvalidPayload),
            Check::Unknown => return self.judge(gossip, Verdict::Ignore),
        }
        // Its parents are known, and so it can be imported as soon as there is room; but nobody
        // passes on what he may not be able to serve.
        let is_taken = self.queue_import(block, hash, Some(peer));
        let verdict = if is_taken { Verdict::Accept } else { Verdict::Ignore };
        self.judge(gossip, verdict);
    }

    /// Whether a block is known, or on its way to be.
    pub(super) fn is_here(&self, chain: &dyn SyncChain, hash: &H256) -> bool {
        self.imports.contains(hash) || self.orphans.contains(hash) || chain.contains(hash)
    }

    fn refuse(&mut self, peer: PeerId, gossip: Option<GossipId>, offence: Offence) {
        self.judge(gossip, Verdict::Reject);
        self.penalise(peer, offence);
    }
}
