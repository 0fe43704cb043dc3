//! Keeping up with neighbours: saying where we are, asking for what we missed, answering.

use crate::{
    config::{PEERS_AHEAD_MAX, PEERS_ANSWERED_MAX},
    finality::{Finality, Output},
    gossip::Verdict,
    records::LastRound,
    wire::{CatchUpMessage, GossipMessage, Neighbour},
};
use citrate_grandpa_types::{CatchUp, Message, SignedPrecommit, SignedPrevote};
use codec::Encode;
use std::collections::BTreeMap;

/// LIMIT: intervals until a peer is asked again that was asked in vain. The pause doubles each time.
const PAUSE_MAX: u64 = 32;

/// A peer, as the network names it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Peer(pub Vec<u8>);

/// What we know of our neighbours.
pub(crate) struct Peers {
    pub(crate) next_tick_ms: u64,
    /// Neighbours that said they are ahead of us, and of the others those that were asked in vain just now.
    ahead: BTreeMap<Peer, Ahead>,
    /// Whom we asked last; only that peer may answer.
    pub(crate) asked: Option<Peer>,
    /// When we answered whom.
    answered: BTreeMap<Peer, u64>,
    at_last_tick: Neighbour,
    ticks_without_progress: u32,
}

impl Peers {
    pub(crate) fn new(next_tick_ms: u64) -> Self {
        Self {
            next_tick_ms,
            ahead: BTreeMap::new(),
            asked: None,
            answered: BTreeMap::new(),
            at_last_tick: Neighbour { set_id: 0, round: 0, finalized: 0 },
            ticks_without_progress: 0,
        }
    }

    /// Forgets a peer that is gone.
    pub(crate) fn forget(&mut self, peer: &Peer) {
        self.ahead.remove(peer);
        if self.asked.as_ref() == Some(peer) {
            self.asked = None;
        }
    }

    /// Notes what a peer says of itself. Where it lies, only asking it will tell.
    fn note(&mut self, from: &Peer, there: Neighbour, here: &Neighbour, now_ms: u64) {
        if let Some(known) = self.ahead.get_mut(from) {
            // One that is not ahead any more stays for its pause, or saying so would end it.
            known.there = there;
        } else if is_ahead(&there, here) && self.has_room() {
            let ahead = Ahead { there, in_vain: 0, ask_at_ms: now_ms };
            self.ahead.insert(from.clone(), ahead);
        }
    }

    /// Whether one more can be remembered; who was asked in vain most often makes room.
    fn has_room(&mut self) -> bool {
        if self.ahead.len() >= PEERS_AHEAD_MAX {
            let asked = self.ahead.iter().filter(|(_, ahead)| ahead.in_vain > 0);
            let worst = asked.max_by_key(|(_, ahead)| ahead.in_vain);
            let Some(worst) = worst.map(|(peer, _)| peer.clone()) else { return false };
            self.ahead.remove(&worst);
        }
        true
    }

    /// The peer to ask now: of those whose pause is over the one that waits longest, so that each has its turn whatever
    /// the others say.
    fn next_ahead(&mut self, here: &Neighbour, now_ms: u64, interval_ms: u64) -> Option<Peer> {
        let due = self
            .ahead
            .iter_mut()
            .filter(|(_, ahead)| ahead.ask_at_ms <= now_ms && is_ahead(&ahead.there, here));
        let (peer, ahead) = due.min_by_key(|(_, ahead)| ahead.ask_at_ms)?;
        let pause = 2_u64.saturating_pow(ahead.in_vain).min(PAUSE_MAX);
        // Until it helps.
        ahead.in_vain = ahead.in_vain.saturating_add(1);
        ahead.ask_at_ms = now_ms.saturating_add(interval_ms.saturating_mul(pause));
        Some(peer.clone())
    }

    /// A peer that was asked said something true that is of use: it may be asked again.
    pub(crate) fn helped(&mut self, peer: &Peer, now_ms: u64) {
        if let Some(ahead) = self.ahead.get_mut(peer) {
            (ahead.in_vain, ahead.ask_at_ms) = (0, now_ms);
        }
    }

    /// Whether a peer may have an answer now; notes that it gets one.
    fn may_answer(&mut self, peer: &Peer, now_ms: u64, interval_ms: u64) -> bool {
        if self.answered.get(peer).is_some_and(|at| at.saturating_add(interval_ms) > now_ms) {
            return false;
        }
        if self.answered.len() >= PEERS_ANSWERED_MAX {
            self.answered.retain(|_, at| at.saturating_add(interval_ms) > now_ms);
        }
        if self.answered.len() >= PEERS_ANSWERED_MAX {
            return false;
        }
        self.answered.insert(peer.clone(), now_ms);
        true
    }
}

/// A neighbour that said it is ahead of us.
struct Ahead {
    there: Neighbour,
    /// How often it was asked since it helped.
    in_vain: u32,
    /// Until then others are asked.
    ask_at_ms: u64,
}

fn is_ahead(there: &Neighbour, here: &Neighbour) -> bool {
    (there.set_id, there.round) > (here.set_id, here.round) || there.finalized > here.finalized
}

impl Finality {
    /// Once every interval: tells where we are, and if we are stuck, asks and repeats.
    pub(crate) fn tick(&mut self, now_ms: u64) {
        let here = self.here();
        let interval_ms = self.shared.config.neighbour_interval_ms.max(1);
        let peers = &mut self.peers;
        peers.next_tick_ms = now_ms.saturating_add(interval_ms);
        let before = std::mem::replace(&mut peers.at_last_tick, here);
        peers.ahead.retain(|_, known| is_ahead(&known.there, &here) || known.ask_at_ms > now_ms);
        let stuck = (before.set_id, before.round) == (here.set_id, here.round);
        peers.ticks_without_progress = if stuck { peers.ticks_without_progress + 1 } else { 0 };
        // Two repetitions differ when their seconds do.
        let repeat = u32::try_from((now_ms / 1_000) & u64::from(u32::MAX)).unwrap_or(u32::MAX);
        let neighbour = GossipMessage::Neighbour(here, repeat);
        let mut outputs = vec![Output::Broadcast(neighbour.encode())];
        if stuck && let Some(to) = peers.next_ahead(&here, now_ms, interval_ms) {
            peers.asked = Some(to.clone());
            outputs.push(Output::Send { to, bytes: GossipMessage::CatchUpRequest(here).encode() });
        }
        let repeats = peers.ticks_without_progress > 1;
        self.shared.state.lock().outputs.extend(outputs);
        if repeats {
            self.shared.repeat_votes(here.set_id, repeat.max(1));
        }
    }

    pub(crate) fn on_neighbour(&mut self, from: &Peer, there: Neighbour) -> Verdict {
        let (here, now_ms) = (self.here(), self.shared.timers.now_ms());
        self.peers.note(from, there, &here, now_ms);
        // For one hop only.
        Verdict::Ignore
    }

    pub(crate) fn on_request(&mut self, from: &Peer, there: Neighbour) -> Verdict {
        let now_ms = self.shared.timers.now_ms();
        let interval_ms = self.shared.config.neighbour_interval_ms / 2;
        if !is_ahead(&self.here(), &there) || !self.peers.may_answer(from, now_ms, interval_ms) {
            return Verdict::Ignore;
        }
        match self.answer(&there) {
            Ok(Some(answer)) => {
                let output = Output::Send { to: from.clone(), bytes: answer.encode() };
                self.shared.state.lock().outputs.push(output);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "cannot help a peer to catch up"),
        }
        Verdict::Ignore
    }

    fn answer(
        &self,
        there: &Neighbour,
    ) -> Result<Option<GossipMessage>, crate::error::FinalityError> {
        let here = self.here();
        let records = self.shared.records();
        if there.set_id < here.set_id {
            // One set after the other: the peer knows only the voters of its own.
            let last = records.of_set(there.set_id)?;
            return Ok(last.map(|last| GossipMessage::Justification(last.bytes)));
        }
        let last_round = self.shared.state.lock().last_round.clone();
        if let Some(last) = last_round.filter(|last| last.number >= there.round) {
            return Ok(Some(GossipMessage::CatchUp(catch_up(last))));
        }
        let latest = records.latest()?.filter(|latest| latest.set_id == there.set_id);
        Ok(latest.map(|latest| GossipMessage::Justification(latest.bytes)))
    }
}

fn catch_up(last: LastRound) -> CatchUpMessage {
    let LastRound { set_id, number, base, votes } = last;
    let (mut prevotes, mut precommits) = (Vec::new(), Vec::new());
    for signed in votes {
        let (signature, id) = (signed.signature, signed.id);
        match signed.message {
            Message::Prevote(prevote) => prevotes.push(SignedPrevote { prevote, signature, id }),
            Message::Precommit(precommit) => {
                precommits.push(SignedPrecommit { precommit, signature, id });
            }
            Message::PrimaryPropose(_) => {}
        }
    }
    let (base_hash, base_number) = base;
    let message = CatchUp { round_number: number, prevotes, precommits, base_hash, base_number };
    CatchUpMessage { set_id, message }
}
