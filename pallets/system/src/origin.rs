//! Checks of who makes a call.

use citrate_support::{
    dispatch::{BadOrigin, RawOrigin},
    traits::{EnsureOrigin, OriginTrait, SortedMembers},
};
use core::marker::PhantomData;

/// The account that signed.
///
/// # Errors
/// Nobody signed.
pub fn ensure_signed<OuterOrigin, AccountId>(o: OuterOrigin) -> Result<AccountId, BadOrigin>
where
    OuterOrigin: Into<Result<RawOrigin<AccountId>, OuterOrigin>>,
{
    match o.into() {
        Ok(RawOrigin::Signed(who)) => Ok(who),
        _ => Err(BadOrigin),
    }
}

/// The account that signed, or `None` for the chain itself.
///
/// # Errors
/// It is neither.
pub fn ensure_signed_or_root<OuterOrigin, AccountId>(
    o: OuterOrigin,
) -> Result<Option<AccountId>, BadOrigin>
where
    OuterOrigin: Into<Result<RawOrigin<AccountId>, OuterOrigin>>,
{
    match o.into() {
        Ok(RawOrigin::Root) => Ok(None),
        Ok(RawOrigin::Signed(who)) => Ok(Some(who)),
        _ => Err(BadOrigin),
    }
}

/// Passes the chain itself.
///
/// # Errors
/// It is not the chain.
pub fn ensure_root<OuterOrigin, AccountId>(o: OuterOrigin) -> Result<(), BadOrigin>
where
    OuterOrigin: Into<Result<RawOrigin<AccountId>, OuterOrigin>>,
{
    match o.into() {
        Ok(RawOrigin::Root) => Ok(()),
        _ => Err(BadOrigin),
    }
}

/// Passes nobody: inherents and unsigned calls.
///
/// # Errors
/// It is somebody.
pub fn ensure_none<OuterOrigin, AccountId>(o: OuterOrigin) -> Result<(), BadOrigin>
where
    OuterOrigin: Into<Result<RawOrigin<AccountId>, OuterOrigin>>,
{
    match o.into() {
        Ok(RawOrigin::None) => Ok(()),
        _ => Err(BadOrigin),
    }
}

/// Passes calls that a pallet has found due.
///
/// # Errors
/// It is not such a call.
pub fn ensure_authorized<OuterOrigin, AccountId>(o: OuterOrigin) -> Result<(), BadOrigin>
where
    OuterOrigin: Into<Result<RawOrigin<AccountId>, OuterOrigin>>,
{
    match o.into() {
        Ok(RawOrigin::Authorized) => Ok(()),
        _ => Err(BadOrigin),
    }
}

/// Passes the chain itself.
#[derive(Debug)]
pub struct EnsureRoot<AccountId>(PhantomData<AccountId>);

impl<O: OriginTrait<AccountId = AccountId>, AccountId> EnsureOrigin<O> for EnsureRoot<AccountId> {
    type Success = ();
    fn try_origin(o: O) -> Result<(), O> {
        match o.as_system_ref() {
            Some(RawOrigin::Root) => Ok(()),
            _ => Err(o),
        }
    }
}

/// Passes accounts that signed.
#[derive(Debug)]
pub struct EnsureSigned<AccountId>(PhantomData<AccountId>);

impl<O, AccountId: Clone> EnsureOrigin<O> for EnsureSigned<AccountId>
where
    O: OriginTrait<AccountId = AccountId>,
{
    type Success = AccountId;
    fn try_origin(o: O) -> Result<AccountId, O> {
        match o.as_signer().cloned() {
            Some(who) => Ok(who),
            None => Err(o),
        }
    }
}

/// Passes the accounts of a list.
#[derive(Debug)]
pub struct EnsureSignedBy<Who, AccountId>(PhantomData<(Who, AccountId)>);

impl<O, Who, AccountId> EnsureOrigin<O> for EnsureSignedBy<Who, AccountId>
where
    O: OriginTrait<AccountId = AccountId>,
    Who: SortedMembers<AccountId>,
    AccountId: Clone + Ord,
{
    type Success = AccountId;
    fn try_origin(o: O) -> Result<AccountId, O> {
        match o.as_signer().filter(|who| Who::contains(who)).cloned() {
            Some(who) => Ok(who),
            None => Err(o),
        }
    }
}

/// Passes nobody: inherents and unsigned calls.
#[derive(Debug)]
pub struct EnsureNone<AccountId>(PhantomData<AccountId>);

impl<O: OriginTrait<AccountId = AccountId>, AccountId> EnsureOrigin<O> for EnsureNone<AccountId> {
    type Success = ();
    fn try_origin(o: O) -> Result<(), O> {
        match o.as_system_ref() {
            Some(RawOrigin::None) => Ok(()),
            _ => Err(o),
        }
    }
}
