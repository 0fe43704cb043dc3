//! Migrations that run within one block.

use crate::{
    traits::{
        Get, GetStorageVersion, OnRuntimeUpgrade, PalletInfoAccess, StorageVersion, TryRuntimeError,
    },
    weights::RuntimeDbWeight,
};
use alloc::vec::Vec;
use citrate_core::Weight;
use codec::{Decode, Encode};
use core::marker::PhantomData;

/// A migration that runs if the state has version `FROM`, and leaves version `TO`.
#[derive(Debug)]
pub struct VersionedMigration<const FROM: u16, const TO: u16, Inner, Pallet, DbWeight>(
    PhantomData<(Inner, Pallet, DbWeight)>,
);

/// The change itself, without the check of versions.
pub trait UncheckedOnRuntimeUpgrade {
    /// Migrates storage and returns what it weighed.
    fn on_runtime_upgrade() -> Weight {
        Weight::zero()
    }

    /// Notes what [`Self::post_upgrade`] compares with.
    ///
    /// # Errors
    /// The state is not what the migration expects.
    fn pre_upgrade() -> Result<Vec<u8>, TryRuntimeError> {
        Ok(Vec::new())
    }

    /// Checks what the migration made.
    ///
    /// # Errors
    /// The migration is wrong.
    fn post_upgrade(_noted: Vec<u8>) -> Result<(), TryRuntimeError> {
        Ok(())
    }
}

impl UncheckedOnRuntimeUpgrade for () {}

impl<const FROM: u16, const TO: u16, Inner, Pallet, DbWeight> OnRuntimeUpgrade
    for VersionedMigration<FROM, TO, Inner, Pallet, DbWeight>
where
    Inner: UncheckedOnRuntimeUpgrade,
    Pallet: GetStorageVersion<InCodeStorageVersion = StorageVersion> + PalletInfoAccess,
    DbWeight: Get<RuntimeDbWeight>,
{
    fn on_runtime_upgrade() -> Weight {
        if Pallet::on_chain_storage_version() != FROM {
            return DbWeight::get().reads(1);
        }
        let weight = Inner::on_runtime_upgrade();
        StorageVersion::new(TO).put::<Pallet>();
        weight.saturating_add(DbWeight::get().reads_writes(1, 1))
    }

    fn pre_upgrade() -> Result<Vec<u8>, TryRuntimeError> {
        let due = Pallet::on_chain_storage_version() == FROM;
        let noted = if due { Some(Inner::pre_upgrade()?) } else { None };
        Ok(noted.encode())
    }

    fn post_upgrade(noted: Vec<u8>) -> Result<(), TryRuntimeError> {
        let noted = Option::<Vec<u8>>::decode(&mut noted.as_slice())
            .map_err(|_error| "what a migration noted does not decode")?;
        match noted {
            None => Ok(()),
            Some(_) if Pallet::on_chain_storage_version() != TO => {
                Err("a migration did not leave its version".into())
            }
            Some(noted) => Inner::post_upgrade(noted),
        }
    }
}
