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
}

impl Payload {
    /// The content hash of the bytes.
    pub fn hash(&self) -> H256 {
        match self {
            Self::Inline(bytes) => content_hash(bytes),
            Self::Content { hash, .. } => *hash,
        }
    }

    /// How long the bytes are.
    pub fn len(&self) -> u64 {
        match self {
            Self::Inline(bytes) => bytes.len() as u64,
            Self::Content { bytes, .. } => u64::from(*bytes),
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
}

/// Where a job stands. Every job ends in exactly one of the last four.
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
    /// Done and paid.
    Settled {
        /// Who did it.
        provider: AccountId32,
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
    /// The last block for the receipt.
    pub due: BlockNumber,
}
