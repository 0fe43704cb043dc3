//! Jobs and providers as the pallet keeps them.

use citrate_core::{AccountId32, Balance, BlockNumber, H256, sr25519};
use citrate_inference_types::{
    INLINE_BYTES_MAX, JobId, JobInfo, JobStatus, Payload, Policy, RefundReason, content_hash,
};
use citrate_support::pallet_prelude::{BoundedVec, ConstU32, Get};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
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
}

impl Blob {
    /// How long the bytes are.
    pub fn len(&self) -> u32 {
        match self {
            Self::Inline(bytes) => u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            Self::Content { bytes, .. } => *bytes,
        }
    }

    /// How many of them the chain keeps.
    pub(crate) fn kept_bytes(&self) -> u32 {
        match self {
            Self::Inline(_) => self.len(),
            Self::Content { .. } => 0,
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
            Self::Content { hash, .. } => *hash,
        }
    }

    pub(crate) fn into_payload(self) -> Payload {
        match self {
            Self::Inline(bytes) => Payload::Inline(bytes.into_inner()),
            Self::Content { hash, bytes } => Payload::Content { hash, bytes },
        }
    }
}

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
    /// Done and paid.
    Settled {
        /// Who did it.
        provider: AccountId32,
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

/// A job.
#[derive(
    citrate_support::CloneNoBound,
    citrate_support::PartialEqNoBound,
    citrate_support::EqNoBound,
    citrate_support::DebugNoBound,
    Encode,
    Decode,
    TypeInfo,
    MaxEncodedLen,
)]
#[scale_info(skip_type_params(Attempts))]
#[codec(mel_bound())]
pub struct Job<Attempts: Get<u32>> {
    /// Who pays.
    pub submitter: AccountId32,
    /// The model.
    pub model: H256,
    /// What the model gets.
    pub input: Blob,
    /// How the result is verified.
    pub policy: Policy,
    /// What is on hold for it.
    pub max_fee: Balance,
    /// What it costs: the model's price when it came.
    pub fee: Balance,
    /// When it came.
    pub submitted_at: BlockNumber,
    /// The block by which it must have ended.
    pub deadline: BlockNumber,
    /// How many providers have had it before the present one.
    pub attempt: u32,
    /// Those providers.
    pub tried: BoundedVec<AccountId32, Attempts>,
    /// Where it stands.
    pub state: State,
}

impl<Attempts: Get<u32>> Job<Attempts> {
    pub(crate) fn into_info(self, id: JobId) -> JobInfo {
        let fee = self.fee;
        let status = match self.state {
            State::Queued => JobStatus::Queued,
            State::Assigned { provider, due } => JobStatus::Assigned { provider, due },
            State::Settled { provider, output, receipt, at } => {
                JobStatus::Settled { provider, output: output.into_payload(), receipt, fee, at }
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
            policy: self.policy,
            max_fee: self.max_fee,
            submitted_at: self.submitted_at,
            deadline: self.deadline,
            attempt: self.attempt,
            status,
        }
    }
}

/// A provider.
#[derive(
    citrate_support::CloneNoBound,
    citrate_support::PartialEqNoBound,
    citrate_support::EqNoBound,
    citrate_support::DebugNoBound,
    Encode,
    Decode,
    TypeInfo,
    MaxEncodedLen,
)]
#[scale_info(skip_type_params(ModelsMax))]
#[codec(mel_bound())]
pub struct Provider<ModelsMax: Get<u32>> {
    /// Signs its receipts.
    pub session_key: sr25519::Public,
    /// How many jobs it takes at a time.
    pub capacity: u32,
    /// How many it has.
    pub assigned: u32,
    /// The models that it serves.
    pub models: BoundedVec<H256, ModelsMax>,
    /// Jobs done.
    pub completed: u32,
    /// Jobs that timed out.
    pub failed: u32,
}
