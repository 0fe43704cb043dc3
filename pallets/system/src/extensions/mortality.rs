//! A transaction is good for a span of blocks, and names the first by its hash.

use crate::{BlockHash, Config, Pallet};
use citrate_core::{
    Era, H256, InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
};
use citrate_support::{
    impl_tx_ext_default,
    transaction_extension::{
        DispatchInfoOf, DispatchOriginOf, Implication, TransactionExtension, ValidateResult,
    },
};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{fmt, marker::PhantomData};
use scale_info::TypeInfo;

/// The transaction is within its era, and the era's first block is of this chain.
#[derive(Clone, Eq, PartialEq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[codec(encode_bound())]
#[codec(decode_bound())]
#[codec(decode_with_mem_tracking_bound())]
#[scale_info(skip_type_params(T), replace_segment("pallet_system", "frame_system"))]
pub struct CheckMortality<T>(pub Era, PhantomData<T>);

impl<T> CheckMortality<T> {
    /// The extension with an era.
    pub fn from(era: Era) -> Self {
        Self(era, PhantomData)
    }
}

impl<T> fmt::Debug for CheckMortality<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckMortality({:?})", self.0)
    }
}

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for CheckMortality<T> {
    const IDENTIFIER: &'static str = "CheckMortality";
    type Implicit = H256;
    type Val = ();
    type Pre = ();

    fn implicit(&self) -> Result<H256, TransactionValidityError> {
        let birth = self.0.birth(u64::from(Pallet::<T>::block_number()));
        match u32::try_from(birth) {
            Ok(birth) if BlockHash::<T>::contains_key(birth) => Ok(BlockHash::<T>::get(birth)),
            _ => Err(InvalidTransaction::AncientBirthBlock.into()),
        }
    }

    fn validate(
        &self,
        origin: DispatchOriginOf<T::RuntimeCall>,
        _call: &T::RuntimeCall,
        _info: &DispatchInfoOf<T::RuntimeCall>,
        _len: usize,
        _self_implicit: H256,
        _inherited_implication: &impl Implication,
        _source: TransactionSource,
    ) -> ValidateResult<(), T::RuntimeCall> {
        let current = u64::from(Pallet::<T>::block_number());
        let longevity = self.0.death(current).saturating_sub(current);
        Ok((ValidTransaction { longevity, ..Default::default() }, (), origin))
    }

    impl_tx_ext_default!(T::RuntimeCall; prepare);
}
