//! Evidence that an author sealed two blocks for one slot.

use crate::{AuthorityIndex, DagDigest, DigestError, Slot, split_seal};
use citrate_core::{Header, sr25519};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// LIMIT: bytes of a header that serves as evidence. The largest sound DAG digest has under 4 KiB,
/// and the runtime adds some bytes at most.
pub const EVIDENCE_HEADER_BYTES_MAX: usize = 8 * 1024;

/// Two headers of one author for one slot.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct EquivocationProof {
    /// One header, sealed.
    pub first: Header,
    /// The other.
    pub second: Header,
}

impl EquivocationProof {
    /// The author and slot that both headers claim, when they differ and agree on those. A difference of the seals
    /// is one: it makes two blocks, and only the author can make it. Whether the seals are the author's is for the
    /// caller to check.
    ///
    /// # Errors
    /// When a header has no DAG digest or seal.
    pub fn claim(&self) -> Result<Option<(AuthorityIndex, Slot)>, DigestError> {
        let (first, second) =
            (DagDigest::from_header(&self.first)?, DagDigest::from_header(&self.second)?);
        split_seal(&self.first)?;
        split_seal(&self.second)?;
        let agree = (first.author, first.slot) == (second.author, second.slot);
        Ok((agree && self.first != self.second).then_some((first.author, first.slot)))
    }

    /// Whether `key` sealed both headers, neither of which is larger than
    /// [`EVIDENCE_HEADER_BYTES_MAX`]. `verify` checks a signature of a message by a key: the node
    /// and the runtime have different means to.
    pub fn is_sealed_by(
        &self,
        key: &sr25519::Public,
        verify: impl Fn(&sr25519::Signature, &[u8], &sr25519::Public) -> bool,
    ) -> bool {
        [&self.first, &self.second].into_iter().all(|header| {
            header.encoded_size() <= EVIDENCE_HEADER_BYTES_MAX
                && split_seal(header)
                    .is_ok_and(|(unsealed, seal)| verify(&seal, unsealed.hash().as_bytes(), key))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Merged, VrfSignature, seal_item};
    use alloc::vec;
    use citrate_core::{Digest, DigestItem, H256};

    fn pair(seed: u8) -> sr25519::Pair {
        sr25519::Pair::from_seed(&[seed; 32]).unwrap()
    }

    fn header(author: u32, slot: u64, number: u32, other: usize, by: u8) -> Header {
        let digest = DagDigest {
            slot: Slot(slot),
            author,
            vrf: VrfSignature { pre_output: [2; 32], proof: [3; 64] },
            other_parents: vec![],
            blue_score: 9,
            merged: Merged::new(vec![]),
            payload_root: H256::zero(),
        };
        let mut header = Header {
            parent_hash: H256::zero(),
            number,
            state_root: H256::zero(),
            extrinsics_root: H256::zero(),
            digest: Digest { logs: vec![digest.to_item(), DigestItem::Other(vec![0; other])] },
        };
        let seal = pair(by).sign(header.hash().as_bytes());
        header.digest.push(seal_item(seal));
        header
    }

    fn is_sealed(proof: &EquivocationProof, by: u8) -> bool {
        proof.is_sealed_by(&pair(by).public(), sr25519::verify)
    }

    #[test]
    fn two_headers_for_a_slot_are_a_claim() {
        let good = header(1, 7, 1, 0, 1);
        let claim = |second: Header| EquivocationProof { first: good.clone(), second }.claim();
        assert_eq!(claim(header(1, 7, 2, 0, 1)), Ok(Some((1, Slot(7)))));
        assert_eq!(claim(header(2, 7, 2, 0, 1)), Ok(None), "another author");
        assert_eq!(claim(header(1, 8, 2, 0, 1)), Ok(None), "another slot");
        assert_eq!(claim(good.clone()), Ok(None), "one block");
        // A key's signatures of one message differ each time.
        let twice = claim(header(1, 7, 1, 0, 1));
        assert_eq!(twice, Ok(Some((1, Slot(7)))), "the same header sealed twice");
        let mut bare = header(1, 7, 2, 0, 1);
        bare.digest.pop();
        assert_eq!(claim(bare), Err(DigestError::SealMissing));
    }

    #[test]
    fn both_seals_must_be_the_keys() {
        let proof = |second| EquivocationProof { first: header(1, 7, 1, 0, 1), second };
        assert!(is_sealed(&proof(header(1, 7, 2, 0, 1)), 1));
        assert!(!is_sealed(&proof(header(1, 7, 2, 0, 1)), 2));
        assert!(!is_sealed(&proof(header(1, 7, 2, 0, 2)), 1));
    }

    #[test]
    fn a_header_of_evidence_is_of_bounded_size() {
        let base = header(1, 7, 2, 0, 1).encoded_size();
        // The length of a longer item takes one byte more.
        let rest = EVIDENCE_HEADER_BYTES_MAX - base - 1;
        let proof = |other| EquivocationProof {
            first: header(1, 7, 1, 0, 1),
            second: header(1, 7, 2, other, 1),
        };
        assert_eq!(proof(rest).second.encoded_size(), EVIDENCE_HEADER_BYTES_MAX);
        assert!(is_sealed(&proof(rest), 1));
        assert!(!is_sealed(&proof(rest + 1), 1));
    }
}
