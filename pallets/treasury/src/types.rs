//! What the pallet stores about payments.

use citrate_core::{Balance, BlockNumber};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A payment of the queue.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Proposal<AccountId> {
    /// Who asked for it: whom it goes to.
    pub proposer: AccountId,
    /// How much.
    pub value: Balance,
    /// To whom.
    pub beneficiary: AccountId,
    /// What was put down for it: nothing.
    pub bond: Balance,
}

/// How far the payment of a spend is.
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
pub enum PaymentState {
    /// Nobody had it paid out.
    Pending,
    /// It was paid out.
    Attempted {
        /// A payment in the native asset has no number of its own.
        id: (),
    },
}

/// An approved spend.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SpendStatus<AccountId> {
    /// Of which asset: the native one.
    pub asset_kind: (),
    /// How much.
    pub amount: Balance,
    /// To whom.
    pub beneficiary: AccountId,
    /// From which block on it may be paid out.
    pub valid_from: BlockNumber,
    /// From which block on it may not.
    pub expire_at: BlockNumber,
    /// How far its payment is.
    pub status: PaymentState,
}
