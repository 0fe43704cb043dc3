//! What the pallet stores about an operation.

use citrate_core::{Balance, BlockNumber};
use citrate_support::traits::Get;
use citrate_support::{BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt::Debug;
use scale_info::TypeInfo;

/// A transaction's place on the chain.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Default,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Timepoint {
    /// The block that executed it.
    pub height: BlockNumber,
    /// Its place in that block.
    pub index: u32,
}

/// A call that waits for approvals. INVARIANT: the approvals are in the order of their accounts, each once.
#[derive(
    CloneNoBound,
    PartialEqNoBound,
    EqNoBound,
    DebugNoBound,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[codec(mel_bound(AccountId: MaxEncodedLen))]
#[scale_info(skip_type_params(Max))]
pub struct Multisig<AccountId, Max>
where
    AccountId: Clone + Eq + Debug,
    Max: Get<u32>,
{
    /// When it was approved for the first time.
    pub when: Timepoint,
    /// What is on hold for it.
    pub deposit: Balance,
    /// In whose account.
    pub depositor: AccountId,
    /// Who approved.
    pub approvals: BoundedVec<AccountId, Max>,
}
