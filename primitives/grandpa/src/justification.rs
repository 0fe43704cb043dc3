//! Why a block is final, in a form that others can check.

use crate::{Commit, RoundNumber};
use alloc::vec::Vec;
use citrate_core::{H256, Header};
use codec::{Decode, Encode};

/// The precommits that finalise a block, and what shows that they count for it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(Debug))]
#[cfg_attr(
    not(feature = "std"),
    expect(missing_debug_implementations, reason = "the commit's library has it with `std` alone")
)]
pub struct GrandpaJustification {
    /// The round of the votes.
    pub round: RoundNumber,
    /// The block and the precommits.
    pub commit: Commit,
    /// The headers from the blocks that were voted for down to the finalised block, that one not
    /// among them; each once.
    pub votes_ancestries: Vec<Header>,
}

/// Why a block is final, when it lies below one that has a justification.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct FinalityProof {
    /// The block that was voted on.
    pub block: H256,
    /// An encoded [`GrandpaJustification`] of it.
    pub justification: Vec<u8>,
    /// The headers after the one that was asked for, up to `block`.
    pub unknown_headers: Vec<Header>,
}
