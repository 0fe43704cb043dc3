//! Migrations that take several blocks.

use crate::{
    storage::{TransactionOutcome, with_transaction_unchecked},
    traits::TryRuntimeError,
    weights::WeightMeter,
};
use alloc::vec::Vec;
use citrate_core::Weight;
use codec::{DecodeAll, Encode, FullCodec, MaxEncodedLen};
use impl_trait_for_tuples::impl_for_tuples;

/// A migration that goes on over several blocks: a step in each.
///
/// Between its steps the hooks of all pallets run, on a state of which a part is migrated. No transaction does.
pub trait SteppedMigration {
    /// Where the next step goes on.
    type Cursor: FullCodec + MaxEncodedLen;

    /// The migration's name, unique for all time: a migration runs once.
    type Identifier: FullCodec + MaxEncodedLen;

    /// The migration's name.
    fn id() -> Self::Identifier;

    /// In how many blocks it must be done; otherwise it has failed. Without a number it is as many as the pallet
    /// that runs migrations allows.
    fn max_steps() -> Option<u32> {
        None
    }

    /// Does as much as the meter allows and says where to go on; `None` is the end. The first step has no cursor.
    ///
    /// What a failing step changed is undone.
    ///
    /// # Errors
    /// See [`SteppedMigrationError`].
    fn step(
        cursor: Option<Self::Cursor>,
        meter: &mut WeightMeter,
    ) -> Result<Option<Self::Cursor>, SteppedMigrationError>;

    /// As [`Self::step`], undone if it fails. What it consumed of the meter stays consumed.
    ///
    /// # Errors
    /// Those of the step.
    fn transactional_step(
        cursor: Option<Self::Cursor>,
        meter: &mut WeightMeter,
    ) -> Result<Option<Self::Cursor>, SteppedMigrationError> {
        with_transaction_unchecked(|| match Self::step(cursor, meter) {
            Ok(next) => TransactionOutcome::Commit(Ok(next)),
            Err(error) => TransactionOutcome::Rollback(Err(error)),
        })
    }

    /// Notes, before the first step, what [`Self::post_upgrade`] compares with. For trials only.
    ///
    /// # Errors
    /// The state is not what the migration expects.
    fn pre_upgrade() -> Result<Vec<u8>, TryRuntimeError> {
        Ok(Vec::new())
    }

    /// Checks what the migration made, with what [`Self::pre_upgrade`] noted. For trials only.
    ///
    /// # Errors
    /// The migration is wrong.
    fn post_upgrade(_noted: Vec<u8>) -> Result<(), TryRuntimeError> {
        Ok(())
    }
}

/// Why a step did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SteppedMigrationError {
    /// There is too little weight left in this block. It is tried again in the next one, unless no block has so much.
    InsufficientWeight {
        /// What the step needs at least.
        required: Weight,
    },
    /// The cursor is not one of this migration's.
    InvalidCursor,
    /// The migration cannot go on.
    Failed,
}

/// Several migrations, one after the other; a tuple of [`SteppedMigration`]s is one.
pub trait SteppedMigrations {
    /// How many there are.
    fn len() -> u32;

    /// The encoded name of one.
    fn nth_id(n: u32) -> Option<Vec<u8>>;

    /// In how many blocks one must be done; see [`SteppedMigration::max_steps`].
    fn nth_max_steps(n: u32) -> Option<Option<u32>>;

    /// A step of one, from an encoded cursor to another; undone if it fails.
    fn nth_transactional_step(
        n: u32,
        cursor: Option<Vec<u8>>,
        meter: &mut WeightMeter,
    ) -> Option<Result<Option<Vec<u8>>, SteppedMigrationError>>;

    /// What one notes before its first step. For trials only.
    fn nth_pre_upgrade(n: u32) -> Option<Result<Vec<u8>, TryRuntimeError>>;

    /// The check of one after its last step. For trials only.
    fn nth_post_upgrade(n: u32, noted: Vec<u8>) -> Option<Result<(), TryRuntimeError>>;

    /// The bytes of the longest cursor.
    fn cursor_max_encoded_len() -> usize;

    /// The bytes of the longest name.
    fn identifier_max_encoded_len() -> usize;
}

impl SteppedMigrations for () {
    fn len() -> u32 {
        0
    }

    fn nth_id(_n: u32) -> Option<Vec<u8>> {
        None
    }

    fn nth_max_steps(_n: u32) -> Option<Option<u32>> {
        None
    }

    fn nth_transactional_step(
        _n: u32,
        _cursor: Option<Vec<u8>>,
        _meter: &mut WeightMeter,
    ) -> Option<Result<Option<Vec<u8>>, SteppedMigrationError>> {
        None
    }

    fn nth_pre_upgrade(_n: u32) -> Option<Result<Vec<u8>, TryRuntimeError>> {
        None
    }

    fn nth_post_upgrade(_n: u32, _noted: Vec<u8>) -> Option<Result<(), TryRuntimeError>> {
        None
    }

    fn cursor_max_encoded_len() -> usize {
        0
    }

    fn identifier_max_encoded_len() -> usize {
        0
    }
}

impl<T: SteppedMigration> SteppedMigrations for T {
    fn len() -> u32 {
        1
    }

    fn nth_id(n: u32) -> Option<Vec<u8>> {
        (n == 0).then(|| T::id().encode())
    }

    fn nth_max_steps(n: u32) -> Option<Option<u32>> {
        (n == 0).then(T::max_steps)
    }

    fn nth_transactional_step(
        n: u32,
        cursor: Option<Vec<u8>>,
        meter: &mut WeightMeter,
    ) -> Option<Result<Option<Vec<u8>>, SteppedMigrationError>> {
        if n != 0 {
            return None;
        }
        let cursor = cursor.map(|bytes| T::Cursor::decode_all(&mut &bytes[..])).transpose();
        Some(match cursor {
            Ok(cursor) => {
                T::transactional_step(cursor, meter).map(|next| next.map(|cursor| cursor.encode()))
            }
            Err(_) => Err(SteppedMigrationError::InvalidCursor),
        })
    }

    fn nth_pre_upgrade(n: u32) -> Option<Result<Vec<u8>, TryRuntimeError>> {
        (n == 0).then(T::pre_upgrade)
    }

    fn nth_post_upgrade(n: u32, noted: Vec<u8>) -> Option<Result<(), TryRuntimeError>> {
        (n == 0).then(|| T::post_upgrade(noted))
    }

    fn cursor_max_encoded_len() -> usize {
        T::Cursor::max_encoded_len()
    }

    fn identifier_max_encoded_len() -> usize {
        T::Identifier::max_encoded_len()
    }
}

// Each function finds the item that the number falls to, and asks it with the number among its own.
#[impl_for_tuples(1, 30)]
impl SteppedMigrations for Tuple {
    for_tuples!( where #( Tuple: SteppedMigrations )* );

    fn len() -> u32 {
        let mut len = 0_u32;
        for_tuples!( #( len = len.saturating_add(Tuple::len()); )* );
        len
    }

    fn nth_id(mut n: u32) -> Option<Vec<u8>> {
        for_tuples!( #(
            let len = Tuple::len();
            if n < len {
                return Tuple::nth_id(n);
            }
            n = n.saturating_sub(len);
        )* );
        let _ = n;
        None
    }

    fn nth_max_steps(mut n: u32) -> Option<Option<u32>> {
        for_tuples!( #(
            let len = Tuple::len();
            if n < len {
                return Tuple::nth_max_steps(n);
            }
            n = n.saturating_sub(len);
        )* );
        let _ = n;
        None
    }

    fn nth_transactional_step(
        mut n: u32,
        cursor: Option<Vec<u8>>,
        meter: &mut WeightMeter,
    ) -> Option<Result<Option<Vec<u8>>, SteppedMigrationError>> {
        for_tuples!( #(
            let len = Tuple::len();
            if n < len {
                return Tuple::nth_transactional_step(n, cursor, meter);
            }
            n = n.saturating_sub(len);
        )* );
        let _ = n;
        None
    }

    fn nth_pre_upgrade(mut n: u32) -> Option<Result<Vec<u8>, TryRuntimeError>> {
        for_tuples!( #(
            let len = Tuple::len();
            if n < len {
                return Tuple::nth_pre_upgrade(n);
            }
            n = n.saturating_sub(len);
        )* );
        let _ = n;
        None
    }

    fn nth_post_upgrade(mut n: u32, noted: Vec<u8>) -> Option<Result<(), TryRuntimeError>> {
        for_tuples!( #(
            let len = Tuple::len();
            if n < len {
                return Tuple::nth_post_upgrade(n, noted);
            }
            n = n.saturating_sub(len);
        )* );
        let _ = n;
        None
    }

    fn cursor_max_encoded_len() -> usize {
        let mut len = 0;
        for_tuples!( #( len = len.max(Tuple::cursor_max_encoded_len()); )* );
        len
    }

    fn identifier_max_encoded_len() -> usize {
        let mut len = 0;
        for_tuples!( #( len = len.max(Tuple::identifier_max_encoded_len()); )* );
        len
    }
}

/// Who runs migrations over several blocks; the executive asks it in every block.
pub trait MultiStepMigrator {
    /// Whether a migration is under way. Blocks have no transactions then.
    fn ongoing() -> bool;

    /// Goes on with it, after the inherents of a block; gives what that weighed.
    fn step() -> Weight;

    /// Begins as an upgrade does and runs all migrations to their end, each between its checks; gives the number of
    /// steps. For trials only.
    ///
    /// # Errors
    /// A check fails, a migration fails, or the end is not reached.
    fn try_all() -> Result<u32, TryRuntimeError> {
        Ok(0)
    }
}

impl MultiStepMigrator for () {
    fn ongoing() -> bool {
        false
    }

    fn step() -> Weight {
        Weight::zero()
    }
}

/// Told when migrations begin and end.
pub trait MigrationStatusHandler {
    /// They began.
    fn started() {}

    /// They are through.
    fn completed() {}
}

#[impl_for_tuples(8)]
impl MigrationStatusHandler for Tuple {
    fn started() {
        for_tuples!( #( Tuple::started(); )* );
    }

    fn completed() {
        for_tuples!( #( Tuple::completed(); )* );
    }
}

/// What becomes of the chain when a migration failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailedMigrationHandling {
    /// The migrations are given up, and transactions are executed again, on a state of which a part is migrated.
    ForceUnstuck,
    /// Nothing goes on: blocks have no transactions for good.
    KeepStuck,
    /// The handler did what there is to do.
    Ignore,
}

/// Decides what becomes of the chain when a migration failed.
pub trait FailedMigrationHandler {
    /// The migration of this number failed, or it is not known which one.
    fn failed(migration: Option<u32>) -> FailedMigrationHandling;
}

/// Keeps transactions out for good: only a fork of the chain helps.
#[derive(Debug)]
pub struct FreezeChainOnFailedMigration;

impl FailedMigrationHandler for FreezeChainOnFailedMigration {
    fn failed(_migration: Option<u32>) -> FailedMigrationHandling {
        FailedMigrationHandling::KeepStuck
    }
}

/// Gives the migrations up and lets transactions in again, so that whoever governs the chain can mend the state.
#[derive(Debug)]
pub struct ForceUnstuckOnFailedMigration;

impl FailedMigrationHandler for ForceUnstuckOnFailedMigration {
    fn failed(_migration: Option<u32>) -> FailedMigrationHandling {
        FailedMigrationHandling::ForceUnstuck
    }
}
