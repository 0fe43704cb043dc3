//! A case and its committee.

use alloc::vec::Vec;

use citrate_core::{AccountId32, Balance, BlockNumber, H256, hashing, sr25519};
use citrate_inference_types::{INLINE_BYTES_MAX, RefereeLimits};
use citrate_support::pallet_prelude::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// LIMIT: most members of a committee.
pub const SEATS_MAX: u32 = 15;

/// Domain of votes' signatures.
const VOTE_DOMAIN: &[u8] = b"CITRATE/referee/vote/v1";
/// Domain of commitments to answers.
const COMMIT_DOMAIN: &[u8] = b"CITRATE/referee/commit/v1";

/// What the referee's module answered: `Result<Tensors, RefereeFault>` in SCALE. The fault's text takes some bytes more
/// than the largest result that the chain holds.
pub type Answer = BoundedVec<u8, ConstU32<{ INLINE_BYTES_MAX + 2048 }>>;

/// A result that is to be judged.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Case {
    /// Which attempt at the job gave the result.
    pub attempt: u32,
    /// Which of the job's inputs is judged.
    pub part: u32,
    /// What a run may take.
    pub limits: RefereeLimits,
    /// The referee's module when the case was opened.
    pub module: H256,
    /// Who disputes the result, and what is on hold for it.
    pub challenger: Option<(AccountId32, Balance)>,
    /// How many committees were drawn before.
    pub round: u32,
    /// Where it stands.
    pub stage: Stage,
    /// The committee.
    pub members: BoundedVec<Member, ConstU32<SEATS_MAX>>,
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub enum Stage {
    /// The next block draws a committee.
    Waiting,
    /// The members run the model and commit to what it answers.
    Committing {
        /// The last block for it.
        due: BlockNumber,
    },
    /// The answers are fixed, and are made known.
    Revealing {
        /// The block in which the last one was fixed.
        since: BlockNumber,
        /// The last block for it.
        due: BlockNumber,
    },
}

/// A member of a committee.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Member {
    /// Who.
    pub account: AccountId32,
    /// Signs its votes.
    pub key: sr25519::Public,
    /// What it has committed to.
    pub commitment: Option<H256>,
    /// The hash of its answer, once it is known.
    pub verdict: Option<H256>,
}

/// Whose vote it is, and in what.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct Vote {
    /// The case.
    pub case: H256,
    /// How many committees the case had before this one.
    pub round: u32,
    /// The member's account.
    pub member: AccountId32,
}

impl Vote {
    /// The bytes that the member's key signs with its commitment, or with its answer and salt.
    pub fn signing_payload(&self, genesis: &H256, content: &impl Encode) -> Vec<u8> {
        let mut payload = VOTE_DOMAIN.to_vec();
        (genesis, self, content).encode_to(&mut payload);
        payload
    }

    /// What a member commits to. Its account is in the hash: a copied commitment cannot be opened by the one who
    /// copied it.
    pub fn commitment(&self, verdict: &H256, salt: &H256) -> H256 {
        H256((COMMIT_DOMAIN, self, verdict, salt).using_encoded(hashing::blake2_256))
    }
}
