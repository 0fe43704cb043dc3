//! Beginning migrations, a block's share of them, and their end.

use crate::{
    ActiveCursor, CLEARED_MAX, Config, Cursor, CursorOf, Event, Historic, HistoricCleanupSelector,
    IdentifierOf, MIGRATION_BLOCKS_MAX, MigrationCursor, Pallet, RawCursorOf,
};
use alloc::vec::Vec;
use citrate_core::{BlockNumber, Weight};
use citrate_support::{
    migrations::{
        FailedMigrationHandler, FailedMigrationHandling, MigrationStatusHandler, MultiStepMigrator,
        SteppedMigrationError, SteppedMigrations,
    },
    traits::{Get, TryRuntimeError},
    weights::WeightMeter,
};
use core::ops::ControlFlow;
use pallet_system::Pallet as System;

type Active<T> = ActiveCursor<RawCursorOf<T>, BlockNumber>;
/// What comes after a migration's share of a block: the next migration, the next block, or nothing.
type Flow<T> = ControlFlow<Option<Active<T>>, Active<T>>;

impl<T: Config> MultiStepMigrator for Pallet<T> {
    fn ongoing() -> bool {
        Cursor::<T>::exists()
    }

    fn step() -> Weight {
        let mut meter = WeightMeter::with_limit(T::MaxServiceWeight::get());
        meter.consume(T::DbWeight::get().reads_writes(1, 1));
        // A stuck cursor stays: the handler wanted it so.
        let Some(MigrationCursor::Active(mut cursor)) = Cursor::<T>::get() else {
            return meter.consumed();
        };
        // Each turn ends a migration, and one more turn ends the upgrade.
        let turns = T::Migrations::len().saturating_add(1);
        for turn in 0..turns {
            match Self::advance(cursor, turn == 0, &mut meter) {
                ControlFlow::Continue(next) => cursor = next,
                ControlFlow::Break(Some(next)) => {
                    Cursor::<T>::put(MigrationCursor::Active(next));
                    break;
                }
                ControlFlow::Break(None) => break,
            }
        }
        meter.consumed()
    }

    fn try_all() -> Result<u32, TryRuntimeError> {
        let mut steps = 0_u32;
        for index in 0..T::Migrations::len() {
            let Some(name) = Self::name(index) else { return Err("a name is too long".into()) };
            if !Historic::<T>::contains_key(&name) {
                steps = steps.saturating_add(Self::try_one(index)?);
                Historic::<T>::insert(&name, ());
            }
        }
        Cursor::<T>::kill();
        Ok(steps)
    }
}

impl<T: Config> Pallet<T> {
    /// Begins with the migrations that have not run, if there are any.
    pub(crate) fn onboard_new_mbms() -> Weight {
        match Cursor::<T>::get() {
            // The new runtime's migrations are others: the cursor means nothing to them.
            Some(MigrationCursor::Active(active)) => Self::fail(Some(active.index)),
            Some(MigrationCursor::Stuck) => Self::fail(None),
            None if Self::is_anything_left() => {
                // The upgrade begins before its block has its own number.
                let started_at = System::<T>::block_number();
                let active = ActiveCursor { index: 0, inner_cursor: None, started_at };
                Cursor::<T>::put(MigrationCursor::Active(active));
                Self::deposit_event(Event::UpgradeStarted { migrations: T::Migrations::len() });
                T::MigrationStatusHandler::started();
            }
            None => {}
        }
        Self::onboarding_weight()
    }

    fn is_anything_left() -> bool {
        let is_left = |name: IdentifierOf<T>| !Historic::<T>::contains_key(&name);
        // A name that is too long ends the upgrade with a failure, rather than never being looked at.
        (0..T::Migrations::len()).any(|index| Self::name(index).is_none_or(is_left))
    }

    fn name(index: u32) -> Option<IdentifierOf<T>> {
        T::Migrations::nth_id(index)?.try_into().ok()
    }

    /// One migration's share of this block.
    fn advance(cursor: Active<T>, is_first: bool, meter: &mut WeightMeter) -> Flow<T> {
        let now = System::<T>::block_number();
        let index = cursor.index;
        if index >= T::Migrations::len() {
            Cursor::<T>::kill();
            Self::deposit_event(Event::UpgradeCompleted);
            T::MigrationStatusHandler::completed();
            return ControlFlow::Break(None);
        }
        let following = Active::<T> {
            index: index.saturating_add(1),
            inner_cursor: None,
            // What comes next begins in this block too.
            started_at: now.saturating_sub(1),
        };
        let took = now.saturating_sub(cursor.started_at);
        let failed = || {
            Self::deposit_event(Event::MigrationFailed { index, took });
            Self::fail(Some(index));
            ControlFlow::Break(None)
        };
        let Some(name) = Self::name(index) else { return failed() };
        meter.consume(T::DbWeight::get().reads(1));
        if Historic::<T>::contains_key(&name) {
            Self::deposit_event(Event::MigrationSkipped { index });
            return ControlFlow::Continue(following);
        }
        let inner = cursor.inner_cursor.clone().map(Vec::from);
        let Some(step) = T::Migrations::nth_transactional_step(index, inner, meter) else {
            return failed();
        };
        match step {
            Ok(None) => {
                meter.consume(T::DbWeight::get().writes(1));
                Historic::<T>::insert(&name, ());
                Self::deposit_event(Event::MigrationCompleted { index, took });
                ControlFlow::Continue(following)
            }
            Ok(Some(next)) => {
                let Ok(next) = RawCursorOf::<T>::try_from(next) else { return failed() };
                if took >= Self::blocks_max(index) {
                    return failed();
                }
                Self::deposit_event(Event::MigrationAdvanced { index, took });
                // One step a block, so that blocks count steps.
                ControlFlow::Break(Some(ActiveCursor { inner_cursor: Some(next), ..cursor }))
            }
            // In a block of its own it would have no more weight.
            Err(SteppedMigrationError::InsufficientWeight { required })
                if !is_first
                    && required.all_lte(T::MaxServiceWeight::get())
                    && took < Self::blocks_max(index) =>
            {
                ControlFlow::Break(Some(cursor))
            }
            Err(_) => failed(),
        }
    }

    fn blocks_max(index: u32) -> u32 {
        T::Migrations::nth_max_steps(index).flatten().unwrap_or(MIGRATION_BLOCKS_MAX)
    }

    /// The upgrade ends here, and does not go well.
    fn fail(migration: Option<u32>) {
        Self::deposit_event(Event::UpgradeFailed);
        match T::FailedMigrationHandler::failed(migration) {
            FailedMigrationHandling::KeepStuck => Cursor::<T>::put(CursorOf::<T>::Stuck),
            FailedMigrationHandling::ForceUnstuck => Cursor::<T>::kill(),
            FailedMigrationHandling::Ignore => {}
        }
    }

    /// Runs one migration between its checks; gives the number of its steps.
    fn try_one(index: u32) -> Result<u32, TryRuntimeError> {
        let missing = "there is no such migration";
        let noted = T::Migrations::nth_pre_upgrade(index).ok_or(missing)??;
        let mut cursor = None;
        for step in 1..=Self::blocks_max(index) {
            let mut meter = WeightMeter::with_limit(T::MaxServiceWeight::get());
            let next = T::Migrations::nth_transactional_step(index, cursor, &mut meter);
            match next.ok_or(missing)? {
                Ok(None) => {
                    T::Migrations::nth_post_upgrade(index, noted).ok_or(missing)??;
                    return Ok(step);
                }
                Ok(Some(next)) => {
                    RawCursorOf::<T>::try_from(next.clone())
                        .map_err(|_long| "a cursor is too long")?;
                    cursor = Some(next);
                }
                Err(SteppedMigrationError::InsufficientWeight { .. }) => {
                    return Err("a migration's step weighs more than a block gives it".into());
                }
                Err(SteppedMigrationError::InvalidCursor) => {
                    return Err("a migration does not know its own cursor".into());
                }
                Err(SteppedMigrationError::Failed) => return Err("a migration fails".into()),
            }
        }
        Err("a migration takes more blocks than it may".into())
    }

    /// What it weighs to begin: each migration's name is looked up.
    pub(crate) fn onboarding_weight() -> Weight {
        let reads = u64::from(T::Migrations::len()).saturating_add(1);
        T::DbWeight::get().reads_writes(reads, 1)
    }

    /// What forgetting names weighs.
    pub(crate) fn clearing_weight(selector: &HistoricCleanupSelector<IdentifierOf<T>>) -> Weight {
        let names = match selector {
            HistoricCleanupSelector::Specific(names) => {
                u64::try_from(names.len()).unwrap_or(u64::MAX)
            }
            HistoricCleanupSelector::Wildcard { limit, .. } => {
                limit.unwrap_or(CLEARED_MAX).min(CLEARED_MAX).into()
            }
        };
        T::DbWeight::get().reads_writes(names.saturating_add(1), names)
    }

    /// Panics unless cursors and names fit and no two migrations have the same name.
    pub(crate) fn check_parameters() {
        let fits = |len: usize, max: u32| u32::try_from(len).is_ok_and(|len| len <= max);
        assert!(
            fits(T::Migrations::cursor_max_encoded_len(), T::CursorMaxLen::get()),
            "CursorMaxLen holds every migration's cursor"
        );
        assert!(
            fits(T::Migrations::identifier_max_encoded_len(), T::IdentifierMaxLen::get()),
            "IdentifierMaxLen holds every migration's name"
        );
        let mut names: Vec<_> = (0..T::Migrations::len()).map(T::Migrations::nth_id).collect();
        names.sort();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "migrations have different names");
        let most = T::BlockWeights::get().max_block;
        assert!(
            T::MaxServiceWeight::get().all_lte(most),
            "MaxServiceWeight is a share of what a block may weigh"
        );
    }
}
