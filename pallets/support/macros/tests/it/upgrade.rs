//! Migrations on trial, and checks of the state.

use crate::{
    demo,
    runtime::{AllPalletsWithSystem, Demo, Runtime},
};
use framework::{
    migrations::{UncheckedOnRuntimeUpgrade, VersionedMigration},
    traits::{GetStorageVersion, OnRuntimeUpgrade, StorageVersion, TryRuntimeError, TryState},
    weights::Weight,
};

/// Doubles the number, or is wrong and does not.
struct Double<const RIGHT: bool>;

impl<const RIGHT: bool> UncheckedOnRuntimeUpgrade for Double<RIGHT> {
    fn on_runtime_upgrade() -> Weight {
        demo::Number::<Runtime>::mutate(|number| *number *= if RIGHT { 2 } else { 3 });
        Weight::from_parts(5, 0)
    }

    fn pre_upgrade() -> Result<Vec<u8>, TryRuntimeError> {
        Ok(vec![u8::try_from(demo::Number::<Runtime>::get()).expect("it is small")])
    }

    fn post_upgrade(noted: Vec<u8>) -> Result<(), TryRuntimeError> {
        let doubled = demo::Number::<Runtime>::get() == 2 * u32::from(noted[0]);
        if doubled { Ok(()) } else { Err("not doubled".into()) }
    }
}

type Migration<const RIGHT: bool> = VersionedMigration<2, 3, Double<RIGHT>, Demo, ()>;

#[test]
fn a_migration_runs_once_between_its_checks() {
    citrate_testing::TestExternalities::new().execute_with(|| {
        StorageVersion::new(2).put::<Demo>();
        demo::Number::<Runtime>::put(4);
        // As one of several: each has its own notes.
        let both = <(Migration<true>, Migration<false>)>::try_on_runtime_upgrade();
        assert_eq!(both, Ok(Weight::from_parts(5, 0)), "the second is not due any more");
        assert_eq!(demo::Number::<Runtime>::get(), 8);
        assert_eq!(Demo::on_chain_storage_version(), StorageVersion::new(3));
        StorageVersion::new(2).put::<Demo>();
        let wrong = Migration::<false>::try_on_runtime_upgrade();
        assert_eq!(wrong, Err("not doubled".into()));
    });
}

#[test]
fn a_pallets_check_reaches_the_runtime() {
    citrate_testing::TestExternalities::new().execute_with(|| {
        demo::Number::<Runtime>::put(3);
        assert_eq!(AllPalletsWithSystem::try_state(1), Ok(()));
        demo::Number::<Runtime>::put(1_000);
        assert_eq!(AllPalletsWithSystem::try_state(1), Err("the number is above its limit".into()));
    });
}
