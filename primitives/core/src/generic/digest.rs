//! The digest: what a header says besides its roots.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// Names a consensus engine.
pub type EngineId = [u8; 4];

/// The digest of a header.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[scale_info(replace_segment("citrate_core", "sp_runtime"))]
pub struct Digest {
    /// The items, in order; a seal is last.
    pub logs: Vec<DigestItem>,
}

impl Digest {
    /// Appends an item.
    pub fn push(&mut self, item: DigestItem) {
        self.logs.push(item);
    }

    /// Removes and returns the last item.
    pub fn pop(&mut self) -> Option<DigestItem> {
        self.logs.pop()
    }
}

/// One item of a digest. JSON is the hex of its SCALE encoding.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(replace_segment("citrate_core", "sp_runtime"))]
pub enum DigestItem {
    /// Written by the node for the runtime, before execution.
    #[codec(index = 6)]
    PreRuntime(EngineId, Vec<u8>),
    /// Written by the runtime for the node.
    #[codec(index = 4)]
    Consensus(EngineId, Vec<u8>),
    /// The author's seal.
    #[codec(index = 5)]
    Seal(EngineId, Vec<u8>),
    /// Anything else.
    #[codec(index = 0)]
    Other(Vec<u8>),
    /// The block changed the runtime's code or heap pages.
    #[codec(index = 8)]
    RuntimeEnvironmentUpdated,
}

impl DigestItem {
    /// The payload of a [`Self::PreRuntime`] item of `engine`.
    pub fn as_pre_runtime(&self, engine: EngineId) -> Option<&[u8]> {
        match self {
            Self::PreRuntime(id, data) if *id == engine => Some(data),
            _ => None,
        }
    }

    /// The payload of a [`Self::Seal`] item of `engine`.
    pub fn as_seal(&self, engine: EngineId) -> Option<&[u8]> {
        match self {
            Self::Seal(id, data) if *id == engine => Some(data),
            _ => None,
        }
    }
}

#[cfg(feature = "std")]
impl serde::Serialize for DigestItem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("0x{}", hex::encode(self.encode())))
    }
}

#[cfg(feature = "std")]
impl<'de> serde::Deserialize<'de> for DigestItem {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(text.trim_start_matches("0x")).map_err(D::Error::custom)?;
        Self::decode(&mut &bytes[..]).map_err(D::Error::custom)
    }
}
