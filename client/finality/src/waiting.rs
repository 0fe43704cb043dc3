//! What came before the blocks, or the authority set, that it is about.

use crate::{
    config::{WAITING_COMMITS_MAX, WAITING_VOTES_MAX},
    peers::Peer,
    wire::{CommitMessage, VoteMessage},
};
use citrate_core::H256;
use citrate_grandpa_types::{RoundNumber, SignedMessage};
use std::collections::{BTreeMap, VecDeque};

/// LIMIT: votes of the next authority set, unchecked, that wait for this one to end.
const EARLY_VOTES_MAX: usize = 512;

/// Checked votes and commits whose blocks are not imported, and votes of the next set.
#[derive(Default)]
pub(crate) struct Waiting {
    votes: BTreeMap<H256, Vec<(RoundNumber, SignedMessage)>>,
    votes_count: usize,
    commits: VecDeque<CommitMessage>,
    early: Vec<(Peer, VoteMessage)>,
    /// A justification whose block is not executed.
    pub(crate) justification: Option<Vec<u8>>,
}

impl Waiting {
    /// Whether there was room for the vote.
    pub(crate) fn add_vote(&mut self, round: RoundNumber, signed: SignedMessage) -> bool {
        if self.votes_count >= WAITING_VOTES_MAX {
            return false;
        }
        self.votes.entry(*signed.target().0).or_default().push((round, signed));
        self.votes_count += 1;
        true
    }

    /// The oldest commit makes room: a newer one finalises its block too.
    pub(crate) fn add_commit(&mut self, commit: CommitMessage) -> bool {
        if self.has_commit(&commit) {
            return false;
        }
        if self.commits.len() >= WAITING_COMMITS_MAX {
            self.commits.pop_front();
        }
        self.commits.push_back(commit);
        true
    }

    /// Whether a commit of the same round for the same block waits: another one says no more.
    pub(crate) fn has_commit(&self, commit: &CommitMessage) -> bool {
        self.commits.iter().any(|other| {
            (other.round, other.message.target_hash) == (commit.round, commit.message.target_hash)
        })
    }

    pub(crate) fn add_early(&mut self, from: Peer, vote: VoteMessage) {
        if self.early.len() < EARLY_VOTES_MAX {
            self.early.push((from, vote));
        }
    }

    pub(crate) fn take_early(&mut self) -> Vec<(Peer, VoteMessage)> {
        std::mem::take(&mut self.early)
    }

    /// The votes whose block is known by now.
    pub(crate) fn take_votes(
        &mut self,
        is_known: impl Fn(&H256) -> bool,
    ) -> Vec<(RoundNumber, SignedMessage)> {
        let known: Vec<H256> = self.votes.keys().copied().filter(|hash| is_known(hash)).collect();
        let votes: Vec<_> =
            known.iter().filter_map(|hash| self.votes.remove(hash)).flatten().collect();
        self.votes_count -= votes.len();
        votes
    }

    pub(crate) fn take_commits(&mut self) -> VecDeque<CommitMessage> {
        std::mem::take(&mut self.commits)
    }

    /// Forgets votes of rounds that are over.
    pub(crate) fn retain_rounds(&mut self, takes: impl Fn(RoundNumber) -> bool) {
        self.votes.retain(|_, votes| {
            votes.retain(|(round, _)| takes(*round));
            !votes.is_empty()
        });
        self.votes_count = self.votes.values().map(Vec::len).sum();
    }

    /// Forgets what was about an authority set that is over.
    pub(crate) fn clear(&mut self) {
        let early = self.take_early();
        *self = Self { early, ..Self::default() };
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> (usize, usize, usize) {
        (self.votes_count, self.commits.len(), self.early.len())
    }
}
