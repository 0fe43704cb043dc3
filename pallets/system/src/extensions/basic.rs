//! What is signed so that a transaction is good for one chain and one runtime only.

use crate::Config;
use citrate_core::{H256, InvalidTransaction, TransactionSource, TransactionValidityError};
use citrate_support::{
    impl_tx_ext_default,
    traits::{Get, OriginTrait},
    transaction_extension::{
        DispatchInfoOf, DispatchOriginOf, Implication, TransactionExtension, ValidateResult,
    },
};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{fmt, marker::PhantomData};
use scale_info::TypeInfo;

macro_rules! marker_extension {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Eq, PartialEq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
        #[codec(encode_bound())]
#[codec(decode_bound())]
#[codec(decode_with_mem_tracking_bound())]
        #[scale_info(skip_type_params(T), replace_segment("pallet_system", "frame_system"))]
        pub struct $name<T>(PhantomData<T>);

        impl<T> $name<T> {
            /// The extension.
            pub fn new() -> Self {
                Self(PhantomData)
            }
        }

        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self::new()
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}
pub(super) use marker_extension;

marker_extension!(
    /// The sender is not the account of all zeros, which anybody could claim to be.
    CheckNonZeroSender
);
marker_extension!(
    /// The transaction was signed for this version of the runtime.
    CheckSpecVersion
);
marker_extension!(
    /// The transaction was signed for this version of the transaction format.
    CheckTxVersion
);
marker_extension!(
    /// The transaction was signed for this chain.
    CheckGenesis
);

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for CheckNonZeroSender<T> {
    const IDENTIFIER: &'static str = "CheckNonZeroSender";
    type Implicit = ();
    type Val = ();
    type Pre = ();
    fn implicit(&self) -> Result<(), TransactionValidityError> {
        Ok(())
    }
    fn validate(
        &self,
        origin: DispatchOriginOf<T::RuntimeCall>,
        _call: &T::RuntimeCall,
        _info: &DispatchInfoOf<T::RuntimeCall>,
        _len: usize,
        (): (),
        _inherited_implication: &impl Implication,
        _source: TransactionSource,
    ) -> ValidateResult<(), T::RuntimeCall> {
        if let Some(who) = origin.as_signer()
            && who.using_encoded(|bytes| bytes.iter().all(|byte| *byte == 0))
        {
            return Err(InvalidTransaction::BadSigner.into());
        }
        Ok((Default::default(), (), origin))
    }
    impl_tx_ext_default!(T::RuntimeCall; prepare);
}

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for CheckSpecVersion<T> {
    const IDENTIFIER: &'static str = "CheckSpecVersion";
    type Implicit = u32;
    type Val = ();
    type Pre = ();
    fn implicit(&self) -> Result<u32, TransactionValidityError> {
        Ok(T::Version::get().spec_version)
    }
    impl_tx_ext_default!(T::RuntimeCall; validate prepare);
}

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for CheckTxVersion<T> {
    const IDENTIFIER: &'static str = "CheckTxVersion";
    type Implicit = u32;
    type Val = ();
    type Pre = ();
    fn implicit(&self) -> Result<u32, TransactionValidityError> {
        Ok(T::Version::get().transaction_version)
    }
    impl_tx_ext_default!(T::RuntimeCall; validate prepare);
}

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for CheckGenesis<T> {
    const IDENTIFIER: &'static str = "CheckGenesis";
    type Implicit = H256;
    type Val = ();
    type Pre = ();
    fn implicit(&self) -> Result<H256, TransactionValidityError> {
        Ok(crate::Pallet::<T>::genesis_hash())
    }
    impl_tx_ext_default!(T::RuntimeCall; validate prepare);
}
