//! Jobs and providers as the pallet keeps them.

use alloc::vec::Vec;

use citrate_core::{AccountId32, Balance, BlockNumber, H256};
use citrate_inference_types::{
    Digest, INLINE_BYTES_MAX, JobId, JobInfo, JobStatus, ModelCard, PANEL_MAX, Payload, Policy,
    RefundReason, Seat, Tensors, content_hash, results,
};
use citrate_support::pallet_prelude::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use pallet_model_registry::Terms;
use scale_info::TypeInfo;

/// An input or output: the bytes, or their hash if they are too large for the chain.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub enum Blob {
    /// The bytes themselves.
    Inline(BoundedVec<u8, ConstU32<INLINE_BYTES_MAX>>),
    /// In the artifact store under this content hash.
    Content {
        /// SHA-256.
        hash: H256,
        /// How long it is.
        bytes: u32,
    },
    /// An output in the artifact store, with the [`Digest`] by which the chain compares it.
    Digested {
        /// SHA-256.
        hash: H256,
        /// How long it is.
        bytes: u32,
        /// The digest, encoded.
        digest: BoundedVec<u8, ConstU32<INLINE_BYTES_MAX>>,
    },
}

impl Blob {
    /// How long the bytes are.
    pub fn len(&self) -> u32 {
        match self {
            Self::Inline(bytes) => u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            Self::Content { bytes, .. } | Self::Digested { bytes, .. } => *bytes,
        }
    }

    /// How many of them the chain keeps.
    pub(crate) fn kept_bytes(&self) -> u32 {
        match self {
            Self::Inline(_) => self.len(),
            Self::Content { .. } => 0,
            Self::Digested { digest, .. } => u32::try_from(digest.len()).unwrap_or(u32::MAX),
        }
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Their content hash.
    pub fn hash(&self) -> H256 {
        match self {
            Self::Inline(bytes) => content_hash(bytes),
            Self::Content { hash, .. } | Self::Digested { hash, .. } => *hash,
        }
    }

    /// What it holds as a job's result, if the chain has it and it is what the model gives.
    pub(crate) fn results(&self, card: &ModelCard, batch: Option<u32>) -> Option<Vec<Tensors>> {
        match self {
            Self::Inline(bytes) => results(card, batch, bytes),
            Self::Content { .. } | Self::Digested { .. } => None,
        }
    }

    /// The digest of what it holds as a result of a model whose results are compared so.
    pub(crate) fn digest(&self, card: &ModelCard) -> Option<Digest> {
        match self {
            Self::Inline(bytes) => Digest::of(card, &Tensors::from_bytes(bytes).ok()?),
            Self::Digested { digest, .. } => Digest::from_bytes(digest),
            Self::Content { .. } => None,
        }
    }

    /// What a receipt says of the digest.
    pub(crate) fn digest_hash(&self) -> Option<H256> {
        match self {
            Self::Digested { digest, .. } => Some(Digest::hash(digest)),
            Self::Inline(_) | Self::Content { .. } => None,
        }
    }

    pub(crate) fn into_payload(self) -> Payload {
        match self {
            Self::Inline(bytes) => Payload::Inline(bytes.into_inner()),
            Self::Content { hash, bytes } => Payload::Content { hash, bytes },
            Self::Digested { hash, bytes, digest } => {
                Payload::Digested { hash, bytes, digest: digest.into_inner() }
            }
        }
    }
}

/// LIMIT: providers that have had a job and do not get it again.
pub const TRIED_MAX: u32 = 16;

/// The providers that run one job.
pub type Panel = BoundedVec<Seat, ConstU32<PANEL_MAX>>;

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub enum State {
    /// Waits for a provider.
    Queued,
    /// A provider has it.
    Assigned {
        /// Who.
        provider: AccountId32,
        /// The last block for the receipt.
        due: BlockNumber,
    },
    /// Several providers have it and commit to their results.
    Committing {
        /// They.
        panel: Panel,
        /// The last block for a commitment.
        commit_by: BlockNumber,
        /// The last block for a result.
        reveal_by: BlockNumber,
    },
    /// Every result is fixed; they are made known.
    Revealing {
        /// Those who have committed.
        panel: Panel,
        /// The block in which the last one did.
        since: BlockNumber,
        /// The last block for a result.
        reveal_by: BlockNumber,
    },
    /// Results that count unless somebody disputes them.
    Claimed {
        /// They.
        claim: Claim,
        /// The last block for it.
        until: BlockNumber,
    },
    /// The referee judges the results.
    Disputed {
        /// They.
        claim: Claim,
    },
    /// Done and paid.
    Settled {
        /// Who did it.
        provider: AccountId32,
        /// Who else gave the same result.
        confirmed_by: BoundedVec<AccountId32, ConstU32<PANEL_MAX>>,
        /// The result.
        output: Blob,
        /// Hash of the receipt.
        receipt: H256,
        /// When.
        at: BlockNumber,
    },
    /// Not done; the escrow went back.
    Refunded {
        /// Why.
        reason: RefundReason,
        /// When.
        at: BlockNumber,
    },
    /// No provider was found while there was time for a receipt; the escrow went back.
    Expired {
        /// When.
        at: BlockNumber,
    },
    /// Withdrawn; the escrow went back.
    Cancelled {
        /// When.
        at: BlockNumber,
    },
}

impl State {
    /// Whether the job has not ended.
    pub const fn is_open(&self) -> bool {
        match self {
            Self::Queued
            | Self::Assigned { .. }
            | Self::Committing { .. }
            | Self::Revealing { .. }
            | Self::Claimed { .. }
            | Self::Disputed { .. } => true,
            Self::Settled { .. }
            | Self::Refunded { .. }
            | Self::Expired { .. }
            | Self::Cancelled { .. } => false,
        }
    }
}

/// Results that are known and do not count yet; [`Reveals`](crate::Reveals) has them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Claim {
    /// Who gave them; the first one's is the job's.
    pub claimants: BoundedVec<AccountId32, ConstU32<PANEL_MAX>>,
    /// How many of them, from the first on, agree; none if they were too few.
    pub agreed: u32,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Job {
    /// Who pays.
    pub submitter: AccountId32,
    /// The model.
    pub model: H256,
    /// What the model gets.
    pub input: Blob,
    /// How many inputs that are, if it is a batch.
    pub batch: Option<u32>,
    /// How the result is verified.
    pub policy: Policy,
    /// What is on hold for it.
    pub max_fee: Balance,
    /// The least that a run of one input costs: the model's price when it came.
    pub price: Balance,
    /// What each provider gets for all inputs: so many times the highest price of those that have it, or had it last.
    pub fee: Balance,
    /// What the model's owner gets, as it was when the job came.
    pub terms: Terms,
    /// When it came.
    pub submitted_at: BlockNumber,
    /// The block by which it must have ended.
    pub deadline: BlockNumber,
    /// How often it was assigned before the present time.
    pub attempt: u32,
    /// The providers that did not bring what they had to.
    pub tried: BoundedVec<AccountId32, ConstU32<TRIED_MAX>>,
    /// Where it stands.
    pub state: State,
}

impl Job {
    /// How often each provider runs the model.
    pub fn runs(&self) -> u32 {
        self.batch.unwrap_or(1)
    }

    /// Whether the referee may have the last word.
    pub const fn is_refereed(&self) -> bool {
        matches!(self.policy, Policy::Refereed { .. })
    }

    /// As the runtime's API shows it; `claimed` is the result of a claim.
    pub(crate) fn into_info(self, id: JobId, claimed: Option<Payload>) -> JobInfo {
        let (price, access_fee) = (self.fee, self.terms.access_fee);
        let status = match self.state {
            State::Queued => JobStatus::Queued,
            State::Assigned { provider, due } => JobStatus::Assigned { provider, due },
            State::Committing { panel, commit_by, .. } => {
                JobStatus::Committing { panel: panel.into_inner(), due: commit_by }
            }
            State::Revealing { panel, reveal_by, .. } => {
                JobStatus::Revealing { panel: panel.into_inner(), due: reveal_by }
            }
            State::Claimed { claim, until } => {
                let agreed = usize::try_from(claim.agreed).unwrap_or(usize::MAX);
                let mut agreed = claim.claimants.into_iter().take(agreed);
                let provider = agreed.next().unwrap_or(AccountId32::new([0; 32]));
                let output = claimed.unwrap_or(Payload::Inline(Vec::new()));
                JobStatus::Claimed { provider, confirmed_by: agreed.collect(), output, until }
            }
            State::Disputed { claim } => {
                JobStatus::Disputed { claimants: claim.claimants.into_inner() }
            }
            State::Settled { provider, confirmed_by, output, receipt, at } => {
                let confirmed_by = confirmed_by.into_inner();
                let runs = Balance::try_from(confirmed_by.len()).unwrap_or_default();
                JobStatus::Settled {
                    provider,
                    fee: price.saturating_mul(runs.saturating_add(1)).saturating_add(access_fee),
                    confirmed_by,
                    output: output.into_payload(),
                    receipt,
                    at,
                }
            }
            State::Refunded { reason, at } => JobStatus::Refunded { reason, at },
            State::Expired { at } => JobStatus::Expired { at },
            State::Cancelled { at } => JobStatus::Cancelled { at },
        };
        JobInfo {
            id,
            submitter: self.submitter,
            model: self.model,
            input: self.input.into_payload(),
            batch: self.batch,
            policy: self.policy,
            max_fee: self.max_fee,
            submitted_at: self.submitted_at,
            deadline: self.deadline,
            attempt: self.attempt,
            status,
        }
    }
}

/// A result that a provider has made known, kept until all are compared.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Reveal {
    /// The result.
    pub output: Blob,
    /// Hash of its receipt.
    pub receipt: H256,
}
