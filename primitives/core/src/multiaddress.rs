//! The destination of a call, in the forms that clients may send.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// An account, named in one of several ways.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(replace_segment("citrate_core", "sp_runtime"))]
pub enum MultiAddress<AccountId, AccountIndex> {
    /// The account's identifier.
    Id(AccountId),
    /// An account index.
    Index(#[codec(compact)] AccountIndex),
    /// Bytes that only some pallet understands.
    Raw(Vec<u8>),
    /// 32 bytes.
    Address32([u8; 32]),
    /// 20 bytes.
    Address20([u8; 20]),
}

impl<AccountId, AccountIndex> From<AccountId> for MultiAddress<AccountId, AccountIndex> {
    fn from(account: AccountId) -> Self {
        Self::Id(account)
    }
}
