//! The transaction extensions that every chain has.

mod basic;
mod metadata_hash;
mod mortality;
mod nonce;
mod reclaim;
mod weight;

pub use self::{
    basic::{CheckGenesis, CheckNonZeroSender, CheckSpecVersion, CheckTxVersion},
    metadata_hash::{CheckMetadataHash, Mode},
    mortality::CheckMortality,
    nonce::{CheckNonce, NonceVal},
    reclaim::WeightReclaim,
    weight::CheckWeight,
};
