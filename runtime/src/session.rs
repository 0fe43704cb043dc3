//! The keys that a node keeps for its roles.

use alloc::vec::Vec;
use citrate_core::{KeyTypeId, ed25519, key_types, sr25519};
use codec::{Decode, DecodeAll, Encode};
use scale_info::TypeInfo;

/// The public keys of a node's roles.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct SessionKeys {
    /// Elects and seals blocks.
    pub dag: sr25519::Public,
    /// Votes on finality.
    pub grandpa: ed25519::Public,
    /// Answers for inference results.
    pub provider: sr25519::Public,
}

impl SessionKeys {
    /// The keys and their types, from their encoding.
    pub fn decode_into_raw_public_keys(encoded: &[u8]) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
        let keys = Self::decode_all(&mut &*encoded).ok()?;
        Some(alloc::vec![
            (keys.dag.0.to_vec(), key_types::DAG),
            (keys.grandpa.0.to_vec(), key_types::GRANDPA),
            (keys.provider.0.to_vec(), key_types::PROVIDER),
        ])
    }
}
