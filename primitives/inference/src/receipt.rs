//! Receipts: what a provider signs about a job that it ran.

use alloc::vec::Vec;

use citrate_core::{AccountId32, H256, hashing};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{Device, JobId, Text};

/// Domain of signatures on receipts.
pub const RECEIPT_DOMAIN: &[u8] = b"CITRATE/inference/receipt/v1";
/// Domain of commitments to receipts.
const COMMIT_DOMAIN: &[u8] = b"CITRATE/inference/commit/v1";
/// The version that this code writes and accepts.
pub const RECEIPT_VERSION: u16 = 2;

/// What ran the model.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct EngineInfo {
    /// Its name, such as `onnxruntime`.
    pub name: Text<32>,
    /// Its version.
    pub version: Text<32>,
    /// Where it ran.
    pub device: Device,
    /// Hash of the settings that the result depends on.
    pub settings: H256,
}

/// What the run took.
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
pub struct Counters {
    /// Time of the run.
    pub elapsed_ms: u32,
    /// Bytes in.
    pub input_bytes: u32,
    /// Bytes out.
    pub output_bytes: u32,
}

/// A provider's claim that a model gave this output for that input.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Receipt {
    /// [`RECEIPT_VERSION`].
    pub version: u16,
    /// The chain.
    pub genesis: H256,
    /// The job.
    pub job: JobId,
    /// Which attempt at the job.
    pub attempt: u32,
    /// The model's content hash.
    pub model: H256,
    /// The input's content hash.
    pub input: H256,
    /// The output's content hash.
    pub output: H256,
    /// [`Digest::hash`](crate::Digest::hash), where results are compared by their digests: nobody can take another one after it has
    /// seen the others'.
    pub digest: Option<H256>,
    /// What ran it.
    pub engine: EngineInfo,
    /// What it took.
    pub counters: Counters,
    /// Who ran it.
    pub provider: AccountId32,
}

impl Receipt {
    /// The bytes that the provider's session key signs.
    pub fn signing_payload(&self) -> Vec<u8> {
        let mut payload = RECEIPT_DOMAIN.to_vec();
        self.encode_to(&mut payload);
        payload
    }

    /// Names the receipt in events and explorers.
    pub fn hash(&self) -> H256 {
        H256(hashing::blake2_256(&self.signing_payload()))
    }

    /// What the provider commits to before it reveals the receipt and the salt, which nobody else knows until then.
    /// The provider's account is in the hash: a copied commitment cannot be opened by the one who copied it.
    pub fn commitment(&self, salt: &H256) -> H256 {
        let preimage = (COMMIT_DOMAIN, &self.provider, self.hash(), salt);
        H256(preimage.using_encoded(hashing::blake2_256))
    }
}
