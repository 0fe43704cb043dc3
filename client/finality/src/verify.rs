//! Making and checking justifications, without a voter and without a chain.

use crate::{
    config::{ANCESTRY_HEADERS_MAX, ANCESTRY_MAX, JUSTIFICATION_BYTES_MAX},
    error::JustificationError,
    ports::VoterChain,
};
use citrate_core::{BlockNumber, H256, Header, ed25519};
use citrate_grandpa_types::{
    AuthorityId, AuthorityList, AuthoritySignature, Commit, GrandpaJustification, Message,
    RoundNumber, SetId, SignedPrecommit, localized_payload,
};
use codec::DecodeAll;
use finality_grandpa::{Chain, Error, voter_set::VoterSet};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

/// What a justification proves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    /// The final block.
    pub hash: H256,
    /// Its height, as the voters signed it.
    pub number: BlockNumber,
    /// The round in which it became final.
    pub round: RoundNumber,
}

/// Checks that a justification makes its block final, for the authority set that votes on it. A
/// node that follows the chain needs nothing else: no voter, no state.
///
/// The caller still has to see that the block is the one it means, that it descends from the last
/// final block, and that the set is in charge of it.
///
/// # Errors
/// See [`JustificationError`]; each says whose vote or header is wrong and how.
pub fn verify_justification(
    bytes: &[u8],
    set_id: SetId,
    authorities: &AuthorityList,
) -> Result<Verified, JustificationError> {
    if bytes.len() > JUSTIFICATION_BYTES_MAX {
        return Err(JustificationError::TooLong(bytes.len()));
    }
    let justification = GrandpaJustification::decode_all(&mut &*bytes)
        .map_err(|_not_one| JustificationError::Malformed)?;
    let voters = VoterSet::new(authorities.iter().copied()).ok_or(JustificationError::NoVoters)?;
    verify(&justification, set_id, &voters, &|id, payload, signature| {
        ed25519::verify(signature, payload, id)
    })
}

/// Checks one signature of a payload by a key.
pub(crate) type Check<'a> = &'a dyn Fn(&AuthorityId, &[u8], &AuthoritySignature) -> bool;

pub(crate) fn verify(
    justification: &GrandpaJustification,
    set_id: SetId,
    voters: &VoterSet<AuthorityId>,
    check: Check<'_>,
) -> Result<Verified, JustificationError> {
    let GrandpaJustification { round, commit, votes_ancestries } = justification;
    if commit.precommits.len() > voters.len().get().saturating_mul(2) {
        return Err(JustificationError::TooManyVotes(commit.precommits.len()));
    }
    if votes_ancestries.len() > ANCESTRY_HEADERS_MAX {
        return Err(JustificationError::TooManyHeaders(votes_ancestries.len()));
    }
    // Before any signature: a peer could otherwise make us verify votes that cannot suffice.
    check_weight(&commit.precommits, voters)?;
    check_signatures(&commit.precommits, *round, set_id, check)?;
    let chain = Headers::new(votes_ancestries);
    for SignedPrecommit { precommit, .. } in &commit.precommits {
        let number = match chain.headers.get(&precommit.target_hash) {
            Some(header) => header.number,
            None if precommit.target_hash == commit.target_hash => commit.target_number,
            // Nothing leads from this vote to the block.
            None => return Err(JustificationError::NotEnoughVotes),
        };
        if number != precommit.target_number {
            return Err(JustificationError::WrongNumber(precommit.target_hash));
        }
    }
    chain.check_numbers(commit)?;
    let valid = finality_grandpa::validate_commit(commit, voters, &chain)
        .is_ok_and(|result| result.is_valid());
    if !valid {
        return Err(JustificationError::NotEnoughVotes);
    }
    for SignedPrecommit { precommit, .. } in &commit.precommits {
        // Also marks the headers of votes that the validation did not have to follow.
        if precommit.target_hash != commit.target_hash
            && chain.ancestry(commit.target_hash, precommit.target_hash).is_err()
        {
            return Err(JustificationError::NotEnoughVotes);
        }
    }
    if chain.used.borrow().len() != votes_ancestries.len() {
        return Err(JustificationError::UnusedHeader);
    }
    Ok(Verified { hash: commit.target_hash, number: commit.target_number, round: *round })
}

/// Whether the distinct signers can suffice.
pub(crate) fn check_weight(
    precommits: &[SignedPrecommit],
    voters: &VoterSet<AuthorityId>,
) -> Result<(), JustificationError> {
    let signers: BTreeSet<&AuthorityId> = precommits.iter().map(|signed| &signed.id).collect();
    let mut weight = 0_u64;
    for id in signers {
        let info = voters.get(id).ok_or(JustificationError::UnknownVoter)?;
        weight = weight.saturating_add(info.weight().get());
    }
    if weight < voters.threshold().get() {
        return Err(JustificationError::NotEnoughVotes);
    }
    Ok(())
}

pub(crate) fn check_signatures(
    precommits: &[SignedPrecommit],
    round: RoundNumber,
    set_id: SetId,
    check: Check<'_>,
) -> Result<(), JustificationError> {
    for SignedPrecommit { precommit, signature, id } in precommits {
        let payload = localized_payload(round, set_id, &Message::Precommit(precommit.clone()));
        if !check(id, &payload, signature) {
            return Err(JustificationError::BadSignature(round));
        }
    }
    Ok(())
}

/// The headers of a justification as a chain, noting which are needed.
struct Headers<'a> {
    headers: BTreeMap<H256, &'a Header>,
    used: RefCell<BTreeSet<H256>>,
}

impl<'a> Headers<'a> {
    fn new(headers: &'a [Header]) -> Self {
        let headers = headers.iter().map(|header| (header.hash(), header)).collect();
        Self { headers, used: RefCell::default() }
    }

    /// Every header is one higher than its parent, if that one is known.
    fn check_numbers(&self, commit: &Commit) -> Result<(), JustificationError> {
        for (hash, header) in &self.headers {
            let parent = match self.headers.get(&header.parent_hash) {
                Some(parent) => Some(parent.number),
                None => (header.parent_hash == commit.target_hash).then_some(commit.target_number),
            };
            if parent.is_some_and(|parent| parent.checked_add(1) != Some(header.number)) {
                return Err(JustificationError::WrongNumber(*hash));
            }
        }
        Ok(())
    }
}

impl Chain<H256, BlockNumber> for Headers<'_> {
    fn ancestry(&self, base: H256, block: H256) -> Result<Vec<H256>, Error> {
        let mut route = vec![block];
        loop {
            let last = *route.last().unwrap_or(&block);
            if last == base {
                break;
            }
            let header = self.headers.get(&last).ok_or(Error::NotDescendent)?;
            self.used.borrow_mut().insert(last);
            route.push(header.parent_hash);
        }
        route.pop();
        if route.is_empty() {
            return Err(Error::NotDescendent);
        }
        route.remove(0);
        Ok(route)
    }
}

/// Leaves out the votes of a commit that are not for its block or a descendant. Only a voter that
/// voted twice has such: the voting rules count it for every block, but whoever checks the commit
/// takes all votes to be above the lowest.
pub(crate) fn without_strays(chain: &dyn VoterChain, mut commit: Commit) -> Commit {
    let target = commit.target_hash;
    commit.precommits.retain(|signed| {
        let voted = signed.precommit.target_hash;
        voted == target || ancestry(chain, &target, &voted).is_some()
    });
    commit
}

/// The justification of a commit: adds the headers between the votes and the block. `None` when the
/// chain lacks one of them.
pub(crate) fn justify(
    chain: &dyn VoterChain,
    round: RoundNumber,
    commit: Commit,
) -> Option<GrandpaJustification> {
    let commit = without_strays(chain, commit);
    let mut headers: BTreeMap<H256, Header> = BTreeMap::new();
    for signed in &commit.precommits {
        let mut hash = signed.precommit.target_hash;
        while hash != commit.target_hash && !headers.contains_key(&hash) {
            let header = chain.header(&hash)?;
            let parent = header.parent_hash;
            headers.insert(hash, header);
            hash = parent;
        }
    }
    let votes_ancestries = headers.into_values().collect();
    Some(GrandpaJustification { round, commit, votes_ancestries })
}

/// [`VoterChain::ancestry`] within [`ANCESTRY_MAX`].
pub(crate) fn ancestry(chain: &dyn VoterChain, base: &H256, block: &H256) -> Option<Vec<H256>> {
    let distance = chain.number(block)?.checked_sub(chain.number(base)?)?;
    if distance > ANCESTRY_MAX {
        return None;
    }
    chain.ancestry(base, block)
}
