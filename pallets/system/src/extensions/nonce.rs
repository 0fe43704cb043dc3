//! An account's transactions are counted, and apply in order.

use crate::{Account, Config, Pallet};
use alloc::vec;
use citrate_core::{
    InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
};
use citrate_support::{
    traits::{One, OriginTrait},
    transaction_extension::{
        DispatchInfoOf, DispatchOriginOf, Implication, TransactionExtension, ValidateResult,
    },
};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::fmt;
use scale_info::TypeInfo;
use sp_arithmetic::traits::Saturating;

/// The transaction is the sender's next.
#[derive(Clone, Eq, PartialEq, Encode, Decode, TypeInfo)]
#[codec(encode_bound(T: Config))]
#[codec(decode_bound(T: Config))]
#[scale_info(skip_type_params(T), replace_segment("pallet_system", "frame_system"))]
pub struct CheckNonce<T: Config>(#[codec(compact)] pub T::Nonce);

// A nonce allocates nothing.
impl<T: Config> DecodeWithMemTracking for CheckNonce<T> {}

impl<T: Config> CheckNonce<T> {
    /// The extension with a nonce.
    pub fn from(nonce: T::Nonce) -> Self {
        Self(nonce)
    }
}

impl<T: Config> fmt::Debug for CheckNonce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckNonce({:?})", self.0)
    }
}

/// Whose nonce is to be counted up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NonceVal<AccountId, Nonce> {
    /// The sender's, and what it was.
    Check(AccountId, Nonce),
    /// Nobody's: nobody signed.
    Skip,
}

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for CheckNonce<T> {
    const IDENTIFIER: &'static str = "CheckNonce";
    type Implicit = ();
    type Val = NonceVal<T::AccountId, T::Nonce>;
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
    ) -> ValidateResult<Self::Val, T::RuntimeCall> {
        let Some(who) = origin.as_signer().cloned() else {
            return Ok((ValidTransaction::default(), NonceVal::Skip, origin));
        };
        let account = Account::<T>::get(&who);
        // An account that nothing provides for could be created and forgotten again for free.
        if account.providers == 0 && account.sufficients == 0 {
            return Err(InvalidTransaction::Payment.into());
        }
        if self.0 < account.nonce {
            return Err(InvalidTransaction::Stale.into());
        }
        let provides = vec![(who.clone(), self.0).encode()];
        let requires = if account.nonce < self.0 {
            vec![(who.clone(), self.0.saturating_sub(T::Nonce::one())).encode()]
        } else {
            vec![]
        };
        let valid = ValidTransaction { requires, provides, ..Default::default() };
        Ok((valid, NonceVal::Check(who, account.nonce), origin))
    }

    fn prepare(
        self,
        val: Self::Val,
        _origin: &DispatchOriginOf<T::RuntimeCall>,
        _call: &T::RuntimeCall,
        _info: &DispatchInfoOf<T::RuntimeCall>,
        _len: usize,
    ) -> Result<(), TransactionValidityError> {
        let NonceVal::Check(who, nonce) = val else { return Ok(()) };
        if self.0 > nonce {
            return Err(InvalidTransaction::Future.into());
        }
        Pallet::<T>::inc_account_nonce(who);
        Ok(())
    }
}
