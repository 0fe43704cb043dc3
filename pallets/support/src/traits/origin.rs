//! Who makes a call, and checks of it.

use crate::dispatch::{BadOrigin, Parameter, RawOrigin};
use core::marker::PhantomData;

/// The part of an origin that says who it is.
pub trait CallerTrait<AccountId>: Parameter + super::Member + From<RawOrigin<AccountId>> {
    /// The system's origin, if it is one.
    fn into_system(self) -> Option<RawOrigin<AccountId>>;
    /// The system's origin, if it is one.
    fn as_system_ref(&self) -> Option<&RawOrigin<AccountId>>;
    /// The account that signed, if any.
    fn as_signed(&self) -> Option<&AccountId> {
        self.as_system_ref().and_then(RawOrigin::as_signed)
    }
    /// Whether this is the chain itself.
    fn is_root(&self) -> bool {
        self.as_system_ref().is_some_and(RawOrigin::is_root)
    }
    /// Whether this is nobody.
    fn is_none(&self) -> bool {
        self.as_system_ref().is_some_and(RawOrigin::is_none)
    }
}

/// A runtime's origin: a caller, and a filter of what it may call.
pub trait OriginTrait: Sized {
    /// The runtime's calls.
    type Call;
    /// The caller.
    type PalletsOrigin: Send
        + Sync
        + Into<Self>
        + CallerTrait<Self::AccountId>
        + codec::MaxEncodedLen;
    /// The runtime's accounts.
    type AccountId;

    /// Lets pass only what `filter` passes too.
    fn add_filter(&mut self, filter: impl Fn(&Self::Call) -> bool + 'static);
    /// Goes back to the runtime's filter (none for root).
    fn reset_filter(&mut self);
    /// Replaces the caller and keeps the filter.
    fn set_caller(&mut self, caller: Self::PalletsOrigin);
    /// Takes over another origin's caller and keeps the filter.
    fn set_caller_from(&mut self, other: impl Into<Self>);
    /// Whether the origin may make this call.
    fn filter_call(&self, call: &Self::Call) -> bool;
    /// The caller.
    fn caller(&self) -> &Self::PalletsOrigin;
    /// The caller.
    fn into_caller(self) -> Self::PalletsOrigin;
    /// Does something with the caller and puts it back if that fails.
    ///
    /// # Errors
    /// `f` returns the caller.
    fn try_with_caller<R>(
        self,
        f: impl FnOnce(Self::PalletsOrigin) -> Result<R, Self::PalletsOrigin>,
    ) -> Result<R, Self>;
    /// Nobody.
    fn none() -> Self;
    /// The chain itself.
    fn root() -> Self;
    /// An account that signed.
    fn signed(by: Self::AccountId) -> Self;
    /// The account that signed, if any.
    fn as_signer(&self) -> Option<&Self::AccountId> {
        self.caller().as_signed()
    }
    /// The system's origin, if it is one.
    fn as_system_ref(&self) -> Option<&RawOrigin<Self::AccountId>> {
        self.caller().as_system_ref()
    }
}

/// A check of an origin.
pub trait EnsureOrigin<OuterOrigin> {
    /// What is known of an origin that passes.
    type Success;
    /// Checks, and returns the origin if it does not pass.
    ///
    /// # Errors
    /// The origin, if it does not pass.
    fn try_origin(o: OuterOrigin) -> Result<Self::Success, OuterOrigin>;
    /// Checks.
    ///
    /// # Errors
    /// The origin does not pass.
    fn ensure_origin(o: OuterOrigin) -> Result<Self::Success, BadOrigin> {
        Self::try_origin(o).map_err(|_error| BadOrigin)
    }
    /// Checks; root passes as well, as `None`.
    ///
    /// # Errors
    /// The origin does not pass.
    fn ensure_origin_or_root(o: OuterOrigin) -> Result<Option<Self::Success>, BadOrigin>
    where
        OuterOrigin: OriginTrait,
    {
        if o.caller().is_root() { Ok(None) } else { Self::ensure_origin(o).map(Some) }
    }
}

/// A check of an origin that depends on an argument.
pub trait EnsureOriginWithArg<OuterOrigin, Argument> {
    /// What is known of an origin that passes.
    type Success;
    /// Checks, and returns the origin if it does not pass.
    ///
    /// # Errors
    /// The origin, if it does not pass.
    fn try_origin(o: OuterOrigin, a: &Argument) -> Result<Self::Success, OuterOrigin>;
    /// Checks.
    ///
    /// # Errors
    /// The origin does not pass.
    fn ensure_origin(o: OuterOrigin, a: &Argument) -> Result<Self::Success, BadOrigin> {
        Self::try_origin(o, a).map_err(|_error| BadOrigin)
    }
}

/// A check that ignores the argument.
#[derive(Debug)]
pub struct AsEnsureOriginWithArg<EO>(PhantomData<EO>);

impl<OuterOrigin, Argument, EO: EnsureOrigin<OuterOrigin>>
    EnsureOriginWithArg<OuterOrigin, Argument> for AsEnsureOriginWithArg<EO>
{
    type Success = EO::Success;
    fn try_origin(o: OuterOrigin, _: &Argument) -> Result<EO::Success, OuterOrigin> {
        EO::try_origin(o)
    }
}

/// A check that nobody passes.
#[derive(Debug)]
pub struct NeverEnsureOrigin<Success>(PhantomData<Success>);

impl<OO, Success> EnsureOrigin<OO> for NeverEnsureOrigin<Success> {
    type Success = Success;
    fn try_origin(o: OO) -> Result<Success, OO> {
        Err(o)
    }
}

/// A check that either of two passes.
#[derive(Debug)]
pub struct EitherOf<L, R>(PhantomData<(L, R)>);

impl<OO, L, R> EnsureOrigin<OO> for EitherOf<L, R>
where
    L: EnsureOrigin<OO>,
    R: EnsureOrigin<OO, Success = L::Success>,
{
    type Success = L::Success;
    fn try_origin(o: OO) -> Result<L::Success, OO> {
        L::try_origin(o).or_else(R::try_origin)
    }
}

/// A check that either of two passes, whatever each of them says of who passed.
#[derive(Debug)]
pub struct EitherOfDiverse<L, R>(PhantomData<(L, R)>);

/// What the first or the second of two checks says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Either<L, R> {
    /// The first one passed it.
    Left(L),
    /// The second one passed it.
    Right(R),
}

impl<OO, L: EnsureOrigin<OO>, R: EnsureOrigin<OO>> EnsureOrigin<OO> for EitherOfDiverse<L, R> {
    type Success = Either<L::Success, R::Success>;
    fn try_origin(o: OO) -> Result<Self::Success, OO> {
        L::try_origin(o).map(Either::Left).or_else(|o| R::try_origin(o).map(Either::Right))
    }
}

/// A check that says `Success` of all who pass it.
#[derive(Debug)]
pub struct EnsureWithSuccess<Ensure, Success>(PhantomData<(Ensure, Success)>);

impl<OO, Ensure, Success> EnsureOrigin<OO> for EnsureWithSuccess<Ensure, Success>
where
    Ensure: EnsureOrigin<OO>,
    Success: super::TypedGet,
{
    type Success = Success::Type;
    fn try_origin(o: OO) -> Result<Success::Type, OO> {
        Ensure::try_origin(o).map(|_passed| Success::get())
    }
}

/// An origin that may be an account that signed, as transaction extensions ask.
pub trait AsSystemOriginSigner<AccountId> {
    /// The account.
    fn as_system_origin_signer(&self) -> Option<&AccountId>;
}

impl<O: OriginTrait> AsSystemOriginSigner<O::AccountId> for O {
    fn as_system_origin_signer(&self) -> Option<&O::AccountId> {
        self.as_signer()
    }
}
