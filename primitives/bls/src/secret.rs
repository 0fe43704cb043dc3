//! Secret keys.

use alloc::vec::Vec;

use ark_bls12_381::{Fr, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{PrimeField, Zero};
use citrate_core::bls::{Proof, Public, Signature};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::point::{self, PROOF_TAG, SIGNATURE_TAG};

/// What the draft's KeyGen begins with.
const KEY_GEN_SALT: &[u8] = b"BLS-SIG-KEYGEN-SALT-";
/// Bytes that it makes a secret of.
const KEY_GEN_BYTES: usize = 48;

/// A secret key, wiped when it is dropped.
#[derive(Clone)]
pub struct Secret(Fr);

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Secret({:?})", self.public())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Secret {
    /// The secret that KeyGen of draft-irtf-cfrg-bls-signature-05 makes of this seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let mut material = Zeroizing::new([0; 33]);
        material[..32].copy_from_slice(seed);
        let mut salt = Sha256::digest(KEY_GEN_SALT);
        loop {
            let mut output = Zeroizing::new([0; KEY_GEN_BYTES]);
            // The key's information is empty; its length follows.
            Hkdf::<Sha256>::new(Some(&salt), &material[..])
                .expand(&[0, KEY_GEN_BYTES as u8], &mut output[..])
                .expect("48 bytes are fewer than HKDF can make");
            let secret = Fr::from_be_bytes_mod_order(&output[..]);
            if !secret.is_zero() {
                return Self(secret);
            }
            salt = Sha256::digest(salt);
        }
    }

    /// Its public key.
    pub fn public(&self) -> Public {
        Public(point::bytes(&(G2Affine::generator() * self.0).into_affine()))
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.mark(message, SIGNATURE_TAG))
    }

    /// Proves that who shows the public key as `holder` has its secret. With an empty holder it is the draft's PopProve; with
    /// one, nobody else can show the proof as its own.
    pub fn prove(&self, holder: &[u8]) -> Proof {
        Proof(self.mark(&proved(&self.public(), holder), PROOF_TAG))
    }

    /// A proof of something that is not this secret's key.
    #[cfg(test)]
    pub(crate) fn mark_for_tests(&self, message: &[u8]) -> [u8; 48] {
        self.mark(message, PROOF_TAG)
    }

    fn mark(&self, message: &[u8], tag: &[u8]) -> [u8; 48] {
        point::bytes(&(point::hash(message, tag) * self.0).into_affine())
    }
}

/// What a proof of possession signs.
pub(crate) fn proved(public: &Public, holder: &[u8]) -> Vec<u8> {
    [&public.0[..], holder].concat()
}
