//! Proofs for whoever has seen nothing but the first block: the chain of authority sets.
//!
//! The last block of each set announces the next set in its digest, and is justified by the set that it
//! ends. So a list of such headers with their justifications leads from the first block's voters to
//! the present ones, and a last one from there to a block that is final now.

use crate::{
    error::{FinalityError, JustificationError},
    ports::{AuthoritySet, VoterChain, VoterStore},
    records::{Records, StoredJustification},
    verify::verify_justification,
};
use citrate_core::{BlockNumber, Header};
use citrate_grandpa_types::{AuthorityList, SetId, scheduled_change};
use codec::{Decode, DecodeAll, Encode};

/// A page of a proof ends after the step that brings it over this many bytes.
pub const WARP_BYTES_TARGET: usize = 2 << 20;
/// LIMIT: bytes of a page that is looked at.
pub const WARP_BYTES_MAX: usize = 8 << 20;

/// A final block, and why it is.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct WarpStep {
    /// Its header.
    pub header: Header,
    /// An encoded [`citrate_grandpa_types::GrandpaJustification`] of it.
    pub justification: Vec<u8>,
}

/// A page of a proof.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct WarpProof {
    /// The last blocks of sets, one set after the other.
    pub ends: Vec<WarpStep>,
    /// The block that is to be begun at, by the set after those; `None` if more pages follow, or if
    /// none is offered at the moment.
    pub target: Option<WarpStep>,
}

/// Why a proof is none.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WarpError {
    /// It does not decode, or is too long.
    #[error("not a proof of authority sets")]
    Malformed,
    /// A justification does not hold.
    #[error("set {0}: {1}")]
    Justification(SetId, JustificationError),
    /// A justification is for another block.
    #[error("set {0}: the justification is for another block")]
    OtherBlock(SetId),
    /// A block is lower than the one before it.
    #[error("set {0}: block {1} is not above the one before")]
    NotAbove(SetId, BlockNumber),
    /// The block does not end its set, or not at once.
    #[error("set {0}: block {1} does not end it")]
    NotTheEnd(SetId, BlockNumber),
}

/// The ends of sets that a page proves, with their headers, and its target.
type Judged = (Vec<(StoredJustification, Header)>, Option<Header>);

/// How far a proof was followed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Followed {
    set_id: SetId,
    authorities: AuthorityList,
    number: BlockNumber,
}

impl Followed {
    /// At the first block, whose state names these voters.
    pub fn start(set: AuthoritySet) -> Self {
        Self { set_id: set.id, authorities: set.authorities, number: 0 }
    }

    /// The set whose end has to be proven next.
    pub fn set_id(&self) -> SetId {
        self.set_id
    }

    /// Follows a page, and gives the target if the page has one. The ends of sets are kept, so that this
    /// node can prove as much to others. If the page is wrong nothing of it is.
    ///
    /// # Errors
    /// The page is wrong: the first [`WarpError`]; or the records cannot be written.
    pub fn follow(
        &mut self,
        bytes: &[u8],
        store: &dyn VoterStore,
    ) -> Result<Result<Option<Header>, WarpError>, FinalityError> {
        let mut next = self.clone();
        let (kept, target) = match next.judge(bytes) {
            Ok(judged) => judged,
            Err(error) => return Ok(Err(error)),
        };
        for (justification, header) in &kept {
            Records(store).keep_end(justification, header)?;
        }
        *self = next;
        Ok(Ok(target))
    }

    fn judge(&mut self, bytes: &[u8]) -> Result<Judged, WarpError> {
        if bytes.len() > WARP_BYTES_MAX {
            return Err(WarpError::Malformed);
        }
        let WarpProof { ends, target } =
            WarpProof::decode_all(&mut &*bytes).map_err(|_not_one| WarpError::Malformed)?;
        let mut kept = Vec::with_capacity(ends.len());
        for end in ends {
            let justification = self.check(&end)?;
            let number = end.header.number;
            let not_the_end = WarpError::NotTheEnd(self.set_id, number);
            let change = scheduled_change(&end.header).filter(|change| change.delay == 0);
            self.authorities = change.ok_or(not_the_end)?.next_authorities;
            self.set_id += 1;
            self.number = number;
            kept.push((justification, end.header));
        }
        let Some(target) = target else { return Ok((kept, None)) };
        self.check(&target)?;
        Ok((kept, Some(target.header)))
    }

    fn check(&self, step: &WarpStep) -> Result<StoredJustification, WarpError> {
        let (set_id, number) = (self.set_id, step.header.number);
        if number <= self.number {
            return Err(WarpError::NotAbove(set_id, number));
        }
        let verified = verify_justification(&step.justification, set_id, &self.authorities)
            .map_err(|error| WarpError::Justification(set_id, error))?;
        let hash = step.header.hash();
        if (verified.hash, verified.number) != (hash, number) {
            return Err(WarpError::OtherBlock(set_id));
        }
        let bytes = step.justification.clone();
        Ok(StoredJustification { set_id, hash, number, bytes })
    }
}

/// A page of the proof that begins at the end of this set. `offers` says whether a final block can be
/// begun at: its state and what is around it are here. `None` if this node's records do not reach
/// back so far.
///
/// # Errors
/// The records cannot be read.
pub fn prove_sets(
    chain: &dyn VoterChain,
    store: &dyn VoterStore,
    first: SetId,
    offers: impl Fn(&Header) -> bool,
) -> Result<Option<WarpProof>, FinalityError> {
    let records = Records(store);
    let Some(latest) = records.latest()? else { return Ok(None) };
    let step = |stored: StoredJustification, kept: Option<Header>| {
        let header = chain.header(&stored.hash).or(kept)?;
        Some(WarpStep { header, justification: stored.bytes })
    };
    let (mut ends, mut bytes) = (Vec::new(), 0);
    for set in first.. {
        let Some(end) = records.of_set(set)? else {
            if set < latest.set_id {
                return Ok(None);
            }
            break;
        };
        let Some(end) = step(end, records.header_of_set(set)?) else { return Ok(None) };
        bytes += end.encoded_size();
        ends.push(end);
        if bytes >= WARP_BYTES_TARGET {
            return Ok(Some(WarpProof { ends, target: None }));
        }
    }
    let next = first.saturating_add(u64::try_from(ends.len()).unwrap_or(u64::MAX));
    // The block that ended the last set is in the list already.
    let target = Some(latest).filter(|latest| latest.set_id == next);
    let target =
        target.and_then(|latest| step(latest, None)).filter(|target| offers(&target.header));
    Ok(Some(WarpProof { ends, target }))
}
