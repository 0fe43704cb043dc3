//! A model as the registry keeps it.

use alloc::vec::Vec;

use citrate_core::{AccountId32, Balance, BlockNumber, DispatchError, H256, Permill};
use citrate_inference_types::{Access, Approval, ModelCard, ModelInfo, ModelStatus, Rejection};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
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
    /// Who may submit jobs.
    pub access: Access,
    /// The owner's part of a job's price.
    pub share: Permill,
    /// On hold from the owner: for the model, and for each account on its list.
    pub deposit: Balance,
    /// Whether it takes jobs.
    pub status: ModelStatus,
    /// Who has found it to be what its card says; none while it is pending.
    pub approval: Option<Approval>,
    /// When it was registered.
    pub registered_at: BlockNumber,
    /// The version that it replaces.
    pub previous: Option<H256>,
    /// The version that replaces it.
    pub next: Option<H256>,
}

impl Model {
    pub(crate) fn into_info(self, hash: H256, rejections: Vec<Rejection>) -> ModelInfo {
        ModelInfo {
            hash,
            owner: self.owner,
            card: self.card,
            price: self.price,
            access: self.access,
            share: self.share,
            deposit: self.deposit,
            status: self.status,
            approval: self.approval,
            rejections,
            registered_at: self.registered_at,
            previous: self.previous,
            next: self.next,
        }
    }
}

/// What the registry asks of a job, fixed when it is submitted: neither its submitter nor its provider is surprised by
/// what the owner changes meanwhile.
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
pub struct Terms {
    /// For the owner, on top of the price, if the job settles.
    pub access_fee: Balance,
    /// The owner's part of the price.
    pub owner_share: Permill,
}

/// What other pallets ask of the registry.
pub trait Models {
    /// The model with this content hash.
    fn get(model: &H256) -> Option<Model>;

    /// Lets an account submit a job for the model of this hash, on these terms. What was let in stays in, whatever the owner
    /// changes.
    ///
    /// # Errors
    /// The model takes no jobs, or this account may not use it.
    fn admit(hash: &H256, model: &Model, submitter: &AccountId32) -> Result<Terms, DispatchError>;

    /// The largest part of a price that an owner may ask for.
    fn share_max() -> Permill;

    /// Keeps the model registered until [`Models::dec_uses`].
    fn inc_uses(model: &H256);

    /// Lets go of it.
    fn dec_uses(model: &H256);
}
