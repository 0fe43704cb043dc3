//! Where the peers stand.

use citrate_core::H256;

use crate::io::{Offence, PeerId};
use crate::machine::SyncCore;
use crate::port::SyncChain;
use crate::wire::{Request, Status};

impl SyncCore {
    /// Asks the peers whose turn it is.
    pub(super) fn ask_statuses(&mut self) {
        let now_ms = self.now_ms;
        let is_due = |(peer, state): (&PeerId, &super::Peer)| {
            (state.next_status_ms <= now_ms).then_some(*peer)
        };
        for peer in self.peers.iter().filter_map(is_due).collect::<Vec<_>>() {
            // Spread, so that not all are asked in the same moment for ever.
            let interval = self.config.status_interval_ms;
            let wait = interval - self.next_random() % (interval / 4).max(1);
            if let Some(state) = self.peers.get_mut(&peer) {
                state.next_status_ms = now_ms.saturating_add(wait);
            }
            self.request(peer, Request::Status);
        }
    }

    /// A peer says where it stands. What it has and we have not is looked for, unless it is so far
    /// ahead that a session is needed.
    pub(super) fn status(&mut self, chain: &dyn SyncChain, peer: PeerId, status: Status) {
        let ours = chain.status();
        if status.genesis != ours.genesis {
            return self.penalise(peer, Offence::OtherGenesis);
        }
        let far = ours.blue_score.saturating_add(self.config.far_blue_score);
        let is_far = status.blue_score > far && !chain.contains(&status.best.hash);
        let mut unknown: Vec<H256> = vec![status.best.hash];
        unknown.extend(&status.tips);
        unknown.retain(|hash| !self.is_here(chain, hash) && !self.is_in_window(hash));
        let Some(state) = self.peers.get_mut(&peer) else { return };
        state.claim = Some(status);
        if is_far {
            return;
        }
        for hash in unknown {
            self.want_tip(hash, peer);
        }
    }
}
