//! The origins of what members decide, and checks of them.

use crate::MemberCount;
use citrate_support::traits::EnsureOrigin;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use scale_info::TypeInfo;

/// Who decided.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum RawOrigin<AccountId> {
    /// So many of so many members.
    Members(MemberCount, MemberCount),
    /// A single member.
    Member(AccountId),
}

/// Passes a single member.
#[derive(Debug)]
pub struct EnsureMember<AccountId>(PhantomData<AccountId>);

/// Passes `N` members and more.
#[derive(Debug)]
pub struct EnsureMembers<AccountId, const N: u32>(PhantomData<AccountId>);

/// Passes more than `N` of `D` parts of the members.
#[derive(Debug)]
pub struct EnsureProportionMoreThan<AccountId, const N: u32, const D: u32>(PhantomData<AccountId>);

/// Passes `N` of `D` parts of the members, and more.
#[derive(Debug)]
pub struct EnsureProportionAtLeast<AccountId, const N: u32, const D: u32>(PhantomData<AccountId>);

impl<O, AccountId> EnsureOrigin<O> for EnsureMember<AccountId>
where
    O: Into<Result<RawOrigin<AccountId>, O>> + From<RawOrigin<AccountId>>,
{
    type Success = AccountId;
    fn try_origin(o: O) -> Result<AccountId, O> {
        match o.into()? {
            RawOrigin::Member(who) => Ok(who),
            other @ RawOrigin::Members(..) => Err(O::from(other)),
        }
    }
}

impl<O, AccountId, const N: u32> EnsureOrigin<O> for EnsureMembers<AccountId, N>
where
    O: Into<Result<RawOrigin<AccountId>, O>> + From<RawOrigin<AccountId>>,
{
    type Success = (MemberCount, MemberCount);
    fn try_origin(o: O) -> Result<Self::Success, O> {
        match o.into()? {
            RawOrigin::Members(yes, seats) if yes >= N => Ok((yes, seats)),
            other => Err(O::from(other)),
        }
    }
}

/// Passes members of whose proportion `enough` holds, given `yes * D` and `N * seats`. Of no members, no part is enough.
fn try_proportion<O, AccountId>(
    o: O,
    (n, d): (u32, u32),
    enough: impl FnOnce(u64, u64) -> bool,
) -> Result<(), O>
where
    O: Into<Result<RawOrigin<AccountId>, O>> + From<RawOrigin<AccountId>>,
{
    match o.into()? {
        // Products of two 32-bit numbers fit.
        RawOrigin::Members(yes, seats)
            if yes > 0
                && enough(
                    u64::from(yes).saturating_mul(u64::from(d)),
                    u64::from(n).saturating_mul(u64::from(seats)),
                ) =>
        {
            Ok(())
        }
        other => Err(O::from(other)),
    }
}

impl<O, AccountId, const N: u32, const D: u32> EnsureOrigin<O>
    for EnsureProportionMoreThan<AccountId, N, D>
where
    O: Into<Result<RawOrigin<AccountId>, O>> + From<RawOrigin<AccountId>>,
{
    type Success = ();
    fn try_origin(o: O) -> Result<(), O> {
        try_proportion(o, (N, D), |yes, needed| yes > needed)
    }
}

impl<O, AccountId, const N: u32, const D: u32> EnsureOrigin<O>
    for EnsureProportionAtLeast<AccountId, N, D>
where
    O: Into<Result<RawOrigin<AccountId>, O>> + From<RawOrigin<AccountId>>,
{
    type Success = ();
    fn try_origin(o: O) -> Result<(), O> {
        try_proportion(o, (N, D), |yes, needed| yes >= needed)
    }
}
