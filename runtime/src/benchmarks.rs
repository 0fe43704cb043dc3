//! Which pallets `citrate benchmark pallet` measures. [`crate::weights`] is what it wrote.

use crate::{Assets, Balances, ModelRegistry, Staking, System};

citrate_support::define_benchmarks!(
    [pallet_system, System]
    [pallet_balances, Balances]
    [pallet_staking, Staking]
    [pallet_model_registry, ModelRegistry]
    [pallet_assets, Assets]
);
