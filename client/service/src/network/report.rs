//! Reports of voters that voted twice.

use std::fmt;
use std::sync::Arc;

use citrate_chain::{Chain, ChainError};
use citrate_core::well_known_keys;
use citrate_grandpa_types::{EquivocationProof, OpaqueKeyOwnershipProof};
use citrate_host::OffchainExt;
use citrate_provider::NodeOffchain;
use citrate_txpool::TxPool;
use codec::{DecodeAll, Encode};

/// Puts the proof that a voter voted twice on chain. The runtime makes the transaction and hands it to
/// the pool itself; it is free, and goes into a block of this node only.
pub(super) struct Reporter {
    chain: Arc<Chain>,
    offchain: Arc<NodeOffchain>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
enum ReportError {
    /// The runtime failed.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The runtime's answer is none.
    #[error("the runtime's answer cannot be read: {0}")]
    Answer(#[from] codec::Error),
}

impl Reporter {
    pub(super) fn new(chain: &Arc<Chain>, pool: &Arc<TxPool>) -> Self {
        // Reports are made by whoever sees the votes, an authority or not.
        let offchain = NodeOffchain::new(Arc::clone(chain), Arc::clone(pool), false);
        Self { chain: Arc::clone(chain), offchain: Arc::new(offchain) }
    }

    pub(super) fn report(&self, proof: &EquivocationProof) {
        let (voter, round, set_id) = (proof.offender(), proof.round(), proof.set_id);
        match self.try_report(proof) {
            Ok(Submitted::Yes) => {
                tracing::warn!(target: "finality", ?voter, round, set_id, "a voter that voted twice is reported");
            }
            Ok(Submitted::NoVoter) => {
                tracing::warn!(target: "finality", ?voter, round, set_id, "who voted twice is too long gone to be reported");
            }
            Ok(Submitted::Refused) => {
                tracing::debug!(target: "finality", ?voter, round, set_id, "a voter that voted twice is reported already");
            }
            Err(error) => {
                tracing::warn!(target: "finality", ?voter, %error, "a voter that voted twice is not reported");
            }
        }
    }

    fn try_report(&self, proof: &EquivocationProof) -> Result<Submitted, ReportError> {
        let best = self.chain.best().hash;
        let whose = (proof.set_id, proof.offender()).encode();
        let owner = self.chain.call(&best, "GrandpaApi_generate_key_ownership_proof", &whose)?;
        let owner = Option::<OpaqueKeyOwnershipProof>::decode_all(&mut &*owner)?;
        let Some(owner) = owner else { return Ok(Submitted::NoVoter) };
        let answer = self.chain.call_with(
            &best,
            "GrandpaApi_submit_report_equivocation_unsigned_extrinsic",
            &(proof, owner).encode(),
            &mut |extensions| {
                extensions.register(OffchainExt(Arc::<NodeOffchain>::clone(&self.offchain)));
            },
            well_known_keys::CODE,
        )?;
        let submitted = Option::<()>::decode_all(&mut &*answer)?;
        Ok(submitted.map_or(Submitted::Refused, |()| Submitted::Yes))
    }
}

/// What became of a report.
enum Submitted {
    Yes,
    /// The runtime does not know the voter any more.
    NoVoter,
    /// The pool does not take it: usually because it has it.
    Refused,
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter").finish_non_exhaustive()
    }
}
