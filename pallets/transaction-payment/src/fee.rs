//! The fee of a transaction, in parts.

use crate::{Config, Multiplier, NextFeeMultiplier, Pallet};
use citrate_core::{Balance, Weight};
use citrate_support::dispatch::{DispatchClass, DispatchInfo, GetDispatchInfo, Pays, PostDispatchInfo};
use citrate_support::traits::Get;
use citrate_support::weights::WeightToFee;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::FixedPointNumber;

/// What a transaction pays for being included.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize,
)]
pub struct InclusionFee {
    /// For being a transaction at all: a signature check, a nonce.
    pub base_fee: Balance,
    /// For its bytes.
    pub len_fee: Balance,
    /// For its weight, times the fee multiplier.
    pub adjusted_weight_fee: Balance,
}

impl InclusionFee {
    /// The sum of the parts.
    pub fn total(&self) -> Balance {
        self.base_fee.saturating_add(self.len_fee).saturating_add(self.adjusted_weight_fee)
    }
}
