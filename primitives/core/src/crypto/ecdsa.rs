//! ECDSA over secp256k1, with recoverable signatures.

use super::bytes::fixed_bytes;

fixed_bytes! {
    /// A compressed public key.
    Public, 33
}
fixed_bytes! {
    /// A signature: r, s, and the recovery identifier (0 to 3, or 27 to 30).
    Signature, 65
}

#[cfg(feature = "std")]
pub use pair::{Pair, recover, recover_uncompressed, verify};

#[cfg(feature = "std")]
mod pair {
    use super::{Public, Signature};
    use crate::{
        crypto::suri::{self, Junction, SuriError},
        hashing::blake2_256,
    };
    use codec::Encode;
    use k256::ecdsa::{RecoveryId, SigningKey, VerifyingKey};

    /// A key pair.
    #[derive(Clone)]
    pub struct Pair(SigningKey);

    impl core::fmt::Debug for Pair {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            write!(f, "Pair({:?})", self.public())
        }
    }

    impl Pair {
        /// The pair of a secret URI such as `//Alice`.
        ///
        /// # Errors
        /// When the text names no phrase or valid seed, or derives softly.
        pub fn from_suri(text: &str, password: Option<&str>) -> Result<Self, SuriError> {
            let (root, junctions) = suri::parse(text, password)?;
            let mut seed = root.seed()?;
            for junction in junctions {
                let Junction::Hard(code) = junction else { return Err(SuriError::SoftDerivation) };
                seed = blake2_256(&("Secp256k1HDKD", seed, code).encode());
            }
            SigningKey::from_slice(&seed).map(Self).map_err(|_error| SuriError::InvalidSeed)
        }

        /// The public key, compressed.
        pub fn public(&self) -> Public {
            compressed(self.0.verifying_key())
        }

        /// Signs the blake2-256 of `message`.
        pub fn sign(&self, message: &[u8]) -> Signature {
            self.sign_prehashed(&blake2_256(message))
        }

        /// Signs a hash.
        ///
        /// # Panics
        /// Never: a 32-byte hash is always long enough for the curve.
        pub fn sign_prehashed(&self, hash: &[u8; 32]) -> Signature {
            let (signature, id) = self
                .0
                .sign_prehash_recoverable(hash)
                .expect("a hash of 32 bytes is as long as the field");
            let mut bytes = [0; 65];
            bytes[..64].copy_from_slice(&signature.to_bytes());
            bytes[64] = id.to_byte();
            Signature(bytes)
        }
    }

    /// Whether `signature` is one of the blake2-256 of `message` by `public`.
    pub fn verify(signature: &Signature, message: &[u8], public: &Public) -> bool {
        recover(signature, &blake2_256(message)).is_some_and(|recovered| recovered == *public)
    }

    /// The compressed key that signed `hash`.
    pub fn recover(signature: &Signature, hash: &[u8; 32]) -> Option<Public> {
        recover_key(signature, hash).map(|key| compressed(&key))
    }

    /// The uncompressed key that signed `hash`, without the leading 4.
    pub fn recover_uncompressed(signature: &Signature, hash: &[u8; 32]) -> Option<[u8; 64]> {
        recover_key(signature, hash)?.to_encoded_point(false).as_bytes()[1..].try_into().ok()
    }

    fn recover_key(signature: &Signature, hash: &[u8; 32]) -> Option<VerifyingKey> {
        let [rs @ .., id] = &signature.0;
        let id = RecoveryId::from_byte(if *id > 26 { *id - 27 } else { *id })?;
        let signature = k256::ecdsa::Signature::from_slice(rs).ok()?;
        VerifyingKey::recover_from_prehash(hash, &signature, id).ok()
    }

    fn compressed(key: &VerifyingKey) -> Public {
        let mut bytes = [0; 33];
        bytes.copy_from_slice(key.to_encoded_point(true).as_bytes());
        Public(bytes)
    }
}
