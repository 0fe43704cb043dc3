//! Which pallets `node-template benchmark pallet` measures.

use crate::{Balances, Template};

citrate_support::define_benchmarks!(
    [pallet_balances, Balances]
    [pallet_template, Template]
);
