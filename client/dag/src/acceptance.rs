//! Which extrinsics of a mergeset's payloads a block accepts.

use std::collections::{BTreeSet, VecDeque};

use citrate_core::{
    ApplyExtrinsicResult, H256, InvalidTransaction, OpaqueExtrinsic, TransactionValidityError,
};

/// An extrinsic of a merged payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its hash.
    pub hash: H256,
    /// The block whose payload carries it.
    pub payload_block: H256,
    /// The extrinsic.
    pub extrinsic: OpaqueExtrinsic,
}

impl Candidate {
    /// An extrinsic of the payload of `payload_block`.
    pub fn new(payload_block: H256, extrinsic: OpaqueExtrinsic) -> Self {
        Self { hash: extrinsic.hash(), payload_block, extrinsic }
    }
}

/// Why an extrinsic is not in the accepted list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SkipReason {
    /// The mergeset holds the same extrinsic earlier in consensus order.
    #[error("the same extrinsic stands earlier in the mergeset")]
    Duplicate,
    /// The runtime says that it is not valid at this place.
    #[error("{0:?}")]
    Invalid(TransactionValidityError),
    /// The runtime trapped on it.
    #[error("the runtime trapped")]
    Trapped,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Apply this extrinsic on top of what was accepted so far, and report.
    Apply(Candidate),
    /// The list is complete.
    Done,
}

/// An accepted extrinsic, in order of execution.
pub type Accepted = Candidate;

/// A skipped extrinsic and why.
pub type Skipped = (Candidate, SkipReason);

/// LIMIT: how often an extrinsic is tried. Without one, an author who lists a sender's transactions
/// backwards would make every node try them as often as the square of their number: a payload has
/// room for tens of thousands. One author's payload in the pool's order takes one pass, and a
/// sender's transactions spread over several authors' payloads a pass or two more.
pub const PASSES_MAX: usize = 8;

/// Derives the accepted list from the payloads of a mergeset.
///
/// The extrinsics are tried in consensus order. One that the runtime calls `Future` is tried again
/// after the others, up to [`PASSES_MAX`] times in all and as long as a pass accepts at least one
/// extrinsic; every other verdict of invalidity skips it for good.
#[derive(Debug)]
pub struct Acceptance {
    pass: VecDeque<Candidate>,
    deferred: VecDeque<Candidate>,
    current: Option<Candidate>,
    progress: bool,
    /// Passes that have ended.
    passes: usize,
    accepted: Vec<Accepted>,
    skipped: Vec<Skipped>,
}

impl Acceptance {
    /// Starts with the payloads' extrinsics in consensus order.
    pub fn new(candidates: impl IntoIterator<Item = Candidate>) -> Self {
        let mut seen = BTreeSet::new();
        let mut pass = VecDeque::new();
        let mut skipped = Vec::new();
        for candidate in candidates {
            if seen.insert(candidate.hash) {
                pass.push_back(candidate);
            } else {
                skipped.push((candidate, SkipReason::Duplicate));
            }
        }
        let (deferred, accepted) = (VecDeque::new(), Vec::new());
        Self { pass, deferred, current: None, progress: false, passes: 0, accepted, skipped }
    }

    /// What to apply next. Asked again without a report, it repeats itself.
    pub fn next_step(&mut self) -> Step {
        if self.current.is_none() {
            if self.pass.is_empty() && !self.deferred.is_empty() {
                self.end_pass();
            }
            self.current = self.pass.pop_front();
        }
        self.current.clone().map_or(Step::Done, Step::Apply)
    }

    /// Reports what the runtime said of the extrinsic that was handed out last. The caller has
    /// rolled back what an extrinsic with `Err` changed.
    pub fn report(&mut self, result: &ApplyExtrinsicResult) {
        let Some(candidate) = self.current.take() else { return };
        match result {
            Ok(_) => {
                self.progress = true;
                self.accepted.push(candidate);
            }
            Err(TransactionValidityError::Invalid(InvalidTransaction::Future)) => {
                self.deferred.push_back(candidate);
            }
            Err(error) => self.skipped.push((candidate, SkipReason::Invalid(*error))),
        }
    }

    /// Reports that the runtime trapped on the extrinsic that was handed out last.
    pub fn report_trap(&mut self) {
        if let Some(candidate) = self.current.take() {
            self.skipped.push((candidate, SkipReason::Trapped));
        }
    }

    /// The accepted list, and what was skipped.
    pub fn finish(self) -> (Vec<Accepted>, Vec<Skipped>) {
        (self.accepted, self.skipped)
    }

    fn end_pass(&mut self) {
        let deferred = std::mem::take(&mut self.deferred);
        self.passes += 1;
        if std::mem::take(&mut self.progress) && self.passes < PASSES_MAX {
            self.pass = deferred;
        } else {
            let future = TransactionValidityError::Invalid(InvalidTransaction::Future);
            let reason = SkipReason::Invalid(future);
            self.skipped.extend(deferred.into_iter().map(|candidate| (candidate, reason)));
        }
    }
}
