//! A runtime with migrations that fail when they are told to.

#![expect(unreachable_pub, reason = "types of a public trait's implementation")]

use crate as pallet_migrations;
use crate::MigrationId;
use citrate_core::Weight;
use citrate_support::migrations::{
    FailedMigrationHandler, FailedMigrationHandling, MigrationStatusHandler, SteppedMigration,
    SteppedMigrationError, SteppedMigrations,
};
use citrate_support::storage::unhashed;
use citrate_support::traits::{ConstU32, TryRuntimeError};
use citrate_support::weights::WeightMeter;
use citrate_support::{construct_runtime, derive_impl, parameter_types};

/// What migrations may weigh in a block.
pub(super) const MAX_SERVICE_WEIGHT: Weight = Weight::from_parts(25, 0);

parameter_types! {
    pub const MaxServiceWeight: Weight = MAX_SERVICE_WEIGHT;
    pub static ItemWeight: Weight = Weight::from_parts(10, 0);
    pub static FailAt: Option<u32> = None;
    pub static StepsMax: Option<u32> = None;
    pub static Lose: bool = false;
    pub static Moved: u32 = 0;
    pub static Extra: bool = false;
    pub static Twice: bool = false;
    pub static Started: u32 = 0;
    pub static Completed: u32 = 0;
    pub static FailedIndex: Option<Option<u32>> = None;
    pub static Handling: Option<FailedMigrationHandling> = None;
    pub static CursorMax: u32 = 16;
}

fn key(item: u32) -> [u8; 4] {
    item.to_be_bytes()
}

/// The item, if it is as the new runtime has it.
pub(super) fn wide(item: u32) -> Option<u64> {
    unhashed::get_raw(&key(item)).filter(|value| value.len() == 8)?;
    unhashed::get(&key(item))
}

/// Makes 64 bits of each item of 32.
#[derive(Debug)]
pub struct Widen;

impl SteppedMigration for Widen {
    type Cursor = u32;
    type Identifier = MigrationId<5>;

    fn id() -> MigrationId<5> {
        MigrationId { pallet_id: *b"items", version_from: 0, version_to: 1 }
    }

    fn max_steps() -> Option<u32> {
        StepsMax::get()
    }

    fn step(
        cursor: Option<u32>,
        meter: &mut WeightMeter,
    ) -> Result<Option<u32>, SteppedMigrationError> {
        let required = ItemWeight::get();
        let mut item = cursor.unwrap_or_default();
        if meter.try_consume(required).is_err() {
            return Err(SteppedMigrationError::InsufficientWeight { required });
        }
        loop {
            let Some(value) = unhashed::get::<u32>(&key(item)) else { return Ok(None) };
            unhashed::put(&key(item), &u64::from(value));
            Moved::mutate(|moved| *moved += 1);
            if FailAt::get() == Some(item) {
                return Err(SteppedMigrationError::Failed);
            }
            item += 1;
            if !unhashed::exists(&key(item)) {
                return Ok(None);
            }
            if meter.try_consume(required).is_err() {
                return Ok(Some(item));
            }
        }
    }

    fn pre_upgrade() -> Result<Vec<u8>, TryRuntimeError> {
        let items = (0..).take_while(|item| unhashed::exists(&key(*item))).count();
        Ok(vec![u8::try_from(items).unwrap()])
    }

    fn post_upgrade(noted: Vec<u8>) -> Result<(), TryRuntimeError> {
        if Lose::get() {
            unhashed::kill(&key(0));
        }
        let all = (0..u32::from(noted[0])).all(|item| wide(item).is_some());
        if all { Ok(()) } else { Err("an item is lost".into()) }
    }
}

/// Notes that it ran.
#[derive(Debug)]
pub struct Note;

impl SteppedMigration for Note {
    type Cursor = ();
    type Identifier = (MigrationId<5>, u8);

    fn id() -> (MigrationId<5>, u8) {
        (MigrationId { pallet_id: *b"notes", version_from: 3, version_to: 4 }, 9)
    }

    fn step(
        _cursor: Option<()>,
        meter: &mut WeightMeter,
    ) -> Result<Option<()>, SteppedMigrationError> {
        let required = Weight::from_parts(10, 0);
        match meter.try_consume(required) {
            Ok(()) => Ok(None),
            Err(()) => Err(SteppedMigrationError::InsufficientWeight { required }),
        }
    }
}

/// A migration of a later runtime.
#[derive(Debug)]
pub struct Later;

impl SteppedMigration for Later {
    type Cursor = ();
    type Identifier = [u8; 4];

    fn id() -> [u8; 4] {
        *b"late"
    }

    fn step(_: Option<()>, _: &mut WeightMeter) -> Result<Option<()>, SteppedMigrationError> {
        Ok(None)
    }
}

/// The migrations of the runtime: two, or one more, or one of them twice.
#[derive(Debug)]
pub struct Chosen;

impl Chosen {
    fn with<R>(two: R, three: R, twice: R) -> R {
        match (Twice::get(), Extra::get()) {
            (true, _) => twice,
            (false, true) => three,
            (false, false) => two,
        }
    }
}

type Two = (Widen, Note);
type Three = (Widen, Note, Later);
type Same = (Widen, Widen);

impl SteppedMigrations for Chosen {
    fn len() -> u32 {
        Self::with(Two::len(), Three::len(), Same::len())
    }
    fn nth_id(n: u32) -> Option<Vec<u8>> {
        Self::with(Two::nth_id(n), Three::nth_id(n), Same::nth_id(n))
    }
    fn nth_max_steps(n: u32) -> Option<Option<u32>> {
        Three::nth_max_steps(n)
    }
    fn nth_transactional_step(
        n: u32,
        cursor: Option<Vec<u8>>,
        meter: &mut WeightMeter,
    ) -> Option<Result<Option<Vec<u8>>, SteppedMigrationError>> {
        Three::nth_transactional_step(n, cursor, meter)
    }
    fn nth_pre_upgrade(n: u32) -> Option<Result<Vec<u8>, TryRuntimeError>> {
        Three::nth_pre_upgrade(n)
    }
    fn nth_post_upgrade(n: u32, noted: Vec<u8>) -> Option<Result<(), TryRuntimeError>> {
        Three::nth_post_upgrade(n, noted)
    }
    fn cursor_max_encoded_len() -> usize {
        Three::cursor_max_encoded_len()
    }
    fn identifier_max_encoded_len() -> usize {
        Three::identifier_max_encoded_len()
    }
}

/// Counts what it is told.
#[derive(Debug)]
pub struct Told;

impl MigrationStatusHandler for Told {
    fn started() {
        Started::mutate(|count| *count += 1);
    }
    fn completed() {
        Completed::mutate(|count| *count += 1);
    }
}

impl FailedMigrationHandler for Told {
    fn failed(migration: Option<u32>) -> FailedMigrationHandling {
        FailedIndex::set(Some(migration));
        Handling::get().unwrap_or(FailedMigrationHandling::ForceUnstuck)
    }
}

construct_runtime!(
    pub enum Test {
        System: pallet_system,
        Migrations: pallet_migrations,
    }
);

#[derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
impl pallet_system::Config for Test {
    type MultiBlockMigrator = Migrations;
}

impl pallet_migrations::Config for Test {
    type Migrations = Chosen;
    type CursorMaxLen = CursorMax;
    type IdentifierMaxLen = ConstU32<32>;
    type MigrationStatusHandler = Told;
    type FailedMigrationHandler = Told;
    type MaxServiceWeight = MaxServiceWeight;
}

/// Runs `f` in block 1 of a chain that has so many items; everything else is as at first.
pub(super) fn with_items(count: u32, f: impl FnOnce()) {
    ItemWeight::set(Weight::from_parts(10, 0));
    FailAt::set(None);
    StepsMax::set(None);
    Lose::set(false);
    Extra::set(false);
    Moved::set(0);
    Handling::set(None);
    citrate_testing::new_test_ext(&RuntimeGenesisConfig::default()).execute_with(|| {
        System::set_block_number(1);
        System::reset_events();
        (0..count).for_each(|item| unhashed::put(&key(item), &item));
        f();
    });
}
