//! Evidence that a voter voted twice in one phase of one round.

#![expect(clippy::cast_possible_truncation, reason = "the derived codec casts variant indices")]

use crate::{
    AuthorityId, AuthoritySignature, Message, Precommit, Prevote, RoundNumber, SetId,
    localized_payload,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

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

impl EquivocationProof {
    /// Who voted twice.
    pub fn offender(&self) -> &AuthorityId {
        match &self.equivocation {
            Equivocation::Prevote(votes) => &votes.identity,
            Equivocation::Precommit(votes) => &votes.identity,
        }
    }

    /// The round of both votes.
    pub fn round(&self) -> RoundNumber {
        match &self.equivocation {
            Equivocation::Prevote(votes) => votes.round_number,
            Equivocation::Precommit(votes) => votes.round_number,
        }
    }

    /// Whether the votes differ and both are the offender's; `verify` checks one signature of a
    /// message by a key.
    pub fn is_valid(
        &self,
        verify: impl Fn(&AuthoritySignature, &[u8], &AuthorityId) -> bool,
    ) -> bool {
        let [(first, first_signature), (second, second_signature)] = match &self.equivocation {
            Equivocation::Prevote(votes) => [&votes.first, &votes.second]
                .map(|(vote, signature)| (Message::Prevote(vote.clone()), signature)),
            Equivocation::Precommit(votes) => [&votes.first, &votes.second]
                .map(|(vote, signature)| (Message::Precommit(vote.clone()), signature)),
        };
        // Compared as votes: one vote has many valid signatures.
        first != second
            && [(&first, first_signature), (&second, second_signature)].into_iter().all(
                |(message, signature)| {
                    let payload = localized_payload(self.round(), self.set_id, message);
                    verify(signature, &payload, self.offender())
                },
            )
    }
}

/// Shows that a key belonged to the authorities of a set; opaque to the node. Empty here: whoever
/// handles the offence knows the keys of past sets.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(replace_segment("citrate_grandpa_types", "sp_consensus_grandpa"))]
pub struct OpaqueKeyOwnershipProof(pub Vec<u8>);
