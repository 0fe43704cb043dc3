//! Blocks have limits of weight and length.

use super::basic::marker_extension;
use crate::{BlockSize, BlockWeight, Config, ConsumedWeight, limits::BlockWeights};
use citrate_core::{
    DispatchResult, InvalidTransaction, TransactionSource, TransactionValidity,
    TransactionValidityError, ValidTransaction, Weight,
};
use citrate_support::{
    dispatch::{DispatchInfo, PostDispatchInfo},
    traits::Get,
    transaction_extension::{
        DispatchInfoOf, DispatchOriginOf, Implication, PostDispatchInfoOf, TransactionExtension,
        ValidateResult,
    },
};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{fmt, marker::PhantomData};
use scale_info::TypeInfo;

marker_extension!(
    /// The extrinsic fits into the block.
    CheckWeight
);

const EXHAUSTED: TransactionValidityError =
    TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources);

impl<T: Config> CheckWeight<T> {
    /// Whether the extrinsic could be in some block; and how long this block would be with it.
    fn do_validate(info: &DispatchInfo, len: usize) -> Result<u32, TransactionValidityError> {
        let next_len = Self::check_block_length(info, len)?;
        // No block at all has room for more than the limit of one extrinsic.
        let max = T::BlockWeights::get().get(info.class).max_extrinsic;
        if max.is_some_and(|max| info.total_weight().any_gt(max)) {
            return Err(EXHAUSTED);
        }
        Ok(next_len)
    }

    /// How long the block would be with the extrinsic.
    fn check_block_length(
        info: &DispatchInfo,
        len: usize,
    ) -> Result<u32, TransactionValidityError> {
        let added = u32::try_from(len).map_err(|_error| EXHAUSTED)?;
        let next_len = BlockSize::<T>::get().unwrap_or_default().saturating_add(added);
        if next_len > *T::BlockLength::get().max.get(info.class) {
            Err(EXHAUSTED)
        } else {
            Ok(next_len)
        }
    }

    /// Counts the extrinsic in, if this block has room for it.
    fn do_prepare(info: &DispatchInfo, next_len: u32) -> Result<(), TransactionValidityError> {
        let consumed = with_extrinsic(&T::BlockWeights::get(), BlockWeight::<T>::get(), info)?;
        BlockSize::<T>::put(next_len);
        BlockWeight::<T>::put(consumed);
        Ok(())
    }

    /// Gives back what was announced and not used.
    fn do_post_dispatch(info: &DispatchInfo, post_info: &PostDispatchInfo) {
        let unspent = post_info.calc_unspent(info);
        if unspent.any_gt(Weight::zero()) {
            BlockWeight::<T>::mutate(|current| current.reduce(unspent, info.class));
        }
    }
}

/// What a block weighs with one more extrinsic, if that is within the limits.
fn with_extrinsic(
    limits: &BlockWeights,
    mut all: ConsumedWeight,
    info: &DispatchInfo,
) -> Result<ConsumedWeight, TransactionValidityError> {
    let of_class = limits.get(info.class);
    let weight = info.total_weight().saturating_add(of_class.base_extrinsic);
    if of_class.max_total.is_none() && of_class.reserved.is_none() {
        all.accrue(weight, info.class);
    } else {
        all.checked_accrue(weight, info.class).map_err(|()| EXHAUSTED)?;
    }
    let used = *all.get(info.class);
    if of_class.max_total.is_some_and(|max| used.any_gt(max)) {
        return Err(EXHAUSTED);
    }
    // Beyond the block's limit a class may only use what is reserved for it.
    if all.total().any_gt(limits.max_block)
        && of_class.reserved.is_some_and(|reserved| used.any_gt(reserved))
    {
        return Err(EXHAUSTED);
    }
    Ok(all)
}

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for CheckWeight<T> {
    const IDENTIFIER: &'static str = "CheckWeight";
    type Implicit = ();
    type Val = u32;
    type Pre = ();

    fn implicit(&self) -> Result<(), TransactionValidityError> {
        Ok(())
    }

    fn validate(
        &self,
        origin: DispatchOriginOf<T::RuntimeCall>,
        _call: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        len: usize,
        (): (),
        _inherited_implication: &impl Implication,
        _source: TransactionSource,
    ) -> ValidateResult<u32, T::RuntimeCall> {
        Ok((ValidTransaction::default(), Self::do_validate(info, len)?, origin))
    }

    fn prepare(
        self,
        next_len: u32,
        _origin: &DispatchOriginOf<T::RuntimeCall>,
        _call: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        _len: usize,
    ) -> Result<(), TransactionValidityError> {
        Self::do_prepare(info, next_len)
    }

    fn post_dispatch_details(
        (): (),
        info: &DispatchInfoOf<T::RuntimeCall>,
        post_info: &PostDispatchInfoOf<T::RuntimeCall>,
        _len: usize,
        _result: &DispatchResult,
    ) -> Result<Weight, TransactionValidityError> {
        Self::do_post_dispatch(info, post_info);
        Ok(Weight::zero())
    }

    fn bare_validate(
        _call: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        len: usize,
    ) -> TransactionValidity {
        Self::do_validate(info, len)?;
        Ok(ValidTransaction::default())
    }

    fn bare_validate_and_prepare(
        _call: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        len: usize,
    ) -> Result<(), TransactionValidityError> {
        let next_len = Self::do_validate(info, len)?;
        Self::do_prepare(info, next_len)
    }

    fn bare_post_dispatch(
        info: &DispatchInfoOf<T::RuntimeCall>,
        post_info: &mut PostDispatchInfoOf<T::RuntimeCall>,
        _len: usize,
        _result: &DispatchResult,
    ) -> Result<(), TransactionValidityError> {
        Self::do_post_dispatch(info, post_info);
        Ok(())
    }
}
