//! The keys that a node keeps for its roles.

use alloc::vec::Vec;
use citrate_api::OpaqueGeneratedSessionKeys;
use citrate_core::{KeyTypeId, ed25519, key_types, sr25519};
use citrate_host::crypto;
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode, MaxEncodedLen};
use pallet_session::{OpaqueKeys, RawKey};
use scale_info::TypeInfo;

/// Domain of the statement by which a key's owner proves to own it.
const OWNERSHIP_DOMAIN: &[u8] = b"CITRATE/runtime/session-keys";

/// One signature of the statement by each key.
type Proof = (sr25519::Signature, ed25519::Signature, sr25519::Signature);

/// The public keys of a node's roles.
#[derive(
    Clone,
    PartialEq,
    Eq,
    Debug,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
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
        let statement = Self::statement(owner);
        let dag = crypto::sr25519_sign(key_types::DAG, &keys.dag, &statement);
        let grandpa = crypto::ed25519_sign(key_types::GRANDPA, &keys.grandpa, &statement);
        let provider = crypto::sr25519_sign(key_types::PROVIDER, &keys.provider, &statement);
        // A keystore signs with the keys that it made just now; where it does not, there is no proof.
        let proof: Option<Proof> = dag
            .zip(grandpa)
            .zip(provider)
            .map(|((dag, grandpa), provider)| (dag, grandpa, provider));
        let proof = proof.map(|proof| proof.encode()).unwrap_or_default();
        OpaqueGeneratedSessionKeys { keys: keys.encode(), proof }
    }

    /// The keys and their types, from their encoding.
    pub fn decode_into_raw_public_keys(encoded: &[u8]) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
        let keys = Self::decode_all(&mut &*encoded).ok()?;
        Some(keys.raw_keys().into_iter().map(|(id, key)| (key.into_inner(), id)).collect())
    }

    /// What each key signs for its owner.
    fn statement(owner: &[u8]) -> Vec<u8> {
        (OWNERSHIP_DOMAIN, owner).encode()
    }
}

impl OpaqueKeys for SessionKeys {
    fn raw_keys(&self) -> Vec<(KeyTypeId, RawKey)> {
        // 32 bytes are within the limit: nothing is cut off.
        let raw = |key: &[u8; 32]| RawKey::truncate_from(key.to_vec());
        alloc::vec![
            (key_types::DAG, raw(&self.dag.0)),
            (key_types::GRANDPA, raw(&self.grandpa.0)),
            (key_types::PROVIDER, raw(&self.provider.0)),
        ]
    }

    fn ownership_proof_is_valid(&self, owner: &[u8], mut proof: &[u8]) -> bool {
        let statement = Self::statement(owner);
        Proof::decode_all(&mut proof).is_ok_and(|(dag, grandpa, provider)| {
            crypto::sr25519_verify(&dag, &statement, &self.dag)
                && crypto::ed25519_verify(&grandpa, &statement, &self.grandpa)
                && crypto::sr25519_verify(&provider, &statement, &self.provider)
        })
    }
}
