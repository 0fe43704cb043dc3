//! Evidence that a voter voted twice in one phase of one round.

use crate::{
    AuthorityId, AuthoritySignature, Equivocation, EquivocationProof, Message, RoundNumber,
    localized_payload,
};

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
