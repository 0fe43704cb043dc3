//! Weight that the extensions announced and did not use; here they announce none.

use super::basic::marker_extension;
use crate::Config;
use citrate_core::TransactionValidityError;
use citrate_support::{impl_tx_ext_default, transaction_extension::TransactionExtension};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{fmt, marker::PhantomData};
use scale_info::TypeInfo;

marker_extension!(
    /// Gives back weight; [`super::CheckWeight`] already does, so this only keeps its place.
    WeightReclaim
);

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for WeightReclaim<T> {
    const IDENTIFIER: &'static str = "WeightReclaim";
    type Implicit = ();
    type Val = ();
    type Pre = ();
    fn implicit(&self) -> Result<(), TransactionValidityError> {
        Ok(())
    }
    impl_tx_ext_default!(T::RuntimeCall; validate prepare);
}
