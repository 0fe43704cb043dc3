//! Migrations that take several blocks, a step in each, while no transaction is executed.
//!
//! In the first block of a new runtime the pallet looks whether one of `Config::Migrations` has not run on this chain yet.
//! If so, blocks are *closed* from this one on: they have inherents and hooks, and a step of a migration within
//! `Config::MaxServiceWeight`, but no transactions. What authors proposed meanwhile is skipped with `ExhaustsResources` and
//! returns to the pools of nodes, which wait for the first open block; see `docs/guides/migrations.md`. Events tell
//! how far it is. A migration that ended is remembered by its name for good, and does not run again.
//!
//! A migration that fails, or takes more blocks than it may, ends the upgrade; `Config::FailedMigrationHandler` says what becomes
//! of the chain. `citrate try-upgrade` finds that out before.
//!
//! INVARIANT: there is a cursor exactly while blocks are closed.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod progress;
#[cfg(test)]
mod tests;

pub use pallet::*;

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// LIMIT: in how many blocks a migration must be done that names no number itself: half a day of half seconds. Without a
/// limit, one that never ends would keep transactions out for good.
pub const MIGRATION_BLOCKS_MAX: u32 = 86_400;

/// LIMIT: names that one call of `clear_historic` removes.
pub const CLEARED_MAX: u32 = 256;

/// A name that is unique in time: of a pallet, and of the versions of its storage before and after.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct MigrationId<const N: usize> {
    /// The pallet.
    pub pallet_id: [u8; N],
    /// The version that the migration begins with.
    pub version_from: u8,
    /// The version that it leaves.
    pub version_to: u8,
}

/// How far the migrations are.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum MigrationCursor<Cursor, BlockNumber> {
    /// They go on.
    Active(ActiveCursor<Cursor, BlockNumber>),
    /// One failed, and nothing goes on.
    Stuck,
}

/// Where the migrations go on.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ActiveCursor<Cursor, BlockNumber> {
    /// The number of the migration.
    pub index: u32,
    /// Where it goes on; none before its first step.
    pub inner_cursor: Option<Cursor>,
    /// The block before its first one.
    pub started_at: BlockNumber,
}

/// Which names of past migrations are forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum HistoricCleanupSelector<Id> {
    /// These.
    Specific(
        /// The names.
        Vec<Id>,
    ),
    /// All, a part at a time.
    Wildcard {
        /// At most so many.
        limit: Option<u32>,
        /// Where the call before stopped.
        previous_cursor: Option<Vec<u8>>,
    },
}

/// The pallet: a cursor, the names of what has run, and calls for root.
#[citrate_support::pallet]
pub mod pallet {
    use crate::{ActiveCursor, CLEARED_MAX, HistoricCleanupSelector, MigrationCursor};
    use citrate_support::migrations::{
        FailedMigrationHandler, MigrationStatusHandler, MultiStepMigrator, SteppedMigrations,
    };
    use citrate_support::pallet_prelude::*;
    use pallet_system::pallet_prelude::*;

    /// An encoded cursor of a migration.
    pub type RawCursorOf<T> = BoundedVec<u8, <T as Config>::CursorMaxLen>;
    /// An encoded name of a migration.
    pub type IdentifierOf<T> = BoundedVec<u8, <T as Config>::IdentifierMaxLen>;
    /// How far the migrations are.
    pub type CursorOf<T> = MigrationCursor<RawCursorOf<T>, BlockNumberFor<T>>;

    /// What the pallet needs from the runtime.
    #[pallet::config]
    pub trait Config: pallet_system::Config {
        /// The migrations of this runtime, in order. One that has run does nothing any more and can be left out.
        type Migrations: SteppedMigrations;

        /// The bytes of the longest cursor.
        #[pallet::constant]
        type CursorMaxLen: Get<u32>;

        /// The bytes of the longest name.
        #[pallet::constant]
        type IdentifierMaxLen: Get<u32>;

        /// Told when migrations begin and end.
        type MigrationStatusHandler: MigrationStatusHandler;

        /// Decides what becomes of the chain when one failed.
        type FailedMigrationHandler: FailedMigrationHandler;

        /// What migrations may weigh in a block: a share of what a block may.
        #[pallet::constant]
        type MaxServiceWeight: Get<Weight>;
    }

    /// The pallet's type.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// How far the migrations are; none if blocks are open.
    #[pallet::storage]
    pub type Cursor<T: Config> = StorageValue<_, CursorOf<T>, OptionQuery>;

    /// The names of all migrations that have run.
    #[pallet::storage]
    pub type Historic<T: Config> = StorageMap<_, Twox64Concat, IdentifierOf<T>, (), OptionQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Migrations begin: blocks have no transactions.
        UpgradeStarted {
            /// How many there are, with those that have run before.
            migrations: u32,
        },
        /// All migrations are through; the next block has transactions again.
        UpgradeCompleted,
        /// The migrations ended without being through.
        UpgradeFailed,
        /// A migration has run before.
        MigrationSkipped {
            /// Its number.
            index: u32,
        },
        /// A migration did a step and is not through.
        MigrationAdvanced {
            /// Its number.
            index: u32,
            /// In how many blocks so far.
            took: BlockNumberFor<T>,
        },
        /// A migration is through.
        MigrationCompleted {
            /// Its number.
            index: u32,
            /// In how many blocks.
            took: BlockNumberFor<T>,
        },
        /// A migration failed.
        MigrationFailed {
            /// Its number.
            index: u32,
            /// After how many blocks.
            took: BlockNumberFor<T>,
        },
        /// Names of past migrations were forgotten.
        HistoricCleared {
            /// Where the next call goes on; none if all are gone.
            next_cursor: Option<Vec<u8>>,
        },
    }

    /// Why a call failed.
    #[pallet::error]
    pub enum Error<T> {
        /// Migrations are under way.
        Ongoing,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_runtime_upgrade() -> Weight {
            Self::onboard_new_mbms()
        }

        fn integrity_test() {
            Self::check_parameters();
        }

        fn try_state(
            _n: BlockNumberFor<T>,
        ) -> Result<(), citrate_support::traits::TryRuntimeError> {
            match Cursor::<T>::get() {
                Some(MigrationCursor::Active(ActiveCursor { index, .. }))
                    if index > T::Migrations::len() =>
                {
                    Err("the cursor is of a migration that this runtime does not have".into())
                }
                _ => Ok(()),
            }
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the cursor, or takes it away, which opens blocks again. For emergencies: it may leave a state of which a
        /// part is migrated.
        #[pallet::call_index(0)]
        #[pallet::weight((T::DbWeight::get().writes(1), DispatchClass::Operational))]
        pub fn force_set_cursor(
            origin: OriginFor<T>,
            cursor: Option<CursorOf<T>>,
        ) -> DispatchResult {
            ensure_root(origin)?;
            Cursor::<T>::set(cursor);
            Ok(())
        }

        /// Sets the cursor to a place in a migration. Without `started_at` it is as if the migration began in this block.
        #[pallet::call_index(1)]
        #[pallet::weight((T::DbWeight::get().writes(1), DispatchClass::Operational))]
        pub fn force_set_active_cursor(
            origin: OriginFor<T>,
            index: u32,
            inner_cursor: Option<RawCursorOf<T>>,
            started_at: Option<BlockNumberFor<T>>,
        ) -> DispatchResult {
            ensure_root(origin)?;
            let started_at = started_at.unwrap_or_else(pallet_system::Pallet::<T>::block_number);
            let active = ActiveCursor { index, inner_cursor, started_at };
            Cursor::<T>::put(MigrationCursor::Active(active));
            Ok(())
        }

        /// Begins with all migrations that have not run, as an upgrade does.
        #[pallet::call_index(2)]
        #[pallet::weight((Pallet::<T>::onboarding_weight(), DispatchClass::Operational))]
        pub fn force_onboard_mbms(origin: OriginFor<T>) -> DispatchResult {
            ensure_root(origin)?;
            ensure!(!Self::ongoing(), Error::<T>::Ongoing);
            Self::onboard_new_mbms();
            Ok(())
        }

        /// Forgets names of past migrations. A migration whose name is forgotten runs again if the runtime still has it.
        #[pallet::call_index(3)]
        #[pallet::weight((Pallet::<T>::clearing_weight(selector), DispatchClass::Operational))]
        pub fn clear_historic(
            origin: OriginFor<T>,
            selector: HistoricCleanupSelector<IdentifierOf<T>>,
        ) -> DispatchResult {
            ensure_root(origin)?;
            let next_cursor = match selector {
                HistoricCleanupSelector::Specific(names) => {
                    names.iter().for_each(Historic::<T>::remove);
                    None
                }
                HistoricCleanupSelector::Wildcard { limit, previous_cursor } => {
                    let limit = limit.unwrap_or(CLEARED_MAX).min(CLEARED_MAX);
                    Historic::<T>::clear(limit, previous_cursor.as_deref()).maybe_cursor
                }
            };
            Self::deposit_event(Event::HistoricCleared { next_cursor });
            Ok(())
        }
    }
}
