//! What a header says about its place in the DAG.

use crate::{AuthorityIndex, ENGINE_ID, MERGED_LISTED_MAX, OTHER_PARENTS_MAX, Slot};
use alloc::vec::Vec;
use citrate_core::{DigestItem, H256, Header, hashing::blake2_256, sr25519};
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Domain of the messages that the election's VRF is evaluated on.
const VRF_DOMAIN: &[u8] = b"CITRATE/dag/election";

/// The message whose VRF output elects the author of `slot`.
pub fn vrf_message(randomness: &[u8; 32], slot: Slot) -> Vec<u8> {
    (VRF_DOMAIN, randomness, slot).encode()
}

/// The author's election proof.
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
)]
pub struct VrfSignature {
    /// The point that the output is made of.
    pub pre_output: [u8; 32],
    /// The proof that the author's key gives this output.
    pub proof: [u8; 64],
}

/// How GHOSTDAG coloured a merged block.
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
)]
pub enum Colour {
    /// Well connected: counts for the chain and is rewarded.
    Blue,
    /// Withheld or late: its payload counts, its author earns nothing.
    Red,
}

/// A merged block, as the runtime needs it for rewards.
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
)]
pub struct MergedBlock {
    /// Its author.
    pub author: AuthorityIndex,
    /// Its slot.
    pub slot: Slot,
    /// Its colour.
    pub colour: Colour,
    /// The point that its VRF output is made of, unique per key and slot: one more ingredient of
    /// the epochs' randomness, blue or red.
    pub pre_output: [u8; 32],
}

/// The merged blocks besides the selected parent, in consensus order.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Merged {
    /// All of them, at most [`MERGED_LISTED_MAX`].
    List(Vec<MergedBlock>),
    /// Blake2-256 of the SCALE list, when it is longer.
    Hash(H256),
}

impl Merged {
    /// The list itself, or its hash when it is too long for a header.
    pub fn new(list: Vec<MergedBlock>) -> Self {
        if list.len() <= MERGED_LISTED_MAX {
            Self::List(list)
        } else {
            Self::Hash(blake2_256(&list.encode()).into())
        }
    }
}

/// The first item of every header's digest: the block's place in the DAG.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct DagDigest {
    /// The slot that the author won; strictly greater than every parent's.
    pub slot: Slot,
    /// The author.
    pub author: AuthorityIndex,
    /// Proof that the author won.
    pub vrf: VrfSignature,
    /// Parents besides the selected one, which is the header's `parent_hash`.
    pub other_parents: Vec<H256>,
    /// Number of blue blocks in the past.
    #[codec(compact)]
    pub blue_score: u64,
    /// The merged blocks besides the selected parent.
    pub merged: Merged,
    /// Ordered trie root (state version 1) over the payload's extrinsics.
    pub payload_root: H256,
}

/// Why a header has no usable DAG digest or seal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum DigestError {
    /// The first item is not a DAG digest.
    Missing,
    /// The DAG digest does not decode.
    Malformed,
    /// More parents, or more merged blocks, than allowed.
    TooLong,
    /// The last item is not a seal of 64 bytes.
    SealMissing,
    /// An item of this engine stands where it may not.
    Misplaced,
}

impl core::fmt::Display for DigestError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Missing => "the header's first digest item is not a DAG digest",
            Self::Malformed => "the header's DAG digest does not decode",
            Self::TooLong => "the header's DAG digest names too many blocks",
            Self::SealMissing => "the header's last digest item is not a seal",
            Self::Misplaced => "the header has a second DAG digest or seal",
        })
    }
}

impl core::error::Error for DigestError {}

impl DagDigest {
    /// The DAG digest of a header.
    ///
    /// # Errors
    /// When the first digest item is not one, or names more blocks than allowed.
    pub fn from_header(header: &Header) -> Result<Self, DigestError> {
        let item = header.digest.logs.first().ok_or(DigestError::Missing)?;
        let mut bytes = item.as_pre_runtime(ENGINE_ID).ok_or(DigestError::Missing)?;
        let digest = Self::decode_all(&mut bytes).map_err(|_error| DigestError::Malformed)?;
        let listed = match &digest.merged {
            Merged::List(list) => list.len(),
            Merged::Hash(_) => 0,
        };
        if digest.other_parents.len() > OTHER_PARENTS_MAX || listed > MERGED_LISTED_MAX {
            return Err(DigestError::TooLong);
        }
        Ok(digest)
    }

    /// The digest item that carries this.
    pub fn to_item(&self) -> DigestItem {
        DigestItem::PreRuntime(ENGINE_ID, self.encode())
    }
}

/// The digest item that carries the author's seal.
pub fn seal_item(signature: sr25519::Signature) -> DigestItem {
    DigestItem::Seal(ENGINE_ID, signature.0.to_vec())
}

/// The header without its seal (what the author signed the hash of), and the seal.
///
/// # Errors
/// When the last item is not a seal, or another item claims to be one.
pub fn split_seal(header: &Header) -> Result<(Header, sr25519::Signature), DigestError> {
    let mut unsealed = header.clone();
    let last = unsealed.digest.pop().ok_or(DigestError::SealMissing)?;
    let bytes = last.as_seal(ENGINE_ID).ok_or(DigestError::SealMissing)?;
    let seal = bytes.try_into().map_err(|()| DigestError::SealMissing)?;
    let ours = |item: &DigestItem| {
        item.as_pre_runtime(ENGINE_ID).is_some() || item.as_seal(ENGINE_ID).is_some()
    };
    if unsealed.digest.logs.iter().skip(1).any(ours) {
        return Err(DigestError::Misplaced);
    }
    Ok((unsealed, seal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use citrate_core::Digest;

    fn digest() -> DagDigest {
        DagDigest {
            slot: Slot(7),
            author: 1,
            vrf: VrfSignature { pre_output: [2; 32], proof: [3; 64] },
            other_parents: Vec::new(),
            blue_score: 9,
            merged: Merged::new(Vec::new()),
            payload_root: H256::repeat_byte(4),
        }
    }

    fn merged(colour: Colour) -> MergedBlock {
        MergedBlock { author: 0, slot: Slot(1), colour, pre_output: [6; 32] }
    }

    fn header(logs: Vec<DigestItem>) -> Header {
        Header {
            parent_hash: H256::zero(),
            number: 1,
            state_root: H256::zero(),
            extrinsics_root: H256::zero(),
            digest: Digest { logs },
        }
    }

    #[test]
    fn round_trip_through_a_header() {
        let seal = sr25519::Signature([5; 64]);
        let sealed = header(vec![digest().to_item(), seal_item(seal)]);
        assert_eq!(DagDigest::from_header(&sealed), Ok(digest()));
        assert_eq!(split_seal(&sealed), Ok((header(vec![digest().to_item()]), seal)));
    }

    #[test]
    fn bad_headers_are_refused() {
        let item = digest().to_item();
        let seal = seal_item(sr25519::Signature([5; 64]));
        let with = |change: fn(&mut DagDigest)| {
            let mut changed = digest();
            change(&mut changed);
            changed.to_item()
        };
        let decode_cases = [
            ("no digest", vec![], DigestError::Missing),
            ("digest second", vec![DigestItem::Other(vec![]), item.clone()], DigestError::Missing),
            ("garbage", vec![DigestItem::PreRuntime(ENGINE_ID, vec![1])], DigestError::Malformed),
            (
                "one parent too many",
                vec![with(|d| d.other_parents = vec![H256::zero(); OTHER_PARENTS_MAX + 1])],
                DigestError::TooLong,
            ),
            (
                "one merged block too many",
                vec![with(|d| {
                    d.merged = Merged::List(vec![merged(Colour::Red); MERGED_LISTED_MAX + 1]);
                })],
                DigestError::TooLong,
            ),
        ];
        for (desc, logs, error) in decode_cases {
            assert_eq!(DagDigest::from_header(&header(logs)), Err(error), "{desc}");
        }
        let seal_cases = [
            ("no seal", vec![item.clone()], DigestError::SealMissing),
            (
                "short seal",
                vec![item.clone(), DigestItem::Seal(ENGINE_ID, vec![0; 63])],
                DigestError::SealMissing,
            ),
            ("two seals", vec![item.clone(), seal.clone(), seal.clone()], DigestError::Misplaced),
            ("two digests", vec![item.clone(), item, seal], DigestError::Misplaced),
        ];
        for (desc, logs, error) in seal_cases {
            assert_eq!(split_seal(&header(logs)), Err(error), "{desc}");
        }
    }

    #[test]
    fn a_long_list_of_merged_blocks_becomes_its_hash() {
        let block = merged(Colour::Blue);
        assert!(matches!(Merged::new(vec![block; MERGED_LISTED_MAX]), Merged::List(_)));
        assert!(matches!(Merged::new(vec![block; MERGED_LISTED_MAX + 1]), Merged::Hash(_)));
    }
}
