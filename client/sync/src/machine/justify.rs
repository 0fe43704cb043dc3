//! The proof that a block is final.

use std::collections::BTreeSet;

use citrate_core::BlockNumber;

use crate::io::{Action, Offence, PeerId, RequestId};
use crate::machine::SyncCore;
use crate::wire::Request;

/// A proof that is looked for.
#[derive(Debug)]
pub(super) struct Need {
    number: BlockNumber,
    asked: Option<RequestId>,
    /// Peers that do not have it.
    lacking: BTreeSet<PeerId>,
}

impl SyncCore {
    /// Looks for the proof of this number; one that was looked for before is not needed any more.
    pub(super) fn need_justification(&mut self, number: BlockNumber) {
        self.need = Some(Need { number, asked: None, lacking: BTreeSet::new() });
    }

    /// Asks a peer that says that the number is final.
    pub(super) fn ask_justification(&mut self) {
        let Some(need) = self.need.as_ref().filter(|need| need.asked.is_none()) else { return };
        let number = need.number;
        let is_able = |peer: &&PeerId| {
            let claim = self.peers.get(*peer).and_then(|state| state.claim.as_ref());
            claim.is_some_and(|claim| claim.finalised.number >= number)
                && !need.lacking.contains(*peer)
        };
        let able: Vec<PeerId> = self.peers.keys().filter(is_able).copied().collect();
        let Some(peer) = self.free_peers().into_iter().find(|peer| able.contains(peer)) else {
            return;
        };
        let id = self.request(peer, Request::Justification(number));
        if let Some(need) = &mut self.need {
            need.asked = Some(id);
        }
    }

    /// The proof can be asked for again.
    pub(super) fn release_justification(&mut self, id: RequestId) {
        if let Some(need) = self.need.as_mut().filter(|need| need.asked == Some(id)) {
            need.asked = None;
        }
    }

    /// An answer with a proof, or with none.
    pub(super) fn justification(
        &mut self,
        peer: PeerId,
        number: BlockNumber,
        proof: Option<Vec<u8>>,
    ) {
        let Some(need) = self.need.as_mut().filter(|need| need.number == number) else { return };
        // Whoever has it does not say so twice, even if it is not good.
        need.lacking.insert(peer);
        if let Some(proof) = proof {
            self.out.push(Action::Justification { peer, number, proof });
        }
    }

    /// The chain judged a proof: it is good, or somebody else is asked.
    pub(super) fn justified(&mut self, peer: PeerId, number: BlockNumber, is_valid: bool) {
        if is_valid {
            self.need.take_if(|need| need.number <= number);
        } else {
            self.penalise(peer, Offence::InvalidJustification);
        }
    }
}
