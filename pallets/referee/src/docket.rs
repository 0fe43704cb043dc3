//! What the referee asks of the rest of the runtime, and tells it.

use alloc::vec::Vec;

use citrate_core::{AccountId32, Balance, DispatchError, DispatchResult, H256, Weight, sr25519};
use citrate_inference_types::{RefereeLimits, Tensors};

/// What a committee has to know of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// Which attempt at the job gave the result.
    pub attempt: u32,
    /// Which of the job's inputs it is about.
    pub part: u32,
    /// What the run may take.
    pub limits: RefereeLimits,
}

/// What a verdict means for what was disputed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Outcome {
    /// There is none: the bond is free.
    #[default]
    Void,
    /// The result was right.
    Upheld {
        /// Who gave it, and gets the bond.
        defender: AccountId32,
    },
    /// The result was wrong: the bond is free.
    Refuted,
}

/// Who knows what is disputed.
pub trait Docket {
    /// Whether it has something of this name.
    fn knows(case: &H256) -> bool;

    /// Takes a result that somebody disputes out of count until [`Docket::on_verdict`].
    ///
    /// # Errors
    /// There is no such result, its time has passed, or the referee cannot run its model.
    fn dispute(case: &H256) -> Result<Question, DispatchError>;

    /// Acts on the end of a case: `truth` is what the model gives for this part, none without a verdict. What the challenger gets of
    /// those who were wrong is the docket's to give.
    fn on_verdict(
        case: &H256,
        part: u32,
        truth: Option<&Tensors>,
        challenger: Option<&AccountId32>,
    ) -> Outcome;

    /// The most that [`Docket::on_verdict`] weighs.
    fn verdict_weight() -> Weight;
}

/// Two dockets: what the first does not know is the second's.
impl<A: Docket, B: Docket> Docket for (A, B) {
    fn knows(case: &H256) -> bool {
        A::knows(case) || B::knows(case)
    }

    fn dispute(case: &H256) -> Result<Question, DispatchError> {
        if A::knows(case) { A::dispute(case) } else { B::dispute(case) }
    }

    fn on_verdict(
        case: &H256,
        part: u32,
        truth: Option<&Tensors>,
        challenger: Option<&AccountId32>,
    ) -> Outcome {
        if A::knows(case) {
            A::on_verdict(case, part, truth, challenger)
        } else {
            B::on_verdict(case, part, truth, challenger)
        }
    }

    fn verdict_weight() -> Weight {
        A::verdict_weight().max(B::verdict_weight())
    }
}

/// The referee, as a docket asks it.
pub trait Referee {
    /// Whether there is one.
    fn is_ready() -> bool;

    /// Has a result judged that nobody disputes.
    ///
    /// # Errors
    /// There is no referee, as many cases are open as may, or this one is.
    fn open(case: H256, question: Question) -> DispatchResult;

    /// Has a result judged that somebody disputes, whose bond is on hold until the case is decided.
    ///
    /// # Errors
    /// As [`Referee::open`], or the challenger does not have the bond.
    fn dispute(case: H256, question: Question, challenger: AccountId32) -> DispatchResult;

    /// The most that [`Referee::dispute`] weighs.
    fn dispute_weight() -> Weight;
}

/// A chain without a referee.
impl Referee for () {
    fn is_ready() -> bool {
        false
    }

    fn open(_case: H256, _question: Question) -> DispatchResult {
        Err(DispatchError::Unavailable)
    }

    fn dispute(_case: H256, _question: Question, _challenger: AccountId32) -> DispatchResult {
        Err(DispatchError::Unavailable)
    }

    fn dispute_weight() -> Weight {
        Weight::zero()
    }
}

/// Somebody who may be drawn for a committee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judge {
    /// The account with the stake.
    pub account: AccountId32,
    /// What it has at stake; the chance to be drawn grows with it.
    pub stake: Balance,
}

/// Who may be drawn.
pub trait Committee {
    /// All of them, in any order. LIMIT: the number is the implementation's to bound.
    fn judges() -> Vec<Judge>;

    /// The key that signs a judge's votes; who has none cannot be drawn.
    fn key(judge: &AccountId32) -> Option<sr25519::Public>;

    /// The most that [`Committee::judges`] weighs, and one key for each member.
    fn weight() -> Weight;
}
