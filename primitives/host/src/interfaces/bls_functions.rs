//! The node's keys of BLS12-381, for workers.

use citrate_host_macros::host_functions;

/// Keys that attest results together with others'. No other host has these functions, and no block needs them: signatures
/// are checked by the runtime itself.
#[host_functions("crypto", group = Worker)]
pub mod bls {
    #[cfg(feature = "std")]
    use crate::Externalities;
    use alloc::vec::Vec;
    use citrate_core::{KeyTypeId, bls};

    #[cfg(feature = "std")]
    use super::super::crypto_functions::{generate, keystore};

    /// The node's keys of a type, in order.
    #[host(name = "bls12_381_public_keys")]
    pub fn public_keys(host: &mut dyn Externalities, id: KeyTypeId) -> Vec<bls::Public> {
        keystore(host).map(|keys| keys.bls_public_keys(id)).unwrap_or_default()
    }

    /// A new key in the node's keystore. `seed` is a secret URI in UTF-8.
    #[host(name = "bls12_381_generate")]
    pub fn generate_key(
        host: &mut dyn Externalities,
        id: KeyTypeId,
        seed: Option<Vec<u8>>,
    ) -> bls::Public {
        let made = generate(host, seed, |keys, seed| keys.bls_generate(id, seed));
        made.unwrap_or(bls::Public([0; 96]))
    }

    /// A signature with a key of the node; `None` without it.
    #[host(name = "bls12_381_sign")]
    pub fn sign(
        host: &mut dyn Externalities,
        id: KeyTypeId,
        public: &bls::Public,
        message: &[u8],
    ) -> Option<bls::Signature> {
        keystore(host)?.bls_sign(id, public, message)
    }

    /// A proof that the node has the secret of a key, for a holder of it; `None` without it.
    #[host(name = "bls12_381_prove")]
    pub fn prove(
        host: &mut dyn Externalities,
        id: KeyTypeId,
        public: &bls::Public,
        holder: &[u8],
    ) -> Option<bls::Proof> {
        keystore(host)?.bls_prove(id, public, holder)
    }
}
