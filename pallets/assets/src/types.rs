//! What the pallet stores.

use citrate_core::Balance;
use citrate_support::traits::Get;
use citrate_support::{
    BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What may be done with a token.
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
pub enum AssetStatus {
    /// Everything.
    Live,
    /// Nobody moves it.
    Frozen,
    /// It is being removed.
    Destroying,
}

/// A token.
#[derive(
    Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct AssetDetails<AccountId> {
    /// Appoints the team.
    pub owner: AccountId,
    /// Mints.
    pub issuer: AccountId,
    /// Burns, thaws and moves what is anybody's.
    pub admin: AccountId,
    /// Freezes.
    pub freezer: AccountId,
    /// How much of it there is.
    pub supply: Balance,
    /// What its owner has on hold for it.
    pub deposit: Balance,
    /// The least that an account has of it.
    pub min_balance: Balance,
    /// Whether it keeps accounts alive.
    pub is_sufficient: bool,
    /// How many accounts have it.
    pub accounts: u32,
    /// How many of them it keeps alive.
    pub sufficients: u32,
    /// How many approvals there are.
    pub approvals: u32,
    /// What may be done with it.
    pub status: AssetStatus,
}

/// Whether an account may move a token.
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
pub enum AccountStatus {
    /// It may.
    Liquid,
    /// It may not.
    Frozen,
}

/// What keeps an account alive that has a token.
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
pub enum ExistenceReason {
    /// Its native money, which may not go.
    Consumer,
    /// The token.
    Sufficient,
    /// So much money of its own, on hold for its place in the state.
    DepositHeld(Balance),
}

/// What an account has of a token.
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
pub struct AssetAccount {
    /// How much.
    pub balance: Balance,
    /// Whether it may move it.
    pub status: AccountStatus,
    /// What keeps the account alive.
    pub reason: ExistenceReason,
    /// Nothing more.
    pub extra: (),
}

/// What a delegate may transfer.
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
pub struct Approval {
    /// How much.
    pub amount: Balance,
    /// What the owner has on hold for it.
    pub deposit: Balance,
}

/// What a token is called.
#[derive(
    CloneNoBound,
    PartialEqNoBound,
    EqNoBound,
    DebugNoBound,
    DefaultNoBound,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[codec(mel_bound())]
#[scale_info(skip_type_params(Limit))]
pub struct AssetMetadata<Limit: Get<u32>> {
    /// What the owner has on hold for it.
    pub deposit: Balance,
    /// The name.
    pub name: BoundedVec<u8, Limit>,
    /// The symbol.
    pub symbol: BoundedVec<u8, Limit>,
    /// How many decimals wallets show.
    pub decimals: u8,
    /// Whether only governance may change it; nothing sets it yet.
    pub is_frozen: bool,
}
