//! The first state of a chain.

use super::MaybeSerializeDeserialize;
use impl_trait_for_tuples::impl_for_tuples;

/// A pallet's part of the first state.
pub trait BuildGenesisConfig: Default + MaybeSerializeDeserialize {
    /// Writes the first state.
    fn build(&self);
}

impl BuildGenesisConfig for () {
    fn build(&self) {}
}

/// Work at the end of building the first state.
#[impl_for_tuples(32)]
pub trait OnGenesis {
    /// Runs after all pallets have written theirs.
    fn on_genesis() {}
}
