//! Judging messages from peers.

use crate::{
    config::TARGET_DEPTH_MAX,
    error::ImportError,
    finality::Finality,
    inbox::Novelty,
    peers::Peer,
    verify,
    wire::{CatchUpMessage, CommitMessage, GossipMessage, VoteMessage},
};
use citrate_core::{BlockNumber, H256};
use citrate_grandpa_types::{Commit, Message, SignedMessage, SignedPrevote, localized_payload};
use finality_grandpa::voter::{Callback, CatchUpProcessingOutcome, CommunicationIn};
use parking_lot::Mutex;
use std::sync::Arc;

/// What to do with a message, and its sender.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Good news: pass it on.
    Forward,
    /// Nobody's fault and of no use: do not pass it on.
    Ignore,
    /// No honest node sends or passes on such a message.
    Reject(Fault),
}

/// What is wrong with a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The bytes are no message, or too many.
    Malformed,
    /// A vote of somebody who is no authority.
    UnknownVoter,
    /// A signature is not the voter's, for this round and set.
    BadSignature,
    /// A block has another height than the vote says.
    WrongNumber,
    /// A commit whose votes do not finalise its block.
    BadCommit,
    /// A catch-up whose votes do not complete its round.
    BadCatchUp,
    /// A justification that proves nothing.
    BadJustification,
}

impl Finality {
    /// Takes a message from the peer that it came from, which need not be its author.
    pub fn on_message(&mut self, now_ms: u64, from: &Peer, bytes: &[u8]) -> Verdict {
        self.shared.timers.advance(now_ms);
        let Some(message) = GossipMessage::from_bytes(bytes) else {
            return Verdict::Reject(Fault::Malformed);
        };
        let verdict = match message {
            GossipMessage::Vote(vote) => self.on_vote(from, vote),
            GossipMessage::Commit(commit) => self.on_commit(commit),
            GossipMessage::Neighbour(there, _) => self.on_neighbour(from, there),
            GossipMessage::CatchUpRequest(there) => self.on_request(from, there),
            GossipMessage::CatchUp(catch_up) => self.on_catch_up(from, catch_up),
            GossipMessage::Justification(bytes) => self.on_justification(from, bytes),
        };
        self.run();
        verdict
    }

    pub(crate) fn on_vote(&mut self, from: &Peer, vote: VoteMessage) -> Verdict {
        let Some(running) = &self.running else { return Verdict::Ignore };
        if running.set_id().checked_add(1) == Some(vote.set_id) {
            self.waiting.add_early(from.clone(), vote);
            return Verdict::Ignore;
        }
        if running.set_id() != vote.set_id {
            return Verdict::Ignore;
        }
        let VoteMessage { round, set_id, message: signed, .. } = vote;
        let (_, finalized) = self.shared.chain.finalized();
        let is_too_high = signed.target().1 > finalized.saturating_add(TARGET_DEPTH_MAX);
        let mut state = self.shared.state.lock();
        if !state.takes(round) || is_too_high {
            return Verdict::Ignore;
        }
        if !running.env.voters.contains(&signed.id) {
            return Verdict::Reject(Fault::UnknownVoter);
        }
        let now_ms = self.shared.timers.now_ms();
        let interval_ms = self.shared.config.neighbour_interval_ms / 2;
        let inbox = state.rounds.entry(round).or_default();
        match inbox.novelty(&signed) {
            Novelty::Surplus => return Verdict::Ignore,
            Novelty::Repeated { passed_on_ms } => {
                // Its voter repeats it for those who missed it. Whoever else repeats it, it passes
                // us once in a while only.
                if passed_on_ms.saturating_add(interval_ms) > now_ms {
                    return Verdict::Ignore;
                }
                inbox.note(&signed, now_ms);
                return Verdict::Forward;
            }
            Novelty::New => {}
        }
        let payload = localized_payload(round, set_id, &signed.message);
        if !self.shared.keys.verify(&signed.id, &payload, &signed.signature) {
            return Verdict::Reject(Fault::BadSignature);
        }
        match self.shared.is_number(signed.target().0, signed.target().1) {
            Some(false) => return Verdict::Reject(Fault::WrongNumber),
            Some(true) => {
                inbox.note(&signed, now_ms);
                inbox.push(signed);
            }
            None => {
                if !self.waiting.add_vote(round, signed.clone()) {
                    return Verdict::Ignore;
                }
                inbox.note(&signed, now_ms);
            }
        }
        Verdict::Forward
    }

    pub(crate) fn on_commit(&mut self, commit: CommitMessage) -> Verdict {
        let Some(running) = &self.running else { return Verdict::Ignore };
        let (_, finalized) = self.shared.chain.finalized();
        let message = &commit.message;
        if running.set_id() != commit.set_id || message.target_number <= finalized {
            return Verdict::Ignore;
        }
        let is_odd = message.precommits.len() != message.auth_data.len()
            || message.precommits.len() > running.env.voters.len().get().saturating_mul(2);
        if is_odd {
            return Verdict::Reject(Fault::BadCommit);
        }
        if message.target_number > finalized.saturating_add(TARGET_DEPTH_MAX) {
            return Verdict::Ignore;
        }
        if self.waiting.has_commit(&commit) {
            return Verdict::Ignore;
        }
        let whole: Commit = message.clone().into();
        if verify::check_weight(&whole.precommits, &running.env.voters).is_err() {
            return Verdict::Reject(Fault::BadCommit);
        }
        let keys = &self.shared.keys;
        let check: verify::Check<'_> =
            &|id, payload, signature| keys.verify(id, payload, signature);
        let (votes, round) = (&whole.precommits, commit.round);
        if verify::check_signatures(votes, round, commit.set_id, check).is_err() {
            return Verdict::Reject(Fault::BadSignature);
        }
        self.take_commit(commit, &whole)
    }

    /// Takes a commit whose signatures are good.
    fn take_commit(&mut self, commit: CommitMessage, whole: &Commit) -> Verdict {
        let Some(running) = &self.running else { return Verdict::Ignore };
        let targets = commit_targets(whole);
        match self.are_numbers(&targets) {
            Some(false) => return Verdict::Reject(Fault::WrongNumber),
            None => {
                let is_new = self.waiting.add_commit(commit);
                return if is_new { Verdict::Forward } else { Verdict::Ignore };
            }
            Some(true) => {}
        }
        let is_valid = finality_grandpa::validate_commit(whole, &running.env.voters, &running.env)
            .is_ok_and(|result| result.is_valid());
        if !is_valid {
            return Verdict::Reject(Fault::BadCommit);
        }
        let message = CommunicationIn::Commit(commit.round, commit.message, Callback::Blank);
        let _ = running.global.unbounded_send(Ok(message));
        Verdict::Forward
    }

    fn on_catch_up(&mut self, from: &Peer, catch_up: CatchUpMessage) -> Verdict {
        let Some(running) = &self.running else { return Verdict::Ignore };
        let CatchUpMessage { set_id, message } = catch_up;
        let is_asked = self.peers.asked.as_ref() == Some(from);
        let current = self.shared.state.lock().current;
        // A completed round equal to ours is news: it is over for others.
        if !is_asked || set_id != running.set_id() || message.round_number < current {
            return Verdict::Ignore;
        }
        self.peers.asked = None;
        let now_ms = self.shared.timers.now_ms();
        let votes_max = running.env.voters.len().get().saturating_mul(2);
        if message.prevotes.len() > votes_max || message.precommits.len() > votes_max {
            return Verdict::Reject(Fault::BadCatchUp);
        }
        let round = message.round_number;
        let keys = &self.shared.keys;
        let check: verify::Check<'_> =
            &|id, payload, signature| keys.verify(id, payload, signature);
        let is_signed = verify::check_weight(&message.precommits, &running.env.voters).is_ok()
            && verify::check_signatures(&message.precommits, round, set_id, check).is_ok()
            && message.prevotes.iter().all(|signed| {
                let SignedPrevote { prevote, signature, id } = signed;
                let payload = localized_payload(round, set_id, &Message::Prevote(prevote.clone()));
                running.env.voters.contains(id) && check(id, &payload, signature)
            });
        if !is_signed {
            return Verdict::Reject(Fault::BadCatchUp);
        }
        let mut targets = vec![(message.base_hash, message.base_number)];
        targets.extend(
            message
                .prevotes
                .iter()
                .map(|signed| (signed.prevote.target_hash, signed.prevote.target_number)),
        );
        targets.extend(
            message
                .precommits
                .iter()
                .map(|signed| (signed.precommit.target_hash, signed.precommit.target_number)),
        );
        match self.are_numbers(&targets) {
            Some(false) => return Verdict::Reject(Fault::WrongNumber),
            // It is asked for again once the blocks are here.
            None => {
                self.peers.helped(from, now_ms);
                return Verdict::Ignore;
            }
            Some(true) => {}
        }
        if round == current {
            self.peers.helped(from, now_ms);
            return self.complete_current(message.prevotes, message.precommits);
        }
        let outcome = Arc::new(Mutex::new(None));
        let told = outcome.clone();
        let callback = Callback::Work(Box::new(move |outcome| *told.lock() = Some(outcome)));
        let _ = running.global.unbounded_send(Ok(CommunicationIn::CatchUp(message, callback)));
        self.run();
        let outcome = outcome.lock().take();
        match outcome {
            Some(CatchUpProcessingOutcome::Good(_)) => {
                self.peers.helped(from, now_ms);
                // From the record of the completed round the voter starts above the last final
                // block; as it is, it would keep the base from before it was left behind.
                self.restart();
                Verdict::Ignore
            }
            Some(CatchUpProcessingOutcome::Bad(_)) => Verdict::Reject(Fault::BadCatchUp),
            Some(CatchUpProcessingOutcome::Useless) | None => Verdict::Ignore,
        }
    }

    /// Hands the votes that completed the present round elsewhere to the voter, as votes.
    fn complete_current(
        &mut self,
        prevotes: Vec<SignedPrevote>,
        precommits: Vec<citrate_grandpa_types::SignedPrecommit>,
    ) -> Verdict {
        let now_ms = self.shared.timers.now_ms();
        let mut state = self.shared.state.lock();
        let round = state.current;
        let inbox = state.rounds.entry(round).or_default();
        let prevotes = prevotes.into_iter().map(|vote| SignedMessage {
            message: Message::Prevote(vote.prevote),
            signature: vote.signature,
            id: vote.id,
        });
        let precommits = precommits.into_iter().map(|vote| SignedMessage {
            message: Message::Precommit(vote.precommit),
            signature: vote.signature,
            id: vote.id,
        });
        for signed in prevotes.chain(precommits) {
            if inbox.novelty(&signed) == Novelty::New {
                inbox.note(&signed, now_ms);
                inbox.push(signed);
            }
        }
        Verdict::Ignore
    }

    fn on_justification(&mut self, from: &Peer, bytes: Vec<u8>) -> Verdict {
        if self.peers.asked.as_ref() != Some(from) {
            return Verdict::Ignore;
        }
        self.peers.asked = None;
        let now_ms = self.shared.timers.now_ms();
        let (_, finalized) = self.shared.chain.finalized();
        match self.import_justification(now_ms, bytes.clone()) {
            Ok(verified) => {
                // What is final here already is no help.
                if verified.number > finalized {
                    self.peers.helped(from, now_ms);
                }
                Verdict::Ignore
            }
            Err(ImportError::NotExecuted(hash, number)) => {
                self.peers.helped(from, now_ms);
                self.waiting.justification = Some(bytes);
                let output = crate::Output::Execute { hash, number };
                self.shared.state.lock().outputs.push(output);
                Verdict::Ignore
            }
            Err(ImportError::Invalid(_)) => Verdict::Reject(Fault::BadJustification),
            Err(error) => {
                tracing::warn!(%error, "a justification from a peer was not applied");
                Verdict::Ignore
            }
        }
    }

    /// Takes up what waited for blocks that are here now.
    pub(crate) fn release_waiting(&mut self) {
        let shared = self.shared.clone();
        {
            let mut state = shared.state.lock();
            self.waiting.retain_rounds(|round| state.takes(round));
            for (round, signed) in
                self.waiting.take_votes(|hash| shared.chain.number(hash).is_some())
            {
                let (hash, number) = signed.target();
                // The voter signed a wrong height; nobody else is to blame.
                if shared.is_number(hash, number) == Some(true) {
                    state.rounds.entry(round).or_default().push(signed);
                }
            }
        }
        let set_id = self.running.as_ref().map(|running| running.set_id());
        for commit in self.waiting.take_commits() {
            let whole: Commit = commit.message.clone().into();
            if Some(commit.set_id) == set_id {
                self.take_commit(commit, &whole);
            }
        }
        if let Some(bytes) = self.waiting.justification.take() {
            let now_ms = shared.timers.now_ms();
            if let Err(ImportError::NotExecuted(..)) =
                self.import_justification(now_ms, bytes.clone())
            {
                self.waiting.justification = Some(bytes);
            }
        }
    }

    /// Whether all blocks are known with these heights; `None` when one is not known.
    fn are_numbers(&self, blocks: &[(H256, BlockNumber)]) -> Option<bool> {
        blocks.iter().try_fold(true, |good, (hash, number)| {
            self.shared.is_number(hash, *number).map(|is| good && is)
        })
    }
}

fn commit_targets(commit: &Commit) -> Vec<(H256, BlockNumber)> {
    let votes = commit.precommits.iter().map(|signed| &signed.precommit);
    let mut targets: Vec<_> = votes.map(|vote| (vote.target_hash, vote.target_number)).collect();
    targets.push((commit.target_hash, commit.target_number));
    targets
}
