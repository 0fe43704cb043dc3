//! What the runtime tells the node about an epoch's consensus.

use alloc::vec::Vec;
use citrate_core::{Weight, sr25519};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A block author, and how much its chances weigh.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Authority {
    /// The key that proves election and seals blocks.
    pub key: sr25519::Public,
    /// Weight in the lottery, relative to the sum over all authorities.
    pub weight: u64,
}

/// How a slot's authors are found.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
pub enum Election {
    /// Every authority wins every slot: development chains with one authority.
    EverySlot,
    /// A VRF lottery with this many winners a slot on average, in millionths.
    Lottery {
        /// Winners per slot times 1,000,000.
        rate_millionths: u32,
    },
}

/// An epoch's consensus parameters; they change at epoch boundaries only.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct DagConfiguration {
    /// Length of a slot in milliseconds.
    pub slot_duration_ms: u64,
    /// Slots in an epoch.
    pub epoch_length: u64,
    /// How a slot's authors are found.
    pub election: Election,
    /// The authors, by index.
    pub authorities: Vec<Authority>,
    /// The epoch's randomness, part of every VRF message.
    pub randomness: [u8; 32],
    /// LIMIT: bytes of one block's payload, extrinsics with their length prefixes.
    pub payload_bytes_max: u32,
    /// LIMIT: weight of one block's payload.
    pub payload_weight_max: Weight,
    /// LIMIT: blocks in one mergeset, the selected parent included.
    pub mergeset_max: u32,
    /// The assumed bound on a block's way from its author to every node, in milliseconds. With the
    /// election's rate and the slots' length it gives GHOSTDAG's `k`.
    pub delay_bound_ms: u32,
}
