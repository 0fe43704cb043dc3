//! The fee of a transaction, in parts, and the queries about it.

use crate::{Config, NextFeeMultiplier, Pallet};
use citrate_core::{Balance, Weight};
use citrate_support::dispatch::{
    DispatchClass, DispatchInfo, GetDispatchInfo, Pays, PostDispatchInfo,
};
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

/// What a transaction pays.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize,
)]
pub struct FeeDetails {
    /// For being included; nothing for a transaction that is free or has no signer.
    pub inclusion_fee: Option<InclusionFee>,
    /// To be included earlier; not part of the encoding, because the sender knows it.
    #[codec(skip)]
    #[serde(skip)]
    pub tip: Balance,
}

impl FeeDetails {
    /// All of it, the tip too.
    pub fn final_fee(&self) -> Balance {
        self.inclusion_fee.map_or(0, |fee| fee.total()).saturating_add(self.tip)
    }
}

/// What is known of a transaction before it runs.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, Debug, Encode, Decode, TypeInfo, Serialize, Deserialize,
)]
pub struct RuntimeDispatchInfo {
    /// Its weight.
    pub weight: Weight,
    /// Its class.
    pub class: DispatchClass,
    /// Its fee without the tip, before any refund.
    pub partial_fee: Balance,
}

impl<T: Config> Pallet<T> {
    /// What an extrinsic weighs and pays. `is_signed` says whether anybody pays for it.
    pub fn query_info<C: GetDispatchInfo>(
        call: &C,
        extension_weight: Weight,
        is_signed: bool,
        len: u32,
    ) -> RuntimeDispatchInfo {
        let mut info = call.get_dispatch_info();
        info.extension_weight = extension_weight;
        let partial_fee = if is_signed { Self::compute_fee(len, &info, 0) } else { 0 };
        RuntimeDispatchInfo { weight: info.total_weight(), class: info.class, partial_fee }
    }

    /// What an extrinsic pays, in parts.
    pub fn query_fee_details<C: GetDispatchInfo>(
        call: &C,
        extension_weight: Weight,
        is_signed: bool,
        len: u32,
    ) -> FeeDetails {
        let mut info = call.get_dispatch_info();
        info.extension_weight = extension_weight;
        if is_signed {
            Self::compute_fee_details(len, &info, 0)
        } else {
            FeeDetails { inclusion_fee: None, tip: 0 }
        }
    }

    /// What a transaction of `len` bytes pays before it runs.
    pub fn compute_fee(len: u32, info: &DispatchInfo, tip: Balance) -> Balance {
        Self::compute_fee_details(len, info, tip).final_fee()
    }

    /// What a transaction of `len` bytes pays before it runs, in parts.
    pub fn compute_fee_details(len: u32, info: &DispatchInfo, tip: Balance) -> FeeDetails {
        Self::fee_details(len, info.total_weight(), tip, info.pays_fee, info.class)
    }

    /// What a transaction of `len` bytes pays after it ran.
    pub fn compute_actual_fee(
        len: u32,
        info: &DispatchInfo,
        post_info: &PostDispatchInfo,
        tip: Balance,
    ) -> Balance {
        let weight = post_info.calc_actual_weight(info);
        Self::fee_details(len, weight, tip, post_info.pays_fee(info), info.class).final_fee()
    }

    fn fee_details(
        len: u32,
        weight: Weight,
        tip: Balance,
        pays_fee: Pays,
        class: DispatchClass,
    ) -> FeeDetails {
        if pays_fee == Pays::No {
            return FeeDetails { inclusion_fee: None, tip };
        }
        // The multiplier is about scarce block space: the base fee and the length fee have limits of their own.
        let weight_fee = Self::weight_to_fee(weight);
        let adjusted_weight_fee = NextFeeMultiplier::<T>::get().saturating_mul_int(weight_fee);
        let base_fee = Self::weight_to_fee(T::BlockWeights::get().get(class).base_extrinsic);
        let len_fee = Self::length_to_fee(len);
        FeeDetails {
            inclusion_fee: Some(InclusionFee { base_fee, len_fee, adjusted_weight_fee }),
            tip,
        }
    }

    /// The price of `len` bytes.
    pub fn length_to_fee(len: u32) -> Balance {
        T::LengthToFee::weight_to_fee(&Weight::from_parts(u64::from(len), 0))
    }

    /// The price of `weight`, no more than that of a full block.
    pub fn weight_to_fee(weight: Weight) -> Balance {
        T::WeightToFee::weight_to_fee(&weight.min(T::BlockWeights::get().max_block))
    }
}
