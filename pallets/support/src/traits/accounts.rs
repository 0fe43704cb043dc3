//! What happens when accounts come and go.

use citrate_core::DispatchError;
use impl_trait_for_tuples::impl_for_tuples;

/// Told of accounts that come into being.
#[impl_for_tuples(16)]
pub trait OnNewAccount<AccountId> {
    /// `who` has come into being.
    fn on_new_account(who: &AccountId);
}

/// Told of accounts that are gone.
#[impl_for_tuples(16)]
pub trait OnKilledAccount<AccountId> {
    /// `who` is gone.
    fn on_killed_account(who: &AccountId);
}

/// Creates and kills something identified by `T`.
pub trait HandleLifetime<T> {
    /// Creates it.
    ///
    /// # Errors
    /// It cannot be created.
    fn created(_t: &T) -> Result<(), DispatchError> {
        Ok(())
    }
    /// Kills it.
    ///
    /// # Errors
    /// It is still needed.
    fn killed(_t: &T) -> Result<(), DispatchError> {
        Ok(())
    }
}

impl<T> HandleLifetime<T> for () {}
