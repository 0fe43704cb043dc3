//! One artifact that is looked for or fetched.

use std::collections::{BTreeMap, BTreeSet};

use super::{PeerId, Progress, Want};
use crate::{Claim, Partial, Position, Store, StoreError};

/// What a peer said of the artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing yet.
    Asked,
    /// That it does not have it; it is asked again then.
    Absent {
        /// When.
        until_ms: u64,
    },
    /// That it has it.
    Here(Claim),
    /// Something that helps nobody. It is not asked again.
    Useless,
}

/// One artifact that is looked for or fetched.
#[derive(Debug)]
pub(super) struct Download {
    pub(super) want: Want,
    /// When the last block came, or when this began.
    pub(super) progress_ms: u64,
    /// When the first peer said that it has it.
    pub(super) first_answer_ms: Option<u64>,
    /// Connected peers only.
    pub(super) answers: BTreeMap<PeerId, Answer>,
    /// Claims that were wrong. LIMIT: one for each peer that is penalised for it.
    pub(super) refuted: BTreeSet<Claim>,
    loading: Option<Loading>,
    /// Whether it was being fetched before.
    was_loading: bool,
}

/// An artifact that is fetched.
#[derive(Debug)]
struct Loading {
    partial: Partial,
    /// The blocks that somebody was asked for.
    asked: BTreeSet<Position>,
}

impl Download {
    pub(super) fn new(want: Want, now_ms: u64) -> Self {
        Self {
            want,
            progress_ms: now_ms,
            first_answer_ms: None,
            answers: BTreeMap::new(),
            refuted: BTreeSet::new(),
            loading: None,
            was_loading: false,
        }
    }

    pub(super) fn progress(&self) -> Progress {
        let partial = self.loading.as_ref().map(|loading| &loading.partial);
        Progress {
            bytes: partial.map_or(0, Partial::bytes_verified),
            bytes_total: partial.map(|partial| partial.claim().bytes),
        }
    }

    pub(super) fn is_loading(&self) -> bool {
        self.loading.is_some()
    }

    /// Whether any peer had it.
    pub(super) fn is_found(&self) -> bool {
        self.is_loading() || self.first_answer_ms.is_some()
    }

    /// Whether a peer should be asked for it.
    pub(super) fn is_askable(&self, peer: PeerId, now_ms: u64) -> bool {
        match self.answers.get(&peer) {
            None => true,
            Some(Answer::Absent { until_ms }) => *until_ms <= now_ms,
            Some(Answer::Asked | Answer::Here(_) | Answer::Useless) => false,
        }
    }

    fn supporters(&self, claim: &Claim) -> impl Iterator<Item = PeerId> {
        let is_for = |(_, answer): &(&PeerId, &Answer)| **answer == Answer::Here(*claim);
        self.answers.iter().filter(is_for).map(|(peer, _)| *peer)
    }

    /// The claim to go by now, if it is clear: the one that is on disk, or else the one that most make, the others having
    /// been waited for.
    pub(super) fn choice(
        &self,
        store: &Store,
        now_ms: u64,
        settle_ms: u64,
    ) -> Result<Option<Claim>, StoreError> {
        let mut counts = BTreeMap::<Claim, usize>::new();
        for answer in self.answers.values() {
            if let Answer::Here(claim) = answer {
                *counts.entry(*claim).or_default() += 1;
            }
        }
        if counts.is_empty() {
            return Ok(None);
        }
        let on_disk = store.partial_claim(&self.want.hash)?;
        if let Some(claim) = on_disk.filter(|claim| counts.contains_key(claim)) {
            return Ok(Some(claim));
        }
        let is_settled = !self.answers.values().any(|answer| *answer == Answer::Asked)
            || self.first_answer_ms.is_some_and(|first| first.saturating_add(settle_ms) <= now_ms);
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        Ok(most.filter(|_| is_settled).map(|(claim, _)| claim))
    }

    /// Waits until others are done, which is no fault of the peers that have it.
    pub(super) fn queue(&mut self, now_ms: u64) {
        if self.answers.values().any(|answer| matches!(answer, Answer::Here(_))) {
            self.progress_ms = now_ms;
        }
    }

    /// Begins to fetch, or goes on.
    pub(super) fn load(&mut self, partial: Partial, now_ms: u64) {
        // To go on is no progress: a peer may give the same blocks and refuse the same one for ever.
        if !std::mem::replace(&mut self.was_loading, true) {
            self.progress_ms = now_ms;
        }
        self.loading = Some(Loading { partial, asked: BTreeSet::new() });
    }

    /// Stops, if nobody has it any more under the claim that was taken. What is on disk stays there.
    pub(super) fn drop_orphaned(&mut self) {
        let claim = self.loading.as_ref().map(|loading| loading.partial.claim());
        if claim.is_some_and(|claim| self.supporters(&claim).next().is_none()) {
            self.loading = None;
            // Others are to have the time to say what they have.
            self.first_answer_ms = None;
        }
    }

    /// What is fetched under this claim.
    pub(super) fn loading(&mut self, claim: &Claim) -> Option<&mut Partial> {
        let loading = self.loading.as_mut().filter(|loading| loading.partial.claim() == *claim);
        loading.map(|loading| &mut loading.partial)
    }

    pub(super) fn take_loading(&mut self) -> Option<Partial> {
        self.loading.take().map(|loading| loading.partial)
    }

    /// The claim that is fetched, and who makes it.
    pub(super) fn holders(&self) -> Option<(Claim, Vec<PeerId>)> {
        let claim = self.loading.as_ref()?.partial.claim();
        Some((claim, self.supporters(&claim).collect()))
    }

    /// A block that nobody was asked for; it is noted as asked for.
    pub(super) fn next_block(&mut self) -> Option<Position> {
        let loading = self.loading.as_mut()?;
        let at = loading.partial.wanted().find(|at| !loading.asked.contains(at))?;
        loading.asked.insert(at);
        Some(at)
    }

    /// Nobody is asked for this block any more.
    pub(super) fn release(&mut self, at: Position, claim: &Claim) {
        if let Some(loading) = &mut self.loading
            && loading.partial.claim() == *claim
        {
            loading.asked.remove(&at);
        }
    }
}
