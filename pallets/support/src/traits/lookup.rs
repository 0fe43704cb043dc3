//! From addresses in extrinsics to accounts.

use crate::dispatch::{LookupError, Parameter};
use citrate_core::MultiAddress;
use core::{fmt::Debug, marker::PhantomData};

/// Resolves addresses with the help of a value.
pub trait Lookup {
    /// The address.
    type Source;
    /// What it stands for.
    type Target;
    /// Resolves an address.
    ///
    /// # Errors
    /// It stands for nothing.
    fn lookup(&self, source: Self::Source) -> Result<Self::Target, LookupError>;
}

/// Resolves addresses with the help of the state.
pub trait StaticLookup {
    /// The address.
    type Source: Parameter + Debug;
    /// What it stands for.
    type Target;
    /// Resolves an address.
    ///
    /// # Errors
    /// It stands for nothing.
    fn lookup(source: Self::Source) -> Result<Self::Target, LookupError>;
    /// The address of a target.
    fn unlookup(target: Self::Target) -> Self::Source;
}

/// Addresses are the accounts themselves.
#[derive(Debug)]
pub struct IdentityLookup<T>(PhantomData<T>);

impl<T> Default for IdentityLookup<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T: Parameter + Debug> StaticLookup for IdentityLookup<T> {
    type Source = T;
    type Target = T;
    fn lookup(source: T) -> Result<T, LookupError> {
        Ok(source)
    }
    fn unlookup(target: T) -> T {
        target
    }
}

impl<T> Lookup for IdentityLookup<T> {
    type Source = T;
    type Target = T;
    fn lookup(&self, source: T) -> Result<T, LookupError> {
        Ok(source)
    }
}

/// Addresses are [`MultiAddress`]es, of which only accounts resolve.
#[derive(Debug)]
pub struct AccountIdLookup<AccountId, AccountIndex>(PhantomData<(AccountId, AccountIndex)>);

impl<AccountId, AccountIndex> Default for AccountIdLookup<AccountId, AccountIndex> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<AccountId, AccountIndex> StaticLookup for AccountIdLookup<AccountId, AccountIndex>
where
    AccountId: Debug,
    MultiAddress<AccountId, AccountIndex>: Parameter,
{
    type Source = MultiAddress<AccountId, AccountIndex>;
    type Target = AccountId;
    fn lookup(source: Self::Source) -> Result<AccountId, LookupError> {
        match source {
            MultiAddress::Id(account) => Ok(account),
            _ => Err(LookupError),
        }
    }
    fn unlookup(target: AccountId) -> Self::Source {
        MultiAddress::Id(target)
    }
}

impl<AccountId, AccountIndex> Lookup for AccountIdLookup<AccountId, AccountIndex> {
    type Source = MultiAddress<AccountId, AccountIndex>;
    type Target = AccountId;
    fn lookup(&self, source: Self::Source) -> Result<AccountId, LookupError> {
        match source {
            MultiAddress::Id(account) => Ok(account),
            _ => Err(LookupError),
        }
    }
}
