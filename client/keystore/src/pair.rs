//! Key pairs of the signature schemes.

use citrate_core::crypto::suri::{self, Junction, SuriError};
use citrate_core::{ecdsa, ed25519, hashing::blake2_256, sr25519};
use codec::Encode as _;
use zeroize::Zeroizing;

/// Domain of the derivation of BLS keys, which no standard has.
const BLS_DOMAIN: &[u8] = b"CITRATE/keystore/bls/v1";

/// A signature scheme.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scheme {
    /// Schnorr over Ristretto25519.
    Sr25519,
    /// Ed25519.
    Ed25519,
    /// ECDSA over secp256k1.
    Ecdsa,
    /// BLS over BLS12-381, with public keys in G2.
    Bls,
}

impl Scheme {
    /// All of them, in the order in which an unlabelled secret is tried.
    pub const ALL: [Self; 4] = [Self::Sr25519, Self::Ed25519, Self::Ecdsa, Self::Bls];
}

/// A key pair of one of the schemes.
#[derive(Clone, Debug)]
pub enum KeyPair {
    /// Schnorr over Ristretto25519.
    Sr25519(sr25519::Pair),
    /// Ed25519.
    Ed25519(ed25519::Pair),
    /// ECDSA over secp256k1.
    Ecdsa(ecdsa::Pair),
    /// BLS over BLS12-381.
    Bls(citrate_bls::Secret),
}

impl KeyPair {
    /// The pair that a secret URI yields under `scheme`.
    ///
    /// # Errors
    /// When the text is no secret of that scheme.
    pub fn from_suri(scheme: Scheme, suri: &str) -> Result<Self, SuriError> {
        Ok(match scheme {
            Scheme::Sr25519 => Self::Sr25519(sr25519::Pair::from_suri(suri, None)?),
            Scheme::Ed25519 => Self::Ed25519(ed25519::Pair::from_suri(suri, None)?),
            Scheme::Ecdsa => Self::Ecdsa(ecdsa::Pair::from_suri(suri, None)?),
            Scheme::Bls => Self::Bls(bls(suri)?),
        })
    }

    /// Its scheme.
    pub fn scheme(&self) -> Scheme {
        match self {
            Self::Sr25519(_) => Scheme::Sr25519,
            Self::Ed25519(_) => Scheme::Ed25519,
            Self::Ecdsa(_) => Scheme::Ecdsa,
            Self::Bls(_) => Scheme::Bls,
        }
    }

    /// The bytes of its public key.
    pub fn public(&self) -> Vec<u8> {
        match self {
            Self::Sr25519(pair) => pair.public().0.to_vec(),
            Self::Ed25519(pair) => pair.public().0.to_vec(),
            Self::Ecdsa(pair) => pair.public().0.to_vec(),
            Self::Bls(secret) => secret.public().0.to_vec(),
        }
    }

    /// The bytes of its signature of `message`.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sr25519(pair) => pair.sign(message).0.to_vec(),
            Self::Ed25519(pair) => pair.sign(message).0.to_vec(),
            Self::Ecdsa(pair) => pair.sign(message).0.to_vec(),
            Self::Bls(secret) => secret.sign(message).0.to_vec(),
        }
    }
}

/// The secret of a secret URI, which derives hard only.
fn bls(text: &str) -> Result<citrate_bls::Secret, SuriError> {
    let (root, junctions) = suri::parse(text, None)?;
    let root = Zeroizing::new(root.seed()?);
    let mut seed = Zeroizing::new((BLS_DOMAIN, *root).using_encoded(blake2_256));
    for junction in junctions {
        let Junction::Hard(code) = junction else { return Err(SuriError::SoftDerivation) };
        seed = Zeroizing::new((BLS_DOMAIN, *seed, code).using_encoded(blake2_256));
    }
    Ok(citrate_bls::Secret::from_seed(&seed))
}

/// The pair of `suri` under the first scheme that yields `public`.
pub(crate) fn matching(suri: &str, public: &[u8]) -> Result<Option<KeyPair>, SuriError> {
    let mut last = None;
    for scheme in Scheme::ALL {
        match KeyPair::from_suri(scheme, suri) {
            Ok(pair) if pair.public() == public => return Ok(Some(pair)),
            Ok(_) => {}
            // Soft derivation exists in one scheme only; another may still fit.
            Err(error) => last = Some(error),
        }
    }
    match last {
        Some(error) if KeyPair::from_suri(Scheme::Sr25519, suri).is_err() => Err(error),
        _ => Ok(None),
    }
}
