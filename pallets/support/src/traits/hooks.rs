//! What a pallet does around blocks and upgrades.

use alloc::vec::Vec;
use citrate_core::Weight;
use impl_trait_for_tuples::impl_for_tuples;

/// Work at the start of every block.
pub trait OnInitialize<BlockNumber> {
    /// Runs before the first extrinsic and returns what it weighed.
    fn on_initialize(_n: BlockNumber) -> Weight {
        Weight::zero()
    }
}

#[impl_for_tuples(32)]
impl<BlockNumber: Clone> OnInitialize<BlockNumber> for Tuple {
    fn on_initialize(n: BlockNumber) -> Weight {
        let mut weight = Weight::zero();
        for_tuples!( #( weight = weight.saturating_add(Tuple::on_initialize(n.clone())); )* );
        weight
    }
}

/// Work at the end of every block.
#[impl_for_tuples(32)]
pub trait OnFinalize<BlockNumber: Clone> {
    /// Runs after the last extrinsic; its weight is part of `on_initialize`'s.
    fn on_finalize(_n: BlockNumber) {}
}

/// Work that can wait, done when a block has weight left.
pub trait OnIdle<BlockNumber> {
    /// Runs before `on_finalize` with the weight that is left, and returns what it used.
    fn on_idle(_n: BlockNumber, _remaining_weight: Weight) -> Weight {
        Weight::zero()
    }
}

#[impl_for_tuples(32)]
impl<BlockNumber: Copy + Into<u32>> OnIdle<BlockNumber> for Tuple {
    fn on_idle(n: BlockNumber, remaining_weight: Weight) -> Weight {
        // The first pallet rotates with the block number, so that none is starved.
        let functions: &[fn(BlockNumber, Weight) -> Weight] =
            &[for_tuples!( #( Tuple::on_idle ),* )];
        let count = functions.len().max(1);
        let start = usize::try_from(n.into()).unwrap_or(0) % count;
        let mut used = Weight::zero();
        for function in functions.iter().cycle().skip(start).take(functions.len()) {
            let left = remaining_weight.saturating_sub(used);
            used = used.saturating_add(function(n, left));
        }
        used
    }
}

/// Work that can wait, done after the inherents while no migration runs.
#[impl_for_tuples(32)]
pub trait OnPoll<BlockNumber: Clone> {
    /// Runs after the inherents.
    fn on_poll(_n: BlockNumber, _weight: &mut crate::weights::WeightMeter) {}
}

/// Work after the last extrinsic of a block and before `on_idle`.
#[impl_for_tuples(32)]
pub trait PostTransactions {
    /// Runs after the last extrinsic.
    fn post_transactions() {}
}

/// Why a check of a state fails.
pub type TryRuntimeError = citrate_core::DispatchError;

/// Work in the first block of a new runtime.
pub trait OnRuntimeUpgrade {
    /// Migrates storage and returns what it weighed.
    fn on_runtime_upgrade() -> Weight {
        Weight::zero()
    }

    /// Notes, before the migration, what [`Self::post_upgrade`] compares with. For trials only.
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

    /// Migrates between both checks, one item of a tuple after the other.
    ///
    /// # Errors
    /// Those of the checks.
    fn try_on_runtime_upgrade() -> Result<Weight, TryRuntimeError> {
        let noted = Self::pre_upgrade()?;
        let weight = Self::on_runtime_upgrade();
        Self::post_upgrade(noted)?;
        Ok(weight)
    }
}

#[impl_for_tuples(32)]
impl OnRuntimeUpgrade for Tuple {
    fn on_runtime_upgrade() -> Weight {
        let mut weight = Weight::zero();
        for_tuples!( #( weight = weight.saturating_add(Tuple::on_runtime_upgrade()); )* );
        weight
    }

    fn try_on_runtime_upgrade() -> Result<Weight, TryRuntimeError> {
        let mut weight = Weight::zero();
        for_tuples!( #( weight = weight.saturating_add(Tuple::try_on_runtime_upgrade()?); )* );
        Ok(weight)
    }
}

/// Checks that a state is what pallets take it to be.
pub trait TryState<BlockNumber> {
    /// Checks it without changing it.
    ///
    /// # Errors
    /// Something that always holds does not. Of a tuple, the first such thing.
    fn try_state(n: BlockNumber) -> Result<(), TryRuntimeError>;
}

#[impl_for_tuples(32)]
impl<BlockNumber: Clone> TryState<BlockNumber> for Tuple {
    fn try_state(n: BlockNumber) -> Result<(), TryRuntimeError> {
        for_tuples!( #( Tuple::try_state(n.clone())?; )* );
        Ok(())
    }
}

/// Work before all migrations of a new runtime.
pub trait BeforeAllRuntimeMigrations {
    /// Runs first and returns what it weighed.
    fn before_all_runtime_migrations() -> Weight {
        Weight::zero()
    }
}

#[impl_for_tuples(32)]
impl BeforeAllRuntimeMigrations for Tuple {
    fn before_all_runtime_migrations() -> Weight {
        let mut weight = Weight::zero();
        for_tuples!( #( weight = weight.saturating_add(Tuple::before_all_runtime_migrations()); )* );
        weight
    }
}

/// Work outside consensus, after a block was imported.
#[impl_for_tuples(32)]
pub trait OffchainWorker<BlockNumber: Clone> {
    /// Runs on the block's state; changes are forgotten.
    fn offchain_worker(_n: BlockNumber) {}
}

/// Checks of a runtime's configuration, run by its tests.
#[impl_for_tuples(32)]
pub trait IntegrityTest {
    /// Panics if the configuration makes no sense.
    fn integrity_test() {}
}

/// All that a pallet may do around blocks: what `#[pallet::hooks]` implements.
pub trait Hooks<BlockNumber> {
    /// Runs before the first extrinsic and returns what it weighed.
    fn on_initialize(_n: BlockNumber) -> Weight {
        Weight::zero()
    }
    /// Runs after the last extrinsic.
    fn on_finalize(_n: BlockNumber) {}
    /// Runs before `on_finalize` with the weight that is left.
    fn on_idle(_n: BlockNumber, _remaining_weight: Weight) -> Weight {
        Weight::zero()
    }
    /// Runs after the inherents.
    fn on_poll(_n: BlockNumber, _weight: &mut crate::weights::WeightMeter) {}
    /// Migrates storage in the first block of a new runtime.
    fn on_runtime_upgrade() -> Weight {
        Weight::zero()
    }
    /// Notes what the migration is checked with; see [`OnRuntimeUpgrade::pre_upgrade`].
    ///
    /// # Errors
    /// The state is not what the migration expects.
    fn pre_upgrade() -> Result<Vec<u8>, TryRuntimeError> {
        Ok(Vec::new())
    }
    /// Checks the migration; see [`OnRuntimeUpgrade::post_upgrade`].
    ///
    /// # Errors
    /// The migration is wrong.
    fn post_upgrade(_noted: Vec<u8>) -> Result<(), TryRuntimeError> {
        Ok(())
    }
    /// Checks what always holds of the pallet's storage, without changing it. Run by tests and before
    /// upgrades, never in a block.
    ///
    /// # Errors
    /// Something does not hold.
    fn try_state(_n: BlockNumber) -> Result<(), TryRuntimeError> {
        Ok(())
    }
    /// Runs outside consensus, after a block was imported.
    fn offchain_worker(_n: BlockNumber) {}
    /// Panics if the configuration makes no sense.
    fn integrity_test() {}
}
