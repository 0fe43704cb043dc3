//! What the pallet stores about proxies.

use citrate_core::{BlockNumber, H256};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A proxy of an account.
#[derive(
    Clone,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct ProxyDefinition<AccountId, ProxyType> {
    /// Who acts.
    pub delegate: AccountId,
    /// What it may do.
    pub proxy_type: ProxyType,
    /// Blocks between an announcement and its call; zero needs none.
    pub delay: BlockNumber,
}

/// A call that a proxy is going to make.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Announcement<AccountId> {
    /// For whom.
    pub real: AccountId,
    /// The call's hash.
    pub call_hash: H256,
    /// In which block it was announced.
    pub height: BlockNumber,
}
