//! What is checked and done around the call of a transaction: nonces, eras, fees.

mod checked;
mod tuples;

#[cfg(test)]
mod tests;

pub use self::checked::{
    ApplyExtrinsicResultWithInfo, CheckedExtrinsic, ExtrinsicFormat, SignedPayload, check_extrinsic,
};

use crate::dispatch::{DispatchInfo, Dispatchable, PostDispatchInfo};
use crate::traits::{CallerTrait, OriginTrait};
use alloc::{vec, vec::Vec};
use citrate_core::{
    DispatchResult, TransactionSource, TransactionValidity, TransactionValidityError,
    ValidTransaction, Weight,
};
use codec::{Codec, DecodeWithMemTracking, Encode};
use core::fmt::Debug;
use scale_info::{StaticTypeInfo, meta_type};
use sp_metadata_ir::TransactionExtensionMetadataIR;

/// Metadata of one extension.
pub type TransactionExtensionMetadata = TransactionExtensionMetadataIR;
/// The origin of a call.
pub type DispatchOriginOf<T> = <T as Dispatchable>::RuntimeOrigin;
/// The origin of a call.
pub type OriginOf<T> = <T as Dispatchable>::RuntimeOrigin;
/// What is known before a call.
pub type DispatchInfoOf<T> = <T as Dispatchable>::Info;
/// What is known after a call.
pub type PostDispatchInfoOf<T> = <T as Dispatchable>::PostInfo;
/// What validation yields: how to order the transaction, what to hand on, and the origin.
pub type ValidateResult<Val, Call> =
    Result<(ValidTransaction, Val, DispatchOriginOf<Call>), TransactionValidityError>;

/// What a signature over a transaction covers besides an extension itself.
pub trait Implication: Encode {}
impl<T: Encode> Implication for T {}

/// An origin of which can be told whether anybody answers for it.
pub trait AsTransactionAuthorizedOrigin {
    /// Whether a transaction may run with this origin.
    fn is_transaction_authorized(&self) -> bool;
}

impl<O: OriginTrait> AsTransactionAuthorizedOrigin for O {
    fn is_transaction_authorized(&self) -> bool {
        !self.caller().is_none()
    }
}

/// A part of every transaction that checks it, prepares its call and settles afterwards.
pub trait TransactionExtension<Call: Dispatchable>:
    Codec + DecodeWithMemTracking + Debug + Sync + Send + Clone + Eq + StaticTypeInfo
{
    /// The name of the extension in metadata.
    const IDENTIFIER: &'static str;
    /// What is signed but not sent.
    type Implicit: Codec + StaticTypeInfo;
    /// What validation hands to preparation.
    type Val;
    /// What preparation hands to the settlement.
    type Pre;

    /// The metadata of this extension, or of each if it is a tuple.
    fn metadata() -> Vec<TransactionExtensionMetadata> {
        vec![TransactionExtensionMetadataIR {
            identifier: Self::IDENTIFIER,
            ty: meta_type::<Self>(),
            implicit: meta_type::<Self::Implicit>(),
        }]
    }

    /// What is signed but not sent, computed from the state.
    ///
    /// # Errors
    /// It cannot be computed; by default, because it is not `()` or alike.
    fn implicit(&self) -> Result<Self::Implicit, TransactionValidityError> {
        use codec::Decode;
        Self::Implicit::decode(&mut &[][..])
            .map_err(|_error| citrate_core::InvalidTransaction::IndeterminateImplicit.into())
    }

    /// What all hooks of this extension weigh.
    fn weight(&self, _call: &Call) -> Weight {
        Weight::zero()
    }

    /// Checks a transaction without changing the state.
    ///
    /// # Errors
    /// The transaction is not valid, or not now.
    #[expect(clippy::too_many_arguments, reason = "the signature of FRAME")]
    fn validate(
        &self,
        origin: DispatchOriginOf<Call>,
        call: &Call,
        info: &DispatchInfoOf<Call>,
        len: usize,
        self_implicit: Self::Implicit,
        inherited_implication: &impl Implication,
        source: TransactionSource,
    ) -> ValidateResult<Self::Val, Call>;

    /// Changes the state just before the call.
    ///
    /// # Errors
    /// The transaction may not be in this block.
    fn prepare(
        self,
        val: Self::Val,
        origin: &DispatchOriginOf<Call>,
        call: &Call,
        info: &DispatchInfoOf<Call>,
        len: usize,
    ) -> Result<Self::Pre, TransactionValidityError>;

    /// Settles after the call and returns weight that was announced and not used.
    ///
    /// # Errors
    /// The block is not valid.
    fn post_dispatch_details(
        _pre: Self::Pre,
        _info: &DispatchInfoOf<Call>,
        _post_info: &PostDispatchInfoOf<Call>,
        _len: usize,
        _result: &DispatchResult,
    ) -> Result<Weight, TransactionValidityError> {
        Ok(Weight::zero())
    }

    /// Settles after the call and takes unused weight off `post_info`.
    ///
    /// # Errors
    /// The block is not valid.
    fn post_dispatch(
        pre: Self::Pre,
        info: &DispatchInfoOf<Call>,
        post_info: &mut PostDispatchInfoOf<Call>,
        len: usize,
        result: &DispatchResult,
    ) -> Result<(), TransactionValidityError>
    where
        PostDispatchInfoOf<Call>: RefundWeight,
    {
        let unspent = Self::post_dispatch_details(pre, info, post_info, len, result)?;
        post_info.refund(unspent);
        Ok(())
    }

    /// Checks an extrinsic that has no extensions.
    ///
    /// # Errors
    /// It is not valid.
    fn bare_validate(
        _call: &Call,
        _info: &DispatchInfoOf<Call>,
        _len: usize,
    ) -> TransactionValidity {
        Ok(ValidTransaction::default())
    }

    /// Checks an extrinsic that has no extensions just before its call.
    ///
    /// # Errors
    /// It may not be in this block.
    fn bare_validate_and_prepare(
        _call: &Call,
        _info: &DispatchInfoOf<Call>,
        _len: usize,
    ) -> Result<(), TransactionValidityError> {
        Ok(())
    }

    /// Settles after the call of an extrinsic that has no extensions.
    ///
    /// # Errors
    /// The block is not valid.
    fn bare_post_dispatch(
        _info: &DispatchInfoOf<Call>,
        _post_info: &mut PostDispatchInfoOf<Call>,
        _len: usize,
        _result: &DispatchResult,
    ) -> Result<(), TransactionValidityError> {
        Ok(())
    }
}

/// A result of which weight can be taken off.
pub trait RefundWeight {
    /// Takes weight off.
    fn refund(&mut self, unspent: Weight);
}

impl RefundWeight for PostDispatchInfo {
    fn refund(&mut self, unspent: Weight) {
        if let Some(actual) = self.actual_weight.as_mut() {
            *actual = actual.saturating_sub(unspent);
        }
    }
}

/// A call whose information has the framework's types.
pub trait RuntimeDispatchable:
    Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>
{
}
impl<T: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>> RuntimeDispatchable for T {}

/// Fills in the functions of an extension that does nothing there:
/// `impl_tx_ext_default!(Call; weight validate prepare);`
#[macro_export]
macro_rules! impl_tx_ext_default {
    ($call:ty; , $($rest:tt)*) => { $crate::impl_tx_ext_default!($call; $($rest)*); };
    ($call:ty; validate $($rest:tt)*) => {
        fn validate(
            &self,
            origin: $crate::transaction_extension::DispatchOriginOf<$call>,
            _call: &$call,
            _info: &$crate::transaction_extension::DispatchInfoOf<$call>,
            _len: usize,
            _self_implicit: Self::Implicit,
            _inherited_implication: &impl $crate::transaction_extension::Implication,
            _source: $crate::__private::TransactionSource,
        ) -> $crate::transaction_extension::ValidateResult<Self::Val, $call> {
            Ok((Default::default(), Default::default(), origin))
        }
        $crate::impl_tx_ext_default!($call; $($rest)*);
    };
    ($call:ty; prepare $($rest:tt)*) => {
        fn prepare(
            self,
            _val: Self::Val,
            _origin: &$crate::transaction_extension::DispatchOriginOf<$call>,
            _call: &$call,
            _info: &$crate::transaction_extension::DispatchInfoOf<$call>,
            _len: usize,
        ) -> Result<Self::Pre, $crate::__private::TransactionValidityError> {
            Ok(Default::default())
        }
        $crate::impl_tx_ext_default!($call; $($rest)*);
    };
    ($call:ty; weight $($rest:tt)*) => {
        fn weight(&self, _call: &$call) -> $crate::weights::Weight {
            $crate::weights::Weight::zero()
        }
        $crate::impl_tx_ext_default!($call; $($rest)*);
    };
    ($call:ty;) => {};
}
