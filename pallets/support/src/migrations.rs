//! Changes of a pallet's storage when the runtime is upgraded.

use crate::{
    traits::{Get, GetStorageVersion, OnRuntimeUpgrade, PalletInfoAccess, StorageVersion},
    weights::RuntimeDbWeight,
};
use citrate_core::Weight;
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
}
