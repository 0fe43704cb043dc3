//! The keystore as the host functions use it.

use citrate_core::{KeyTypeId, bls, ecdsa, ed25519, sr25519};
use citrate_host::Keystore;

use crate::pair::Scheme;
use crate::store::LocalKeystore;

impl LocalKeystore {
    /// Public keys as fixed-size arrays.
    fn publics<const N: usize>(&self, id: KeyTypeId, scheme: Scheme) -> Vec<[u8; N]> {
        let keys = self.public_keys(id, scheme).into_iter();
        keys.filter_map(|public| public.try_into().ok()).collect()
    }

    /// A new key; a failure leaves the store as it was.
    fn make<const N: usize>(
        &self,
        id: KeyTypeId,
        scheme: Scheme,
        seed: Option<&str>,
    ) -> Option<[u8; N]> {
        self.generate(id, scheme, seed).ok()?.try_into().ok()
    }
}

impl Keystore for LocalKeystore {
    fn sr25519_public_keys(&self, id: KeyTypeId) -> Vec<sr25519::Public> {
        self.publics(id, Scheme::Sr25519).into_iter().map(sr25519::Public).collect()
    }

    fn sr25519_generate(&self, id: KeyTypeId, seed: Option<&str>) -> Option<sr25519::Public> {
        self.make(id, Scheme::Sr25519, seed).map(sr25519::Public)
    }

    fn sr25519_sign(
        &self,
        id: KeyTypeId,
        public: &sr25519::Public,
        message: &[u8],
    ) -> Option<sr25519::Signature> {
        self.sr25519_pair(id, public).map(|pair| pair.sign(message))
    }

    fn sr25519_vrf_sign(
        &self,
        id: KeyTypeId,
        public: &sr25519::Public,
        message: &[u8],
    ) -> Option<sr25519::VrfOutput> {
        self.vrf_sign(id, public, message)
    }

    fn ed25519_public_keys(&self, id: KeyTypeId) -> Vec<ed25519::Public> {
        self.publics(id, Scheme::Ed25519).into_iter().map(ed25519::Public).collect()
    }

    fn ed25519_generate(&self, id: KeyTypeId, seed: Option<&str>) -> Option<ed25519::Public> {
        self.make(id, Scheme::Ed25519, seed).map(ed25519::Public)
    }

    fn ed25519_sign(
        &self,
        id: KeyTypeId,
        public: &ed25519::Public,
        message: &[u8],
    ) -> Option<ed25519::Signature> {
        self.ed25519_pair(id, public).map(|pair| pair.sign(message))
    }

    fn ecdsa_public_keys(&self, id: KeyTypeId) -> Vec<ecdsa::Public> {
        self.publics(id, Scheme::Ecdsa).into_iter().map(ecdsa::Public).collect()
    }

    fn ecdsa_generate(&self, id: KeyTypeId, seed: Option<&str>) -> Option<ecdsa::Public> {
        self.make(id, Scheme::Ecdsa, seed).map(ecdsa::Public)
    }

    fn ecdsa_sign(
        &self,
        id: KeyTypeId,
        public: &ecdsa::Public,
        message: &[u8],
    ) -> Option<ecdsa::Signature> {
        self.ecdsa_pair(id, public).map(|pair| pair.sign(message))
    }

    fn bls_public_keys(&self, id: KeyTypeId) -> Vec<bls::Public> {
        self.publics(id, Scheme::Bls).into_iter().map(bls::Public).collect()
    }

    fn bls_generate(&self, id: KeyTypeId, seed: Option<&str>) -> Option<bls::Public> {
        self.make(id, Scheme::Bls, seed).map(bls::Public)
    }

    fn bls_sign(
        &self,
        id: KeyTypeId,
        public: &bls::Public,
        message: &[u8],
    ) -> Option<bls::Signature> {
        self.bls_secret(id, public).map(|secret| secret.sign(message))
    }

    fn bls_prove(&self, id: KeyTypeId, public: &bls::Public, holder: &[u8]) -> Option<bls::Proof> {
        self.bls_secret(id, public).map(|secret| secret.prove(holder))
    }
}
