//! Votes, justifications, authority changes and equivocation proofs of finality.
//!
//! The encodings are Substrate's: GRANDPA messages localised to a round and an authority set, the
//! `FRNK` digest that announces a change of authorities, and justifications that carry the headers
//! between the votes and the finalised block. So tools that verify a Substrate chain's finality
//! verify ours. The rules of voting are in `client/finality`.

#![cfg_attr(not(feature = "std"), no_std)]
#![expect(clippy::cast_possible_truncation, reason = "the derived codec casts variant indices")]

extern crate alloc;

mod change;
mod equivocation;
mod justification;
#[cfg(test)]
mod tests;

pub use change::{ConsensusLog, ScheduledChange, scheduled_change};
pub use finality_grandpa;
pub use justification::{FinalityProof, GrandpaJustification};

use alloc::vec::Vec;
use citrate_core::{BlockNumber, EngineId, H256, ed25519};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// The engine under which changes of authorities and justifications stand.
pub const ENGINE_ID: EngineId = *b"FRNK";

/// The key that a voter signs with.
pub type AuthorityId = ed25519::Public;
/// A voter's signature.
pub type AuthoritySignature = ed25519::Signature;
/// How much a voter's vote counts, relative to the sum over all voters.
pub type AuthorityWeight = u64;
/// Voters with their weights.
pub type AuthorityList = Vec<(AuthorityId, AuthorityWeight)>;
/// How many times the authorities changed.
pub type SetId = u64;
/// A round of votes; counted from 1 in every authority set.
pub type RoundNumber = u64;

/// A vote or a proposal.
pub type Message = finality_grandpa::Message<H256, BlockNumber>;
/// A vote for the best chain.
pub type Prevote = finality_grandpa::Prevote<H256, BlockNumber>;
/// A vote for what the prevotes agree on.
pub type Precommit = finality_grandpa::Precommit<H256, BlockNumber>;
/// A vote with its signature.
pub type SignedMessage =
    finality_grandpa::SignedMessage<H256, BlockNumber, AuthoritySignature, AuthorityId>;
/// A precommit with its signature.
pub type SignedPrecommit =
    finality_grandpa::SignedPrecommit<H256, BlockNumber, AuthoritySignature, AuthorityId>;
/// A prevote with its signature.
pub type SignedPrevote =
    finality_grandpa::SignedPrevote<H256, BlockNumber, AuthoritySignature, AuthorityId>;
/// The precommits that finalise a block.
pub type Commit = finality_grandpa::Commit<H256, BlockNumber, AuthoritySignature, AuthorityId>;
/// A [`Commit`] as it is sent.
pub type CompactCommit =
    finality_grandpa::CompactCommit<H256, BlockNumber, AuthoritySignature, AuthorityId>;
/// The votes that complete a round.
pub type CatchUp = finality_grandpa::CatchUp<H256, BlockNumber, AuthoritySignature, AuthorityId>;

// Declared here because their paths in metadata are those of Substrate's crate.

/// Two votes of one voter.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(replace_segment("citrate_grandpa_types", "sp_consensus_grandpa"))]
pub enum Equivocation {
    /// Two prevotes.
    Prevote(finality_grandpa::Equivocation<AuthorityId, Prevote, AuthoritySignature>),
    /// Two precommits.
    Precommit(finality_grandpa::Equivocation<AuthorityId, Precommit, AuthoritySignature>),
}

/// Two votes of one voter, and the authority set it voted in.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(replace_segment("citrate_grandpa_types", "sp_consensus_grandpa"))]
pub struct EquivocationProof {
    /// The authority set.
    pub set_id: SetId,
    /// The votes.
    pub equivocation: Equivocation,
}

/// Shows that a key belonged to the authorities of a set; opaque to the node. Empty here: whoever
/// handles the offence knows the keys of past sets.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(replace_segment("citrate_grandpa_types", "sp_consensus_grandpa"))]
pub struct OpaqueKeyOwnershipProof(pub Vec<u8>);

/// The bytes that a voter signs: a message belongs to one round of one authority set.
pub fn localized_payload(round: RoundNumber, set: SetId, message: &Message) -> Vec<u8> {
    (message, round, set).encode()
}
