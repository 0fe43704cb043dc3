//! What the pallet stores about an account.

use citrate_core::Balance;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Names a lock or a reserve.
pub type Identifier = [u8; 8];

/// The balances of one account; part of `System.Account`.
#[derive(
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct AccountData {
    /// What the account can spend, less what is frozen.
    pub free: Balance,
    /// What is on hold or reserved: the account's own, but spent only by whoever put it there.
    pub reserved: Balance,
    /// How much of `free + reserved` may not leave the account.
    pub frozen: Balance,
    /// Marks of the accounting rules that apply; every account of ours has the newest.
    pub flags: ExtraFlags,
}

impl AccountData {
    /// Free and reserved together.
    pub fn total(&self) -> Balance {
        self.free.saturating_add(self.reserved)
    }
}

/// Marks of an account; the highest bit says that it counts holds with consumer references.
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
pub struct ExtraFlags(u128);

impl Default for ExtraFlags {
    fn default() -> Self {
        Self(1 << 127)
    }
}

/// What a lock keeps an account from doing.
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
pub enum Reasons {
    /// Paying fees.
    Fee,
    /// Everything but paying fees.
    Misc,
    /// Everything.
    All,
}

/// An amount that may not leave the account while the lock stands. Locks overlap: the largest counts.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct BalanceLock {
    /// Whose lock it is.
    pub id: Identifier,
    /// What may not leave.
    pub amount: Balance,
    /// What it keeps the account from doing.
    pub reasons: Reasons,
}

/// An amount reserved under a name.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ReserveData {
    /// The name.
    pub id: Identifier,
    /// How much.
    pub amount: Balance,
}

/// An amount on hold or frozen for a reason.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct IdAmount<Id> {
    /// The reason.
    pub id: Id,
    /// How much.
    pub amount: Balance,
}

/// Which way to change the total issuance.
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
    Serialize,
    Deserialize,
)]
pub enum AdjustmentDirection {
    /// Up.
    Increase,
    /// Down.
    Decrease,
}

/// Where moved reserves arrive.
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
pub enum BalanceStatus {
    /// In the free balance.
    Free,
    /// In the reserved balance.
    Reserved,
}
