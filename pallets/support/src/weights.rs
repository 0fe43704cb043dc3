//! Weights and what they cost.

pub use citrate_core::Weight;
pub use sp_weights::{
    ConstantMultiplier, FeePolynomial, FixedFee, IdentityFee, NoFee, RuntimeDbWeight, WeightMeter,
    WeightToFee, WeightToFeeCoefficient, WeightToFeeCoefficients, WeightToFeePolynomial,
};

/// Units of weight.
pub mod constants {
    pub use super::{ParityDbWeight, RocksDbWeight};
    use crate::parameter_types;
    use citrate_core::Weight;
    pub use sp_weights::constants::*;

    parameter_types! {
        /// Time to execute an empty block.
        pub const BlockExecutionWeight: Weight =
            Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul(250_000), 0);
        /// Time to execute a call that does nothing, signature check included.
        pub const ExtrinsicBaseWeight: Weight =
            Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul(100_000), 0);
    }
}

crate::parameter_types! {
    /// What a database read and write weigh on a key-value store with a log-structured tree.
    pub const RocksDbWeight: RuntimeDbWeight = RuntimeDbWeight {
        read: 25_000 * sp_weights::constants::WEIGHT_REF_TIME_PER_NANOS,
        write: 100_000 * sp_weights::constants::WEIGHT_REF_TIME_PER_NANOS,
    };
    /// What a database read and write weigh on ParityDB.
    pub const ParityDbWeight: RuntimeDbWeight = RuntimeDbWeight {
        read: 8_000 * sp_weights::constants::WEIGHT_REF_TIME_PER_NANOS,
        write: 50_000 * sp_weights::constants::WEIGHT_REF_TIME_PER_NANOS,
    };
}
