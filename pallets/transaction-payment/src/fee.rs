//! The fee of a transaction, in parts, and the queries about it.

use crate::{Config, NextFeeMultiplier, Pallet};
use citrate_api::{FeeDetails, InclusionFee, RuntimeDispatchInfo};
use citrate_core::{Balance, Weight};
use citrate_support::dispatch::{
    DispatchClass, DispatchInfo, GetDispatchInfo, Pays, PostDispatchInfo,
};
use citrate_support::traits::Get;
use citrate_support::weights::WeightToFee;
use sp_arithmetic::FixedPointNumber;

/// The sum of the parts, the tip too.
pub fn final_fee(details: &FeeDetails) -> Balance {
    let inclusion = details.inclusion_fee.map_or(0, |fee| {
        fee.base_fee.saturating_add(fee.len_fee).saturating_add(fee.adjusted_weight_fee)
    });
    inclusion.saturating_add(details.tip)
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
        RuntimeDispatchInfo {
            weight: info.total_weight(),
            class: api_class(info.class),
            partial_fee,
        }
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
        final_fee(&Self::compute_fee_details(len, info, tip))
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
        final_fee(&Self::fee_details(len, weight, tip, post_info.pays_fee(info), info.class))
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

/// The class as the runtime API names it.
fn api_class(class: DispatchClass) -> citrate_api::DispatchClass {
    match class {
        DispatchClass::Normal => citrate_api::DispatchClass::Normal,
        DispatchClass::Operational => citrate_api::DispatchClass::Operational,
        DispatchClass::Mandatory => citrate_api::DispatchClass::Mandatory,
    }
}
