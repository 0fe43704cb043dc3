//! What the engine asks the node around it.

use citrate_core::H256;
use citrate_inference_types::ModelCard;

/// What becomes of a model that is not in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// It will be here soon; a later run finds it.
    Coming,
    /// Nobody has it, or it takes too long.
    Nowhere,
}

/// What the node around the engine knows of models.
pub trait ModelSource: Send + Sync {
    /// What the chain says of a model. It need not be registered.
    fn card(&self, model: &H256) -> Option<ModelCard>;

    /// Has a model of at most so many bytes fetched.
    fn seek(&self, model: &H256, bytes_max: u64) -> Sought;
}

/// A node that knows nothing and fetches nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct NoSource;

impl ModelSource for NoSource {
    fn card(&self, _model: &H256) -> Option<ModelCard> {
        None
    }

    fn seek(&self, _model: &H256, _bytes_max: u64) -> Sought {
        Sought::Nowhere
    }
}
