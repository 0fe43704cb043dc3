//! Citrate's benchmarks under the name of FRAME's.

#![no_std]

pub use citrate_support::benchmarking::{self, *};

/// The second version of FRAME's benchmarks.
pub mod v2 {
    pub use citrate_support::benchmarking::*;
}
