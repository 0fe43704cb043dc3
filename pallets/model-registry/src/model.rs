//! A model as the registry keeps it.

use citrate_core::{AccountId32, Balance, BlockNumber, H256};
use citrate_inference_types::{ModelCard, ModelInfo, ModelStatus};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A registered model.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Model {
    /// Who earns its share.
    pub owner: AccountId32,
    /// What it is.
    pub card: ModelCard,
    /// What a job costs.
    pub price: Balance,
    /// On hold from the owner.
    pub deposit: Balance,
    /// Whether it takes jobs.
    pub status: ModelStatus,
    /// When it was registered.
    pub registered_at: BlockNumber,
    /// The version that it replaces.
    pub previous: Option<H256>,
    /// The version that replaces it.
    pub next: Option<H256>,
}

impl Model {
    pub(crate) fn into_info(self, hash: H256) -> ModelInfo {
        let Self { owner, card, price, deposit, status, registered_at, previous, next } = self;
        ModelInfo { hash, owner, card, price, deposit, status, registered_at, previous, next }
    }
}

/// What other pallets ask of the registry.
pub trait Models {
    /// The model with this content hash.
    fn get(model: &H256) -> Option<Model>;

    /// Keeps the model registered until [`Models::dec_uses`].
    fn inc_uses(model: &H256);

    /// Lets go of it.
    fn dec_uses(model: &H256);
}
