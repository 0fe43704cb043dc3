//! What can go wrong.

use citrate_core::{BlockNumber, H256};
use citrate_grandpa_types::RoundNumber;

/// Why finality does not go on. The voter starts again by itself.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FinalityError {
    /// The chain could not answer or act.
    #[error("the chain: {0}")]
    Chain(String),
    /// A record could not be read or written.
    #[error("the store: {0}")]
    Store(String),
    /// A record is not what was written.
    #[error("the record {0} is corrupted")]
    Corrupted(&'static str),
    /// The authorities of a block are no set of voters.
    #[error("no authority has a weight, or the sum of weights is too large")]
    NoVoters,
    /// The voting rules were broken from within.
    #[error("the voter: {0}")]
    Voter(finality_grandpa::Error),
    /// The node's key is gone.
    #[error("the key of the voter is gone")]
    KeyGone,
}

/// Why a justification does not prove that a block is final.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JustificationError {
    /// Longer than allowed.
    #[error("{0} bytes are too many")]
    TooLong(usize),
    /// The bytes are not a justification.
    #[error("not a justification")]
    Malformed,
    /// More votes than two for each authority.
    #[error("{0} votes are too many")]
    TooManyVotes(usize),
    /// More headers than allowed.
    #[error("{0} headers are too many")]
    TooManyHeaders(usize),
    /// The authorities are no set of voters.
    #[error("no authority has a weight, or the sum of weights is too large")]
    NoVoters,
    /// A vote of somebody who is no authority.
    #[error("a vote of somebody who is no authority")]
    UnknownVoter,
    /// A vote whose signature is not its voter's, for this round and set.
    #[error("a bad signature in round {0}")]
    BadSignature(RoundNumber),
    /// A vote or header whose height is not that of its block.
    #[error("a wrong height for {0:?}")]
    WrongNumber(H256),
    /// The votes are not for descendants of the block, or not enough.
    #[error("the votes do not finalise the block")]
    NotEnoughVotes,
    /// A header that leads from no vote to the block.
    #[error("a header that no vote needs")]
    UnusedHeader,
}

/// Why a justification was not applied.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It proves nothing.
    #[error(transparent)]
    Invalid(#[from] JustificationError),
    /// Its block is not imported or not executed; import it and try again.
    #[error("the block {0:?} at {1} is not executed")]
    NotExecuted(H256, BlockNumber),
    /// Its block does not descend from the last final one, or lies beyond a change of authorities:
    /// more than a third of the voters broke the rules, or the justification is another chain's.
    #[error("the block {0:?} conflicts with what is final")]
    Conflict(H256),
    /// The node could not apply it.
    #[error(transparent)]
    Node(#[from] FinalityError),
}
