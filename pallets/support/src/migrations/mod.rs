//! Changes of a pallet's storage when the runtime is upgraded.
//!
//! What fits into one block is a [`VersionedMigration`]. What does not is a [`SteppedMigration`], which
//! `pallet-migrations` runs a step a block; until it is through, blocks have no transactions.

mod stepped;
mod versioned;

pub use stepped::{
    FailedMigrationHandler, FailedMigrationHandling, ForceUnstuckOnFailedMigration,
    FreezeChainOnFailedMigration, MigrationStatusHandler, MultiStepMigrator, SteppedMigration,
    SteppedMigrationError, SteppedMigrations,
};
pub use versioned::{UncheckedOnRuntimeUpgrade, VersionedMigration};
