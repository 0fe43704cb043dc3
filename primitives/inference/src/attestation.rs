//! What providers that gave the same result sign together.

use alloc::vec::Vec;

use bounded_collections::{BoundedVec, ConstU32};
use citrate_core::{AccountId32, BlockNumber, H256, bls, hashing};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{JobId, PANEL_MAX};

/// Domain of signatures on statements.
const STATEMENT_DOMAIN: &[u8] = b"CITRATE/inference/attestation/v1";
/// Domain of the hashes that name a provider's share.
const SHARE_DOMAIN: &[u8] = b"CITRATE/inference/share/v1";

/// That a job has this result. All who agree sign the same bytes, so that their signatures add up to one.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Statement {
    /// The chain.
    pub genesis: H256,
    /// The job, whose id names its submitter.
    pub job: JobId,
    /// Which attempt at the job.
    pub attempt: u32,
    /// Content hash of the result that counts; those of the signers agree with it within the model's tolerance.
    pub output: H256,
}

impl Statement {
    /// The bytes that each provider's BLS key signs.
    pub fn signing_payload(&self) -> Vec<u8> {
        let mut payload = STATEMENT_DOMAIN.to_vec();
        self.encode_to(&mut payload);
        payload
    }

    /// Names a provider's share: what is signed, and with which key. A share that is late, or of another fork, is told from
    /// one that is wrong.
    pub fn share_id(&self, key: &bls::Public) -> H256 {
        H256((SHARE_DOMAIN, self, key).using_encoded(hashing::blake2_256))
    }
}

/// A statement with the signature of all who signed it, which anybody can check.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Attestation {
    /// What they signed.
    pub statement: Statement,
    /// Who, and with which key: the one that was registered when the job was settled. The chain has seen a proof of
    /// possession of each.
    pub signers: BoundedVec<(AccountId32, bls::Public), ConstU32<PANEL_MAX>>,
    /// The sum of their signatures.
    pub signature: bls::Signature,
    /// The block in which the chain verified it.
    pub at: BlockNumber,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Statement {
        Statement { genesis: H256([1; 32]), job: H256([2; 32]), attempt: 3, output: H256([4; 32]) }
    }

    #[test]
    fn a_statement_names_all_that_it_is_about() {
        let first = statement();
        let others = [
            Statement { genesis: H256([9; 32]), ..statement() },
            Statement { job: H256([9; 32]), ..statement() },
            Statement { attempt: 9, ..statement() },
            Statement { output: H256([9; 32]), ..statement() },
        ];
        let key = bls::Public([5; 96]);
        for other in others {
            assert_ne!(other.signing_payload(), first.signing_payload());
            assert_ne!(other.share_id(&key), first.share_id(&key));
        }
        assert_ne!(first.share_id(&bls::Public([6; 96])), first.share_id(&key));
        // The bytes that clients in other languages sign: a domain, then the fields.
        let mut bytes = b"CITRATE/inference/attestation/v1".to_vec();
        bytes.extend_from_slice(&[1; 32]);
        bytes.extend_from_slice(&[2; 32]);
        bytes.extend_from_slice(&3u32.to_le_bytes());
        bytes.extend_from_slice(&[4; 32]);
        assert_eq!(first.signing_payload(), bytes);
    }

    #[test]
    fn an_attestation_is_small() {
        // A statement, five accounts with their keys, a signature, a block.
        assert_eq!(Attestation::max_encoded_len(), 100 + 1 + 5 * (32 + 96) + 48 + 4);
    }
}
