//! Citrate's basic types under the name of Substrate's.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use citrate_core::*;

/// The identity of a node, as a network that Citrate knows nothing of encodes it.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    codec::Encode,
    codec::Decode,
    codec::DecodeWithMemTracking,
    scale_info::TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct OpaquePeerId(pub alloc::vec::Vec<u8>);

/// A type that accounts are derived from.
pub trait TypeId {
    /// What such an account begins with.
    const TYPE_ID: [u8; 4];
}

/// LIMIT: the most bytes that a runtime can ask of the host at once.
pub const MAX_POSSIBLE_ALLOCATION: u32 = 33_554_432;
