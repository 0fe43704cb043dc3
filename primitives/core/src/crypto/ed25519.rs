//! Ed25519 signatures, verified by the rules of ZIP-215.

use super::bytes::fixed_bytes;

fixed_bytes! {
    /// A public key.
    Public, 32
}
fixed_bytes! {
    /// A signature.
    Signature, 64
}

#[cfg(feature = "std")]
pub use pair::{Pair, verify};

#[cfg(feature = "std")]
mod pair {
    use super::{Public, Signature};
    use crate::{
        crypto::suri::{self, Junction, SuriError},
        hashing::blake2_256,
    };
    use codec::Encode;
    use ed25519_zebra::{SigningKey, VerificationKey};

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
        /// When the text names no phrase or seed, or derives softly.
        pub fn from_suri(text: &str, password: Option<&str>) -> Result<Self, SuriError> {
            let (root, junctions) = suri::parse(text, password)?;
            let mut seed = root.seed()?;
            for junction in junctions {
                let Junction::Hard(code) = junction else { return Err(SuriError::SoftDerivation) };
                seed = blake2_256(&("Ed25519HDKD", seed, code).encode());
            }
            Ok(Self(SigningKey::from(seed)))
        }

        /// The public key.
        pub fn public(&self) -> Public {
            Public(VerificationKey::from(&self.0).into())
        }

        /// Signs `message`.
        pub fn sign(&self, message: &[u8]) -> Signature {
            Signature(self.0.sign(message).into())
        }
    }

    /// Whether `signature` is one of `message` by `public`.
    pub fn verify(signature: &Signature, message: &[u8], public: &Public) -> bool {
        VerificationKey::try_from(public.0)
            .is_ok_and(|key| key.verify(&signature.0.into(), message).is_ok())
    }
}
