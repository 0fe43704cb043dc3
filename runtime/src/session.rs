//! The keys that a node keeps for its roles.

use alloc::vec::Vec;
use citrate_api::OpaqueGeneratedSessionKeys;
use citrate_core::{KeyTypeId, ed25519, key_types, sr25519};
use citrate_host::crypto;
use codec::{Decode, DecodeAll, Encode};
use scale_info::TypeInfo;

/// Domain of the statement by which a key's owner proves to own it.
const OWNERSHIP_DOMAIN: &[u8] = b"CITRATE/runtime/session-keys";

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
    /// Makes a key for every role in the node's keystore, and proves that their maker owns them: each key signs the
    /// owner's bytes.
    pub fn generate(owner: &[u8], seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
        let keys = Self {
            dag: crypto::sr25519_generate(key_types::DAG, seed.clone()),
            grandpa: crypto::ed25519_generate(key_types::GRANDPA, seed.clone()),
            provider: crypto::sr25519_generate(key_types::PROVIDER, seed),
        };
        let statement = (OWNERSHIP_DOMAIN, owner).encode();
        let proof = (
            crypto::sr25519_sign(key_types::DAG, &keys.dag, &statement),
            crypto::ed25519_sign(key_types::GRANDPA, &keys.grandpa, &statement),
            crypto::sr25519_sign(key_types::PROVIDER, &keys.provider, &statement),
        );
        OpaqueGeneratedSessionKeys { keys: keys.encode(), proof: proof.encode() }
    }

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
