//! Chain specifications: what a node must know to join or start a chain.
//!
//! The JSON is Substrate's. A *human* specification holds the runtime and a genesis configuration
//! that the runtime itself turns into the state (`GenesisBuilder`); a *raw* one holds that state.
//! [`ChainSpec::to_raw`] makes the second out of the first. Both yield a [`GenesisState`], whose
//! [`GenesisState::header`] is block 0.
//!
//! Beyond Substrate's, `runtimeGenesis` has one field of ours: `worker`, the blob with the off-chain
//! worker, which goes into the state beside the code.

mod error;
mod genesis;
mod json;
mod merge;
mod runtime;

#[cfg(test)]
mod tests;

pub use error::ChainSpecError;
pub use genesis::GenesisState;
pub use json::{ChainSpec, ChainType, Genesis, Hex, RawGenesis, RuntimeGenesis};
pub use merge::Json;
pub use runtime::GenesisRuntime;
