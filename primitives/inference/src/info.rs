//! Models and providers as the runtime's API shows them.

use alloc::vec::Vec;

use citrate_core::{AccountId32, Balance, BlockNumber, H256, Permill, sr25519};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{Approval, EngineInfo, ModelCard, Rejection};

/// Whether a model takes jobs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum ModelStatus {
    /// Not yet: no provider has found it to be what its card says.
    Pending,
    /// It does.
    Active,
    /// It takes no new jobs.
    Deprecated,
}

/// Who may submit jobs for a model. Its owner always may.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Access {
    /// Everybody.
    #[default]
    Public,
    /// Whom the owner has granted it.
    List,
    /// Everybody who pays the owner this much for each job that settles, on top of its price.
    PayPerUse {
        /// The access fee.
        fee: Balance,
    },
}

impl Access {
    /// What each job that settles costs on top of its price.
    pub const fn fee(&self) -> Balance {
        match self {
            Self::PayPerUse { fee } => *fee,
            Self::Public | Self::List => 0,
        }
    }
}

/// A registered model.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ModelInfo {
    /// SHA-256 of the model's file: its identity.
    pub hash: H256,
    /// Who earns its share.
    pub owner: AccountId32,
    /// What it is.
    pub card: ModelCard,
    /// What a job costs.
    pub price: Balance,
    /// Who may submit jobs.
    pub access: Access,
    /// The owner's part of the price of each job that settles.
    pub share: Permill,
    /// Held from the owner while it is registered.
    pub deposit: Balance,
    /// Whether it takes jobs.
    pub status: ModelStatus,
    /// Who has found it to be what its card says; none while it is pending.
    pub approval: Option<Approval>,
    /// While it is pending, who has found that it is not.
    pub rejections: Vec<Rejection>,
    /// When it was registered.
    pub registered_at: BlockNumber,
    /// The model that this one is a new version of.
    pub previous: Option<H256>,
    /// The model that is a new version of this one.
    pub next: Option<H256>,
}

/// What a provider asks for a run of a model.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Offer {
    /// The model.
    pub model: H256,
    /// The price; the model's own counts where it is higher.
    pub price: Balance,
}

/// What a provider says that it runs models with. Nobody checks it; results are checked instead.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Claims {
    /// The engine, and the hardware behind it.
    pub engine: EngineInfo,
    /// Most bytes of models that it holds loaded.
    pub memory_bytes: u64,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ProviderInfo {
    /// Its account.
    pub account: AccountId32,
    /// The key that signs its receipts.
    pub session_key: sr25519::Public,
    /// The models that it serves, with its prices.
    pub offers: Vec<Offer>,
    /// How many jobs it takes at a time.
    pub capacity: u32,
    /// How many it has now.
    pub assigned: u32,
    /// How much of its stake answers for what is not settled.
    pub at_risk: Balance,
    /// What backs it.
    pub stake: Balance,
    /// Whether it gets jobs: it has a stake at work and was seen lately.
    pub active: bool,
    /// The last block in which it gave a sign of life.
    pub seen: BlockNumber,
    /// What it says that it runs models with.
    pub claims: Option<Claims>,
    /// Jobs done.
    pub completed: u32,
    /// Jobs that timed out.
    pub failed: u32,
    /// Results that were wrong or withheld.
    pub wrong: u32,
}

/// How often an account was paid for something, and how much that was together.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Default,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Earnings {
    /// How often.
    pub count: u64,
    /// How much, in the smallest unit of money.
    pub total: Balance,
}

impl Earnings {
    /// Counts one payment more. Neither number goes beyond its largest.
    pub fn add(&mut self, amount: Balance) {
        self.count = self.count.saturating_add(1);
        self.total = self.total.saturating_add(amount);
    }
}

/// What an account was paid since the genesis, before anything that it was slashed or gave back. What it paid itself does
/// not count.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Default,
    Encode,
    Decode,
    DecodeWithMemTracking,
    TypeInfo,
    MaxEncodedLen,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Income {
    /// For its results, as a provider.
    pub as_provider: Earnings,
    /// For jobs of its models: its part of the price, and access fees.
    pub as_owner: Earnings,
    /// Rewards for blocks that it made or merged; the count is that of its blocks on the selected chain.
    pub for_blocks: Earnings,
}
