//! The keys that a node keeps for its roles.

use citrate_core::{ed25519, key_types, sr25519};

pallet_session::impl_opaque_keys! {
    /// The public keys of a node's roles.
    pub struct SessionKeys {
        /// Elects and seals blocks.
        pub dag: sr25519::Public = key_types::DAG,
        /// Votes on finality.
        pub grandpa: ed25519::Public = key_types::GRANDPA,
        /// Answers for inference results.
        pub provider: sr25519::Public = key_types::PROVIDER,
    }
}
