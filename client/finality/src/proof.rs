//! Proofs of finality for blocks that have no justification of their own.

use crate::{
    config::{FinalityConfig, UNKNOWN_HEADERS_MAX},
    error::FinalityError,
    ports::{VoterChain, VoterStore},
    records::{Records, StoredJustification},
};
use citrate_core::BlockNumber;
use citrate_grandpa_types::{FinalityProof, SetId};

/// LIMIT: periods after a block's in which a justification is looked for.
const PERIODS_SEARCHED: BlockNumber = 8;

/// Why there is no proof.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The block is not final, or no justification of it or a descendant is kept.
    #[error("block {0} is not final, or no justification of it is kept")]
    NotProvable(BlockNumber),
    /// The nearest justification is too many blocks away.
    #[error("the nearest justification is for block {0}, too many headers away")]
    TooFar(BlockNumber),
    /// The records could not be read.
    #[error(transparent)]
    Node(#[from] FinalityError),
}

/// Proves that the block with this height is final: by the nearest justification that is kept of it
/// or of a descendant in the same authority set, and the headers in between.
///
/// # Errors
/// See [`ProofError`].
pub fn prove_finality(
    config: &FinalityConfig,
    chain: &dyn VoterChain,
    store: &dyn VoterStore,
    number: BlockNumber,
) -> Result<FinalityProof, ProofError> {
    let stored = nearest(config, Records(store), number)?
        .filter(|_| number <= chain.finalized().1)
        .ok_or(ProofError::NotProvable(number))?;
    let distance = usize::try_from(stored.number - number).unwrap_or(usize::MAX);
    if distance > UNKNOWN_HEADERS_MAX {
        return Err(ProofError::TooFar(stored.number));
    }
    let mut unknown_headers = Vec::with_capacity(distance);
    let mut hash = stored.hash;
    for _ in 0..distance {
        let header = chain.header(&hash).ok_or(ProofError::NotProvable(number))?;
        hash = header.parent_hash;
        unknown_headers.push(header);
    }
    unknown_headers.reverse();
    Ok(FinalityProof { block: stored.hash, justification: stored.bytes, unknown_headers })
}

/// The lowest justification found at `number` or above it, in the same set.
fn nearest(
    config: &FinalityConfig,
    records: Records<'_>,
    number: BlockNumber,
) -> Result<Option<StoredJustification>, ProofError> {
    let Some(latest) = records.latest()?.filter(|latest| latest.number >= number) else {
        return Ok(None);
    };
    let mut best = latest;
    if let Some(last_of_set) = last_of_set(records, number, best.set_id)? {
        best = last_of_set;
    }
    let period = number / config.justification_period.max(1);
    for period in period..=period.saturating_add(PERIODS_SEARCHED) {
        if let Some(found) = records.of_period(period)?.filter(|found| found.number >= number) {
            if found.number < best.number {
                best = found;
            }
            break;
        }
    }
    Ok(Some(best))
}

/// The justification of the last block of the set that voted on `number`, if that set is over: the
/// first among the sets whose last block is not below `number`.
fn last_of_set(
    records: Records<'_>,
    number: BlockNumber,
    present: SetId,
) -> Result<Option<StoredJustification>, ProofError> {
    // INVARIANT: sets below `low` ended below `number`, or are unknown; `high` and above did not.
    let (mut low, mut high, mut found) = (0, present.saturating_add(1), None);
    while low < high {
        let middle = low + (high - low) / 2;
        match records.of_set(middle)? {
            Some(last) if last.number >= number => {
                found = Some(last);
                high = middle;
            }
            Some(_) => low = middle + 1,
            // Sets end in order and are recorded at their end. An unknown one is the present, or is
            // from before this node followed the chain.
            None if middle >= present => high = middle,
            None => low = middle + 1,
        }
    }
    Ok(found)
}
