//! The header of a block.

use super::Digest;
use crate::{BlockNumber, H256, hashing::blake2_256};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// The header of a block on the selected chain.
///
/// JSON is Substrate's: camelCase, the number as a hex string.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
#[scale_info(replace_segment("citrate_core", "sp_runtime"))]
pub struct Header {
    /// Hash of the selected parent.
    pub parent_hash: H256,
    /// The selected parent's number plus one.
    #[codec(compact)]
    #[cfg_attr(feature = "std", serde(with = "hex_number"))]
    pub number: BlockNumber,
    /// Root of the state after this block.
    pub state_root: H256,
    /// Root over the extrinsics that this block executed.
    pub extrinsics_root: H256,
    /// Everything else: DAG parents, election proof, seal.
    pub digest: Digest,
}

impl Header {
    /// The block's hash: blake2-256 of the SCALE encoding, seal included.
    pub fn hash(&self) -> H256 {
        blake2_256(&self.encode()).into()
    }
}

#[cfg(feature = "std")]
mod hex_number {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
    pub(super) fn serialize<S: Serializer>(number: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("0x{number:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(text.trim_start_matches("0x"), 16).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DigestItem;

    #[test]
    fn json_is_substrates() {
        let header = Header {
            parent_hash: H256::repeat_byte(1),
            number: 258,
            state_root: H256::repeat_byte(2),
            extrinsics_root: H256::repeat_byte(3),
            digest: Digest { logs: vec![DigestItem::PreRuntime(*b"gdag", vec![1, 2])] },
        };
        let json = serde_json::to_value(&header).unwrap();
        assert_eq!(json["number"], "0x102");
        assert_eq!(json["parentHash"], format!("0x{}", "01".repeat(32)));
        assert_eq!(json["digest"]["logs"][0], "0x0667646167080102");
        assert_eq!(serde_json::from_value::<Header>(json).unwrap(), header);
    }

    #[test]
    fn encoding_is_substrates() {
        let header = Header {
            parent_hash: H256::zero(),
            number: 64,
            state_root: H256::zero(),
            extrinsics_root: H256::zero(),
            digest: Digest { logs: vec![DigestItem::RuntimeEnvironmentUpdated] },
        };
        let bytes = header.encode();
        assert_eq!(bytes.len(), 32 + 2 + 32 + 32 + 2);
        assert_eq!(bytes[32..34], [0x01, 0x01], "the number is compact");
        assert_eq!(bytes[98..], [4, 8]);
        assert_eq!(header.hash(), blake2_256(&bytes).into());
    }
}
