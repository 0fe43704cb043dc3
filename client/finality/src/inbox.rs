//! The votes of one round, from the network to the voter, within limits.

use crate::{config::VOTES_PER_KIND_MAX, environment::VoterError, records::Kind};
use citrate_grandpa_types::{
    AuthorityId, AuthoritySignature, Message, SignedMessage, SignedPrecommit,
};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use std::collections::BTreeMap;

/// What the voter reads a round's votes from.
pub(crate) type Incoming = UnboundedReceiver<Result<SignedMessage, VoterError>>;

/// The votes of a round.
///
/// LIMIT: [`VOTES_PER_KIND_MAX`] votes of a kind for each voter, so the channel is bounded by the
/// size of the authority set.
#[derive(Default)]
pub(crate) struct Inbox {
    seen: BTreeMap<(AuthorityId, Kind), Vec<Seen>>,
    /// What the voter got or will get once it asks; kept, because a voter that starts again asks
    /// anew.
    votes: Vec<SignedMessage>,
    sender: Option<UnboundedSender<Result<SignedMessage, VoterError>>>,
}

struct Seen {
    message: Message,
    signature: AuthoritySignature,
    passed_on_ms: u64,
}

/// What a vote is to the votes before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Novelty {
    New,
    /// Seen before; when it was last passed on.
    Repeated {
        passed_on_ms: u64,
    },
    /// The same vote with another signature, or one more than prove an equivocation.
    Surplus,
}

impl Inbox {
    pub(crate) fn novelty(&self, signed: &SignedMessage) -> Novelty {
        let Some(seen) = self.seen.get(&(signed.id, Kind::of(&signed.message))) else {
            return Novelty::New;
        };
        match seen.iter().find(|seen| seen.message == signed.message) {
            Some(seen) if seen.signature == signed.signature => {
                Novelty::Repeated { passed_on_ms: seen.passed_on_ms }
            }
            Some(_) => Novelty::Surplus,
            None if seen.len() >= VOTES_PER_KIND_MAX => Novelty::Surplus,
            None => Novelty::New,
        }
    }

    /// Notes that a vote was accepted, or passed on again.
    pub(crate) fn note(&mut self, signed: &SignedMessage, now_ms: u64) {
        let seen = self.seen.entry((signed.id, Kind::of(&signed.message))).or_default();
        match seen.iter_mut().find(|seen| seen.message == signed.message) {
            Some(seen) => seen.passed_on_ms = now_ms,
            None => seen.push(Seen {
                message: signed.message.clone(),
                signature: signed.signature,
                passed_on_ms: now_ms,
            }),
        }
    }

    /// Hands a vote whose block is known to the voter, once.
    pub(crate) fn push(&mut self, signed: SignedMessage) {
        if self.votes.contains(&signed) {
            return;
        }
        if let Some(sender) = &self.sender {
            // The voter may have dropped the round; then nobody misses the vote.
            let _ = sender.unbounded_send(Ok(signed.clone()));
        }
        self.votes.push(signed);
    }

    /// The precommits that were handed to the voter.
    pub(crate) fn precommits(&self) -> Vec<SignedPrecommit> {
        let precommits = self.votes.iter().filter_map(|signed| match &signed.message {
            Message::Precommit(precommit) => Some(SignedPrecommit {
                precommit: precommit.clone(),
                signature: signed.signature,
                id: signed.id,
            }),
            Message::Prevote(_) | Message::PrimaryPropose(_) => None,
        });
        precommits.collect()
    }

    /// The stream of the round's votes, past ones first.
    pub(crate) fn connect(&mut self) -> Incoming {
        let (sender, receiver) = unbounded();
        for signed in &self.votes {
            let _ = sender.unbounded_send(Ok(signed.clone()));
        }
        self.sender = Some(sender);
        receiver
    }
}
