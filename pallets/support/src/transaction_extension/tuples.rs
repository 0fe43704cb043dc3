//! Several extensions as one: checks in order, settlements in order.

use super::{
    DispatchInfoOf, DispatchOriginOf, Implication, PostDispatchInfoOf, RefundWeight,
    TransactionExtension, TransactionExtensionMetadata, ValidateResult,
};
use crate::dispatch::Dispatchable;
use alloc::vec::Vec;
use citrate_core::{
    DispatchResult, TransactionSource, TransactionValidity, TransactionValidityError,
    ValidTransaction, Weight,
};

impl<Call: Dispatchable> TransactionExtension<Call> for () {
    const IDENTIFIER: &'static str = "UnitTransactionExtension";
    type Implicit = ();
    type Val = ();
    type Pre = ();
    fn metadata() -> Vec<TransactionExtensionMetadata> {
        Vec::new()
    }
    fn implicit(&self) -> Result<(), TransactionValidityError> {
        Ok(())
    }
    fn validate(
        &self,
        origin: DispatchOriginOf<Call>,
        _call: &Call,
        _info: &DispatchInfoOf<Call>,
        _len: usize,
        (): (),
        _inherited_implication: &impl Implication,
        _source: TransactionSource,
    ) -> ValidateResult<(), Call> {
        Ok((ValidTransaction::default(), (), origin))
    }
    fn prepare(
        self,
        (): (),
        _origin: &DispatchOriginOf<Call>,
        _call: &Call,
        _info: &DispatchInfoOf<Call>,
        _len: usize,
    ) -> Result<(), TransactionValidityError> {
        Ok(())
    }
}

macro_rules! tuple_extension {
    ($($name:ident $n:tt),+) => {
        impl<Call: Dispatchable, $($name: TransactionExtension<Call>),+> TransactionExtension<Call>
            for ($($name,)+)
        {
            const IDENTIFIER: &'static str = "Tuple";
            type Implicit = ($($name::Implicit,)+);
            type Val = ($($name::Val,)+);
            type Pre = ($($name::Pre,)+);

            fn metadata() -> Vec<TransactionExtensionMetadata> {
                let mut all = Vec::new();
                $(all.extend($name::metadata());)+
                all
            }

            fn implicit(&self) -> Result<Self::Implicit, TransactionValidityError> {
                Ok(($(self.$n.implicit()?,)+))
            }

            fn weight(&self, call: &Call) -> Weight {
                Weight::zero()$(.saturating_add(self.$n.weight(call)))+
            }

            fn validate(
                &self,
                origin: DispatchOriginOf<Call>,
                call: &Call,
                info: &DispatchInfoOf<Call>,
                len: usize,
                self_implicit: Self::Implicit,
                inherited_implication: &impl Implication,
                source: TransactionSource,
            ) -> ValidateResult<Self::Val, Call> {
                let valid = ValidTransaction::default();
                let vals = ();
                $(
                    let (next, val, origin) = self.$n.validate(
                        origin,
                        call,
                        info,
                        len,
                        self_implicit.$n,
                        inherited_implication,
                        source,
                    )?;
                    let valid = valid.combine_with(next);
                    let vals = Push::push(vals, val);
                )+
                Ok((valid, vals, origin))
            }

            fn prepare(
                self,
                val: Self::Val,
                origin: &DispatchOriginOf<Call>,
                call: &Call,
                info: &DispatchInfoOf<Call>,
                len: usize,
            ) -> Result<Self::Pre, TransactionValidityError> {
                Ok(($(self.$n.prepare(val.$n, origin, call, info, len)?,)+))
            }

            fn post_dispatch_details(
                pre: Self::Pre,
                info: &DispatchInfoOf<Call>,
                post_info: &PostDispatchInfoOf<Call>,
                len: usize,
                result: &DispatchResult,
            ) -> Result<Weight, TransactionValidityError> {
                let mut unspent = Weight::zero();
                $(
                    unspent = unspent.saturating_add($name::post_dispatch_details(
                        pre.$n, info, post_info, len, result,
                    )?);
                )+
                Ok(unspent)
            }

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
                $($name::post_dispatch(pre.$n, info, post_info, len, result)?;)+
                Ok(())
            }

            fn bare_validate(
                call: &Call,
                info: &DispatchInfoOf<Call>,
                len: usize,
            ) -> TransactionValidity {
                let valid = ValidTransaction::default();
                $(let valid = valid.combine_with($name::bare_validate(call, info, len)?);)+
                Ok(valid)
            }

            fn bare_validate_and_prepare(
                call: &Call,
                info: &DispatchInfoOf<Call>,
                len: usize,
            ) -> Result<(), TransactionValidityError> {
                $($name::bare_validate_and_prepare(call, info, len)?;)+
                Ok(())
            }

            fn bare_post_dispatch(
                info: &DispatchInfoOf<Call>,
                post_info: &mut PostDispatchInfoOf<Call>,
                len: usize,
                result: &DispatchResult,
            ) -> Result<(), TransactionValidityError> {
                $($name::bare_post_dispatch(info, post_info, len, result)?;)+
                Ok(())
            }
        }
    };
}

/// A tuple that grows by one member at its end.
trait Push<T> {
    /// The longer tuple.
    type Output;
    /// Adds a member.
    fn push(self, value: T) -> Self::Output;
}

macro_rules! push {
    ($($name:ident),*) => {
        impl<T, $($name),*> Push<T> for ($($name,)*) {
            type Output = ($($name,)* T,);
            #[allow(
                non_snake_case,
                clippy::allow_attributes,
                reason = "members are named after their types; the empty tuple has none"
            )]
            fn push(self, value: T) -> Self::Output {
                let ($($name,)*) = self;
                ($($name,)* value,)
            }
        }
    };
}

macro_rules! up_to {
    ([$($done:ident $m:tt),*]) => {};
    ([] $name:ident $n:tt $(, $rest:ident $r:tt)*) => {
        push!();
        tuple_extension!($name $n);
        up_to!([$name $n] $($rest $r),*);
    };
    ([$($done:ident $m:tt),+] $name:ident $n:tt $(, $rest:ident $r:tt)*) => {
        push!($($done),+);
        tuple_extension!($($done $m,)+ $name $n);
        up_to!([$($done $m,)+ $name $n] $($rest $r),*);
    };
}

up_to!([] A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
