//! Hashes, signatures and roots.

use citrate_host_macros::host_functions;

/// Hash functions.
#[host_functions("hashing")]
pub mod hashing {
    /// Keccak, 256 bits.
    pub fn keccak_256(data: &[u8]) -> [u8; 32] {
        citrate_core::hashing::keccak_256(data)
    }

    /// Keccak, 512 bits.
    pub fn keccak_512(data: &[u8]) -> [u8; 64] {
        citrate_core::hashing::keccak_512(data)
    }

    /// SHA-2, 256 bits.
    pub fn sha2_256(data: &[u8]) -> [u8; 32] {
        citrate_core::hashing::sha2_256(data)
    }

    /// Blake2b, 128 bits.
    pub fn blake2_128(data: &[u8]) -> [u8; 16] {
        citrate_core::hashing::blake2_128(data)
    }

    /// Blake2b, 256 bits.
    pub fn blake2_256(data: &[u8]) -> [u8; 32] {
        citrate_core::hashing::blake2_256(data)
    }

    /// XxHash, 256 bits. Not cryptographic.
    pub fn twox_256(data: &[u8]) -> [u8; 32] {
        citrate_core::hashing::twox_256(data)
    }

    /// XxHash, 128 bits. Not cryptographic.
    pub fn twox_128(data: &[u8]) -> [u8; 16] {
        citrate_core::hashing::twox_128(data)
    }

    /// XxHash, 64 bits. Not cryptographic.
    pub fn twox_64(data: &[u8]) -> [u8; 8] {
        citrate_core::hashing::twox_64(data)
    }
}

/// Roots and proofs of tries.
#[host_functions("trie")]
pub mod trie {
    use alloc::vec::Vec;
    use citrate_core::{H256, StateVersion};

    /// The root of a trie with these items, in layout V0.
    #[host(name = "blake2_256_root", version = 1)]
    pub fn blake2_256_root_v1(input: Vec<(Vec<u8>, Vec<u8>)>) -> H256 {
        citrate_trie::root(input, StateVersion::V0)
    }

    /// The root of a trie with these items.
    #[host(version = 2)]
    pub fn blake2_256_root(input: Vec<(Vec<u8>, Vec<u8>)>, version: StateVersion) -> H256 {
        citrate_trie::root(input, version)
    }

    /// The root of a trie with these values under their compact indices, in layout V0.
    #[host(name = "blake2_256_ordered_root", version = 1)]
    pub fn blake2_256_ordered_root_v1(input: Vec<Vec<u8>>) -> H256 {
        citrate_trie::ordered_root(&input, StateVersion::V0)
    }

    /// The root of a trie with these values under their compact indices.
    #[host(version = 2)]
    pub fn blake2_256_ordered_root(input: Vec<Vec<u8>>, version: StateVersion) -> H256 {
        citrate_trie::ordered_root(&input, version)
    }

    /// As [`blake2_256_root_v1`], over keccak-256.
    #[host(name = "keccak_256_root", version = 1)]
    pub fn keccak_256_root_v1(input: Vec<(Vec<u8>, Vec<u8>)>) -> H256 {
        citrate_trie::keccak_root(input, StateVersion::V0)
    }

    /// As [`blake2_256_root`], over keccak-256.
    #[host(version = 2)]
    pub fn keccak_256_root(input: Vec<(Vec<u8>, Vec<u8>)>, version: StateVersion) -> H256 {
        citrate_trie::keccak_root(input, version)
    }

    /// As [`blake2_256_ordered_root_v1`], over keccak-256.
    #[host(name = "keccak_256_ordered_root", version = 1)]
    pub fn keccak_256_ordered_root_v1(input: Vec<Vec<u8>>) -> H256 {
        citrate_trie::keccak_ordered_root(&input, StateVersion::V0)
    }

    /// As [`blake2_256_ordered_root`], over keccak-256.
    #[host(version = 2)]
    pub fn keccak_256_ordered_root(input: Vec<Vec<u8>>, version: StateVersion) -> H256 {
        citrate_trie::keccak_ordered_root(&input, version)
    }

    /// Whether `proof` shows `value` under `key`, in layout V0.
    #[host(name = "blake2_256_verify_proof", version = 1)]
    pub fn blake2_256_verify_proof_v1(
        root: &H256,
        proof: Vec<Vec<u8>>,
        key: &[u8],
        value: &[u8],
    ) -> bool {
        citrate_trie::verify_item_proof(root, &proof, &[(key, Some(value))], StateVersion::V0)
            .is_ok()
    }

    /// Whether `proof` shows `value` under `key`.
    #[host(version = 2)]
    pub fn blake2_256_verify_proof(
        root: &H256,
        proof: Vec<Vec<u8>>,
        key: &[u8],
        value: &[u8],
        version: StateVersion,
    ) -> bool {
        citrate_trie::verify_item_proof(root, &proof, &[(key, Some(value))], version).is_ok()
    }
}

/// Signatures, and the node's keystore.
#[host_functions("crypto")]
pub mod crypto {
    use crate::EcdsaVerifyError;
    #[cfg(feature = "std")]
    use crate::Externalities;
    use alloc::vec::Vec;
    use citrate_core::{KeyTypeId, ecdsa, ed25519, sr25519};

    /// Whether `signature` is one of `message`.
    pub fn ed25519_verify(
        signature: &ed25519::Signature,
        message: &[u8],
        public: &ed25519::Public,
    ) -> bool {
        ed25519::verify(signature, message, public)
    }

    /// As [`sr25519_verify`].
    #[host(name = "sr25519_verify", version = 1)]
    pub fn sr25519_verify_v1(
        signature: &sr25519::Signature,
        message: &[u8],
        public: &sr25519::Public,
    ) -> bool {
        sr25519::verify(signature, message, public)
    }

    /// Whether `signature` is one of `message`.
    #[host(version = 2)]
    pub fn sr25519_verify(
        signature: &sr25519::Signature,
        message: &[u8],
        public: &sr25519::Public,
    ) -> bool {
        sr25519::verify(signature, message, public)
    }

    /// Whether `signature` is one of the blake2-256 of `message`.
    pub fn ecdsa_verify(
        signature: &ecdsa::Signature,
        message: &[u8],
        public: &ecdsa::Public,
    ) -> bool {
        ecdsa::verify(signature, message, public)
    }

    /// Whether `signature` is one of the hash `message`.
    pub fn ecdsa_verify_prehashed(
        signature: &ecdsa::Signature,
        message: &[u8; 32],
        public: &ecdsa::Public,
    ) -> bool {
        ecdsa::recover(signature, message).is_some_and(|recovered| recovered == *public)
    }

    /// As [`secp256k1_ecdsa_recover`].
    #[host(name = "secp256k1_ecdsa_recover", version = 1)]
    pub fn secp256k1_ecdsa_recover_v1(
        signature: &[u8; 65],
        message: &[u8; 32],
    ) -> Result<[u8; 64], EcdsaVerifyError> {
        super::super::recover(signature, message)
    }

    /// The uncompressed key that signed the hash `message`.
    #[host(version = 2)]
    pub fn secp256k1_ecdsa_recover(
        signature: &[u8; 65],
        message: &[u8; 32],
    ) -> Result<[u8; 64], EcdsaVerifyError> {
        super::super::recover(signature, message)
    }

    /// As [`secp256k1_ecdsa_recover_compressed`].
    #[host(name = "secp256k1_ecdsa_recover_compressed", version = 1)]
    pub fn secp256k1_ecdsa_recover_compressed_v1(
        signature: &[u8; 65],
        message: &[u8; 32],
    ) -> Result<[u8; 33], EcdsaVerifyError> {
        super::super::recover_compressed(signature, message)
    }

    /// The compressed key that signed the hash `message`.
    #[host(version = 2)]
    pub fn secp256k1_ecdsa_recover_compressed(
        signature: &[u8; 65],
        message: &[u8; 32],
    ) -> Result<[u8; 33], EcdsaVerifyError> {
        super::super::recover_compressed(signature, message)
    }

    /// The node's ed25519 keys of a type.
    pub fn ed25519_public_keys(
        host: &mut dyn Externalities,
        id: KeyTypeId,
    ) -> Vec<ed25519::Public> {
        super::super::keystore(host).map(|keys| keys.ed25519_public_keys(id)).unwrap_or_default()
    }

    /// A new ed25519 key in the node's keystore. `seed` is a secret URI in UTF-8.
    pub fn ed25519_generate(
        host: &mut dyn Externalities,
        id: KeyTypeId,
        seed: Option<Vec<u8>>,
    ) -> ed25519::Public {
        let made = super::super::generate(host, seed, |keys, seed| keys.ed25519_generate(id, seed));
        made.unwrap_or(ed25519::Public([0; 32]))
    }

    /// A signature with a key of the node; `None` without it.
    pub fn ed25519_sign(
        host: &mut dyn Externalities,
        id: KeyTypeId,
        public: &ed25519::Public,
        message: &[u8],
    ) -> Option<ed25519::Signature> {
        super::super::keystore(host)?.ed25519_sign(id, public, message)
    }

    /// The node's sr25519 keys of a type.
    pub fn sr25519_public_keys(
        host: &mut dyn Externalities,
        id: KeyTypeId,
    ) -> Vec<sr25519::Public> {
        super::super::keystore(host).map(|keys| keys.sr25519_public_keys(id)).unwrap_or_default()
    }

    /// A new sr25519 key in the node's keystore. `seed` is a secret URI in UTF-8.
    pub fn sr25519_generate(
        host: &mut dyn Externalities,
        id: KeyTypeId,
        seed: Option<Vec<u8>>,
    ) -> sr25519::Public {
        let made = super::super::generate(host, seed, |keys, seed| keys.sr25519_generate(id, seed));
        made.unwrap_or(sr25519::Public([0; 32]))
    }

    /// A signature with a key of the node; `None` without it.
    pub fn sr25519_sign(
        host: &mut dyn Externalities,
        id: KeyTypeId,
        public: &sr25519::Public,
        message: &[u8],
    ) -> Option<sr25519::Signature> {
        super::super::keystore(host)?.sr25519_sign(id, public, message)
    }

    /// The node's ECDSA keys of a type.
    pub fn ecdsa_public_keys(host: &mut dyn Externalities, id: KeyTypeId) -> Vec<ecdsa::Public> {
        super::super::keystore(host).map(|keys| keys.ecdsa_public_keys(id)).unwrap_or_default()
    }

    /// A new ECDSA key in the node's keystore. `seed` is a secret URI in UTF-8.
    pub fn ecdsa_generate(
        host: &mut dyn Externalities,
        id: KeyTypeId,
        seed: Option<Vec<u8>>,
    ) -> ecdsa::Public {
        let made = super::super::generate(host, seed, |keys, seed| keys.ecdsa_generate(id, seed));
        made.unwrap_or(ecdsa::Public([0; 33]))
    }

    /// A signature with a key of the node; `None` without it.
    pub fn ecdsa_sign(
        host: &mut dyn Externalities,
        id: KeyTypeId,
        public: &ecdsa::Public,
        message: &[u8],
    ) -> Option<ecdsa::Signature> {
        super::super::keystore(host)?.ecdsa_sign(id, public, message)
    }
}

#[cfg(feature = "std")]
fn recover(signature: &[u8; 65], message: &[u8; 32]) -> Result<[u8; 64], crate::EcdsaVerifyError> {
    check_v(signature)?;
    let signature = citrate_core::ecdsa::Signature(*signature);
    citrate_core::ecdsa::recover_uncompressed(&signature, message)
        .ok_or(crate::EcdsaVerifyError::BadSignature)
}

#[cfg(feature = "std")]
fn recover_compressed(
    signature: &[u8; 65],
    message: &[u8; 32],
) -> Result<[u8; 33], crate::EcdsaVerifyError> {
    check_v(signature)?;
    let signature = citrate_core::ecdsa::Signature(*signature);
    citrate_core::ecdsa::recover(&signature, message)
        .map(|public| public.0)
        .ok_or(crate::EcdsaVerifyError::BadSignature)
}

#[cfg(feature = "std")]
fn check_v(signature: &[u8; 65]) -> Result<(), crate::EcdsaVerifyError> {
    let v = signature[64];
    let v = if v > 26 { v - 27 } else { v };
    if v > 3 { Err(crate::EcdsaVerifyError::BadV) } else { Ok(()) }
}

#[cfg(feature = "std")]
pub(super) fn keystore(
    host: &mut dyn crate::Externalities,
) -> Option<std::sync::Arc<dyn crate::Keystore>> {
    let keystore = host.extensions().get::<crate::KeystoreExt>().map(|ext| ext.0.clone());
    if keystore.is_none() {
        host.fail("the keystore is not available in this call".into());
    }
    keystore
}

#[cfg(feature = "std")]
pub(super) fn generate<T>(
    host: &mut dyn crate::Externalities,
    seed: Option<Vec<u8>>,
    make: impl FnOnce(&dyn crate::Keystore, Option<&str>) -> Option<T>,
) -> Option<T> {
    let keys = keystore(host)?;
    let Ok(seed) = seed.map(String::from_utf8).transpose() else {
        host.fail("the seed of a key is not UTF-8".into());
        return None;
    };
    let made = make(keys.as_ref(), seed.as_deref());
    if made.is_none() {
        host.fail("the keystore could not make a key".into());
    }
    made
}
