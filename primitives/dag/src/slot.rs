//! Slots: the chain's clock.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A slot number: milliseconds since the Unix epoch divided by the slot's duration.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Slot(pub u64);

impl Slot {
    /// The slot that contains the moment `now_ms`. A duration of 0 counts as 1.
    pub fn at(now_ms: u64, slot_duration_ms: u64) -> Self {
        Self(now_ms / slot_duration_ms.max(1))
    }

    /// When the slot begins, in milliseconds since the Unix epoch.
    pub fn starts_at_ms(self, slot_duration_ms: u64) -> u64 {
        self.0.saturating_mul(slot_duration_ms)
    }

    /// The epoch that contains the slot. A length of 0 counts as 1.
    pub fn epoch(self, epoch_length: u64) -> u64 {
        self.0 / epoch_length.max(1)
    }
}

impl core::fmt::Display for Slot {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u64> for Slot {
    fn from(slot: u64) -> Self {
        Self(slot)
    }
}
