//! Jobs as the runtime's API shows them.

use alloc::vec::Vec;

use citrate_core::{AccountId32, Balance, BlockNumber, H256, hashing};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::ModelCard;

/// Identifies a job: see [`job_id`].
pub type JobId = H256;

/// LIMIT: most bytes of an input or output that the chain itself holds; larger ones go by hash.
pub const INLINE_BYTES_MAX: u32 = 16 * 1024;

/// LIMIT: most providers that run one job.
pub const PANEL_MAX: u32 = 5;

/// Domain of job ids.
const JOB_DOMAIN: &[u8] = b"CITRATE/inference/job/v1";

/// The content hash of an input, an output, a model or an asset: SHA-256 of its bytes.
pub fn content_hash(bytes: &[u8]) -> H256 {
    H256(hashing::sha2_256(bytes))
}

/// The id of the submitter's `index`-th job on the chain with this genesis.
pub fn job_id(genesis: &H256, submitter: &AccountId32, index: u64) -> JobId {
    H256((JOB_DOMAIN, genesis, submitter, index).using_encoded(hashing::blake2_256))
}

/// Bytes on chain, or their hash if they are larger than [`INLINE_BYTES_MAX`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Payload {
    /// The bytes themselves.
    Inline(Vec<u8>),
    /// In the artifact store under this content hash.
    Content {
        /// SHA-256.
        hash: H256,
        /// How long it is.
        bytes: u32,
    },
    /// The same, with the [`Digest`](crate::Digest) by which it was compared.
    Digested {
        /// SHA-256.
        hash: H256,
        /// How long it is.
        bytes: u32,
        /// The digest, encoded.
        digest: Vec<u8>,
    },
}

impl Payload {
    /// The content hash of the bytes.
    pub fn hash(&self) -> H256 {
        match self {
            Self::Inline(bytes) => content_hash(bytes),
            Self::Content { hash, .. } | Self::Digested { hash, .. } => *hash,
        }
    }

    /// How long the bytes are.
    pub fn len(&self) -> u64 {
        match self {
            Self::Inline(bytes) => bytes.len() as u64,
            Self::Content { bytes, .. } | Self::Digested { bytes, .. } => u64::from(*bytes),
        }
    }

    /// True if there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How a result is verified.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Default,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Policy {
    /// One staked provider signs a receipt; a contradiction is slashable.
    #[default]
    Attested,
    /// Several providers run the model. Each commits to its result before it sees another one, and the result
    /// counts if enough of them agree within the tolerance of the model's card.
    Redundant {
        /// How many run it: at most [`PANEL_MAX`].
        providers: u8,
        /// How many have to agree: more than half.
        quorum: u8,
    },
    /// As redundant, and the result counts once its time to be [disputed](JobStatus::Claimed) is over. Who disputes it has the
    /// referee run the model again; so does a panel that does not agree.
    Refereed {
        /// How many run it: at most [`PANEL_MAX`]. One alone delivers without a commitment.
        providers: u8,
        /// How many have to agree: more than half.
        quorum: u8,
    },
}

impl Policy {
    /// How many providers run the model.
    pub const fn providers(&self) -> u32 {
        match self {
            Self::Attested => 1,
            Self::Redundant { providers, .. } | Self::Refereed { providers, .. } => {
                *providers as u32
            }
        }
    }

    /// How many results have to agree.
    pub const fn quorum(&self) -> u32 {
        match self {
            Self::Attested => 1,
            Self::Redundant { quorum, .. } | Self::Refereed { quorum, .. } => *quorum as u32,
        }
    }

    /// Whether the policy can be met and says who is right.
    pub const fn is_sound(&self) -> bool {
        let (providers, quorum) = (self.providers(), self.quorum());
        let least = if matches!(self, Self::Redundant { .. }) { 2 } else { 1 };
        providers >= least
            && providers <= PANEL_MAX
            && quorum <= providers
            && quorum > providers / 2
    }
}

/// Why a job's escrow went back.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum RefundReason {
    /// Every provider that got the job let it time out.
    NoResult,
    /// Every provider that got the job declined it.
    Declined,
    /// Not enough providers gave the same result.
    Disagreed,
    /// The referee found every result wrong.
    Refuted,
}

/// A provider's part in a job that several run.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Seat {
    /// Who.
    pub provider: AccountId32,
    /// What it has committed to: see [`Receipt::commitment`](crate::Receipt::commitment).
    pub commitment: Option<H256>,
    /// Whether its result is known.
    pub revealed: bool,
}

/// Where a job stands. Every job ends in exactly one of [`Settled`](Self::Settled), [`Refunded`](Self::Refunded),
/// [`Expired`](Self::Expired) and [`Cancelled`](Self::Cancelled).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum JobStatus {
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
        panel: Vec<Seat>,
        /// The last block for a commitment.
        due: BlockNumber,
    },
    /// All results are fixed, and are made known.
    Revealing {
        /// Those who have committed.
        panel: Vec<Seat>,
        /// The last block for a result.
        due: BlockNumber,
    },
    /// Done; the result counts unless somebody disputes it in time.
    Claimed {
        /// Who did it.
        provider: AccountId32,
        /// Who else gave the same result.
        confirmed_by: Vec<AccountId32>,
        /// What the model gave, as they say.
        output: Payload,
        /// The last block to dispute it.
        until: BlockNumber,
    },
    /// The referee decides.
    Disputed {
        /// Whose results it judges.
        claimants: Vec<AccountId32>,
    },
    /// Done and paid.
    Settled {
        /// Who did it.
        provider: AccountId32,
        /// Who else gave the same result.
        confirmed_by: Vec<AccountId32>,
        /// What the model gave.
        output: Payload,
        /// Hash of the receipt.
        receipt: H256,
        /// What the submitter paid.
        fee: Balance,
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
    /// The deadline passed before a provider was found; the escrow went back.
    Expired {
        /// When.
        at: BlockNumber,
    },
    /// Withdrawn by the submitter before a provider was found; the escrow went back.
    Cancelled {
        /// When.
        at: BlockNumber,
    },
}

impl JobStatus {
    /// The block in which the job ended, if it has.
    pub const fn ended_at(&self) -> Option<BlockNumber> {
        match self {
            Self::Queued
            | Self::Assigned { .. }
            | Self::Committing { .. }
            | Self::Revealing { .. }
            | Self::Claimed { .. }
            | Self::Disputed { .. } => None,
            Self::Settled { at, .. }
            | Self::Refunded { at, .. }
            | Self::Expired { at }
            | Self::Cancelled { at } => Some(*at),
        }
    }
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct JobInfo {
    /// Its id.
    pub id: JobId,
    /// Who pays.
    pub submitter: AccountId32,
    /// The model's content hash.
    pub model: H256,
    /// What the model gets.
    pub input: Payload,
    /// How many inputs that are, if it is a [`Batch`](crate::Batch).
    pub batch: Option<u32>,
    /// How the result is verified.
    pub policy: Policy,
    /// What is held for it.
    pub max_fee: Balance,
    /// When it came.
    pub submitted_at: BlockNumber,
    /// The last block in which it may be assigned or settled.
    pub deadline: BlockNumber,
    /// How many providers have had it before the present one.
    pub attempt: u32,
    /// Where it stands.
    pub status: JobStatus,
}

/// What a provider has to bring next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Stage {
    /// The result with its receipt.
    Deliver,
    /// A commitment to it.
    Commit,
    /// What it has committed to.
    Reveal {
        /// The block after which everybody had committed.
        since: BlockNumber,
    },
}

/// A job that a provider has to do, with all that its worker needs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct AssignedJob {
    /// Its id.
    pub id: JobId,
    /// Which attempt this is.
    pub attempt: u32,
    /// The model's content hash.
    pub model: H256,
    /// The model's card.
    pub card: ModelCard,
    /// What the model gets.
    pub input: Payload,
    /// How many inputs that are, if it is a [`Batch`](crate::Batch).
    pub batch: Option<u32>,
    /// What is to be brought.
    pub stage: Stage,
    /// The last block for it.
    pub due: BlockNumber,
}
