//! What a pallet does around blocks and upgrades.

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

/// Work in the first block of a new runtime.
pub trait OnRuntimeUpgrade {
    /// Migrates storage and returns what it weighed.
    fn on_runtime_upgrade() -> Weight {
        Weight::zero()
    }
}

#[impl_for_tuples(32)]
impl OnRuntimeUpgrade for Tuple {
    fn on_runtime_upgrade() -> Weight {
        let mut weight = Weight::zero();
        for_tuples!( #( weight = weight.saturating_add(Tuple::on_runtime_upgrade()); )* );
        weight
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
    /// Runs outside consensus, after a block was imported.
    fn offchain_worker(_n: BlockNumber) {}
    /// Panics if the configuration makes no sense.
    fn integrity_test() {}
}
