//! The transaction extension that charges fees.

use crate::{Config, Event, OnChargeTransaction, Pallet};
use citrate_core::{
    Balance, InvalidTransaction, TransactionPriority, TransactionSource, TransactionValidityError,
    ValidTransaction, Weight,
};
use citrate_support::dispatch::{DispatchClass, DispatchInfo, DispatchResult, PostDispatchInfo};
use citrate_support::traits::{Get, OriginTrait};
use citrate_support::transaction_extension::{
    DispatchOriginOf, Implication, RuntimeDispatchable, TransactionExtension, ValidateResult,
};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// Charges the fee before the call runs and gives back what was too much after it. Its value is the tip.
#[derive(Clone, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct ChargeTransactionPayment<T: Config>(
    #[codec(compact)] Balance,
    core::marker::PhantomData<T>,
);

impl<T: Config> core::fmt::Debug for ChargeTransactionPayment<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ChargeTransactionPayment({})", self.0)
    }
}

/// What validation leaves for the charge.
pub enum Val<T: Config> {
    /// A signer pays.
    Charge {
        /// The tip.
        tip: Balance,
        /// Who pays.
        who: T::AccountId,
        /// The fee before the call, the tip included.
        fee: Balance,
    },
    /// Nobody pays.
    NoCharge,
}

/// What the charge leaves for the correction.
pub enum Pre<T: Config> {
    /// A signer paid.
    Charge {
        /// The tip.
        tip: Balance,
        /// Who paid.
        who: T::AccountId,
        /// What was taken.
        withdrawn: <T::OnChargeTransaction as OnChargeTransaction<T>>::Withdrawn,
    },
    /// Nobody paid.
    NoCharge,
}

impl<T: Config> core::fmt::Debug for Val<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Charge { fee, .. } => write!(f, "Charge({fee})"),
            Self::NoCharge => f.write_str("NoCharge"),
        }
    }
}

impl<T: Config> core::fmt::Debug for Pre<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Charge { .. } => "Charge",
            Self::NoCharge => "NoCharge",
        })
    }
}

impl<T: Config> ChargeTransactionPayment<T> {
    /// Charges the fee and this tip.
    pub fn from(tip: Balance) -> Self {
        Self(tip, core::marker::PhantomData)
    }

    /// The tip.
    pub fn tip(&self) -> Balance {
        self.0
    }

    /// Orders transactions by what they pay for the block space that they may use: the tip, times how often the
    /// transaction would fit into a block. An operational call is ahead by a multiple of its fee.
    pub fn get_priority(
        info: &DispatchInfo,
        len: usize,
        tip: Balance,
        final_fee: Balance,
    ) -> TransactionPriority {
        let weights = T::BlockWeights::get();
        let limit = weights.get(info.class).max_total.unwrap_or(weights.max_block);
        let lengths = T::BlockLength::get();
        let length_limit = u64::from(*lengths.max.get(info.class));

        let weight = info.total_weight().max(Weight::from_parts(1, 1)).min(limit);
        let by_weight = (limit.ref_time() / weight.ref_time().max(1))
            .min(limit.proof_size() / weight.proof_size().max(1))
            .max(1);
        let len = u64::try_from(len).unwrap_or(u64::MAX).clamp(1, length_limit.max(1));
        let per_block = by_weight.min(length_limit / len).max(1);

        // A tip of zero still counts, so that lighter transactions come first.
        let scaled_tip = tip.saturating_add(1).saturating_mul(Balance::from(per_block));
        let priority = match info.class {
            DispatchClass::Normal | DispatchClass::Mandatory => scaled_tip,
            DispatchClass::Operational => {
                let factor = Balance::from(T::OperationalFeeMultiplier::get());
                let virtual_tip = final_fee.saturating_mul(factor);
                scaled_tip.saturating_add(virtual_tip.saturating_mul(Balance::from(per_block)))
            }
        };
        TransactionPriority::try_from(priority).unwrap_or(TransactionPriority::MAX)
    }
}

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for ChargeTransactionPayment<T>
where
    T::RuntimeCall: RuntimeDispatchable,
    DispatchOriginOf<T::RuntimeCall>: OriginTrait<AccountId = T::AccountId>,
{
    const IDENTIFIER: &'static str = "ChargeTransactionPayment";
    type Implicit = ();
    type Val = Val<T>;
    type Pre = Pre<T>;

    fn implicit(&self) -> Result<(), TransactionValidityError> {
        Ok(())
    }

    fn weight(&self, _call: &T::RuntimeCall) -> Weight {
        // The multiplier, the payer's and the author's accounts.
        T::DbWeight::get().reads_writes(3, 2).saturating_add(Weight::from_parts(30_000_000, 0))
    }

    fn validate(
        &self,
        origin: DispatchOriginOf<T::RuntimeCall>,
        _call: &T::RuntimeCall,
        info: &DispatchInfo,
        len: usize,
        (): (),
        _inherited_implication: &impl Implication,
        _source: TransactionSource,
    ) -> ValidateResult<Self::Val, T::RuntimeCall> {
        let Some(who) = origin.as_signer().cloned() else {
            return Ok((ValidTransaction::default(), Val::NoCharge, origin));
        };
        let bytes = u32::try_from(len).map_err(|_long| InvalidTransaction::ExhaustsResources)?;
        let tip = self.0;
        let fee = Pallet::<T>::compute_fee(bytes, info, tip);
        T::OnChargeTransaction::can_withdraw(&who, fee)?;
        let validity = ValidTransaction {
            priority: Self::get_priority(info, len, tip, fee),
            ..Default::default()
        };
        Ok((validity, Val::Charge { tip, who, fee }, origin))
    }

    fn prepare(
        self,
        val: Self::Val,
        _origin: &DispatchOriginOf<T::RuntimeCall>,
        _call: &T::RuntimeCall,
        _info: &DispatchInfo,
        _len: usize,
    ) -> Result<Self::Pre, TransactionValidityError> {
        match val {
            Val::Charge { tip, who, fee } => {
                let withdrawn = T::OnChargeTransaction::withdraw(&who, fee)?;
                Ok(Pre::Charge { tip, who, withdrawn })
            }
            Val::NoCharge => Ok(Pre::NoCharge),
        }
    }

    fn post_dispatch_details(
        pre: Self::Pre,
        info: &DispatchInfo,
        post_info: &PostDispatchInfo,
        len: usize,
        _result: &DispatchResult,
    ) -> Result<Weight, TransactionValidityError> {
        if let Pre::Charge { tip, who, withdrawn } = pre {
            // `validate` refused a length that does not fit.
            let len = u32::try_from(len).unwrap_or(u32::MAX);
            let due = Pallet::<T>::compute_actual_fee(len, info, post_info, tip);
            let actual_fee = T::OnChargeTransaction::correct(&who, due, tip, withdrawn);
            Pallet::<T>::deposit_event(Event::TransactionFeePaid { who, actual_fee, tip });
        }
        Ok(Weight::zero())
    }
}
