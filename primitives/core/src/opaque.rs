//! Bytes whose meaning only the runtime knows.

use crate::{H256, hashing::blake2_256};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// An extrinsic that only the runtime can decode.
///
/// Its SCALE encoding (compact length, then the bytes) is the encoding of the runtime's own
/// extrinsic type. JSON is the hex of that encoding.
#[derive(Clone, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, Default)]
pub struct OpaqueExtrinsic(pub Vec<u8>);

impl OpaqueExtrinsic {
    /// The bytes that clients send: compact length, then the extrinsic.
    ///
    /// # Errors
    /// When the length prefix does not match the bytes that follow.
    pub fn from_encoded(mut bytes: &[u8]) -> Result<Self, codec::Error> {
        let this = Self::decode(&mut bytes)?;
        if bytes.is_empty() { Ok(this) } else { Err("bytes after the extrinsic's end".into()) }
    }

    /// The transaction hash: blake2-256 of the length-prefixed bytes.
    pub fn hash(&self) -> H256 {
        blake2_256(&self.encode()).into()
    }

    /// Size in bytes on the wire, length prefix included.
    pub fn encoded_len(&self) -> usize {
        self.encoded_size()
    }
}

impl core::fmt::Debug for OpaqueExtrinsic {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "0x{}", hex::encode(self.encode()))
    }
}

#[cfg(feature = "std")]
impl serde::Serialize for OpaqueExtrinsic {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("0x{}", hex::encode(self.encode())))
    }
}

/// Metadata that has its version and type in its first bytes.
#[derive(Clone, PartialEq, Eq, Encode, Decode, TypeInfo, Debug)]
pub struct OpaqueMetadata(pub Vec<u8>);
