//! Secrets as text: `phrase//hard/soft///password`, Substrate's secret URI.

use crate::hashing::blake2_256;
use codec::Encode;

/// The phrase behind `//Alice` and the other development accounts.
pub const DEV_PHRASE: &str =
    "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
/// LIMIT: bytes of a secret URI.
const TEXT_LEN_MAX: usize = 1024;

/// Why a secret URI was not understood.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SuriError {
    /// Longer than 1024 bytes.
    #[error("secret is longer than {TEXT_LEN_MAX} bytes")]
    TooLong,
    /// Not a phrase of BIP-39 and not a seed.
    #[error("secret is neither a valid BIP-39 phrase nor 0x and 64 hex digits")]
    InvalidPhrase,
    /// The scheme has no soft derivation.
    #[error("this kind of key cannot be derived softly: use // instead of /")]
    SoftDerivation,
    /// The seed is not a valid key of this scheme.
    #[error("seed is not a valid secret key")]
    InvalidSeed,
}

/// One step of a derivation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Junction {
    /// Needs the secret.
    Hard([u8; 32]),
    /// Possible from the public key too.
    Soft([u8; 32]),
}

/// Where a derivation starts.
#[derive(Clone, PartialEq, Eq)]
pub enum Root {
    /// A seed of 32 bytes.
    Seed([u8; 32]),
    /// Entropy of a BIP-39 phrase and the password that goes with it.
    Phrase(Vec<u8>, String),
}

impl core::fmt::Debug for Root {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Root(secret)")
    }
}

impl Root {
    /// The 32-byte seed.
    pub fn seed(&self) -> Result<[u8; 32], SuriError> {
        match self {
            Self::Seed(seed) => Ok(*seed),
            Self::Phrase(entropy, password) => {
                let seed = substrate_bip39::seed_from_entropy(entropy, password)
                    .map_err(|_error| SuriError::InvalidPhrase)?;
                seed[..32].try_into().map_err(|_error| SuriError::InvalidPhrase)
            }
        }
    }
}

/// The root and junctions of a secret URI. `password` overrides the one in the text.
///
/// # Errors
/// When the text is too long or names no phrase or seed.
pub fn parse(text: &str, password: Option<&str>) -> Result<(Root, Vec<Junction>), SuriError> {
    if text.len() > TEXT_LEN_MAX {
        return Err(SuriError::TooLong);
    }
    let (path, inline_password) = match text.split_once("///") {
        Some((path, inline)) => (path, Some(inline)),
        None => (text, None),
    };
    let (phrase, junctions) = path.split_at(path.find('/').unwrap_or(path.len()));
    let phrase = if phrase.is_empty() { DEV_PHRASE } else { phrase };
    let password = password.or(inline_password).unwrap_or_default();
    let root = match phrase.strip_prefix("0x") {
        Some(digits) => {
            let mut seed = [0; 32];
            hex::decode_to_slice(digits, &mut seed).map_err(|_error| SuriError::InvalidPhrase)?;
            Root::Seed(seed)
        }
        None => {
            let mnemonic = bip39::Mnemonic::parse_in(bip39::Language::English, phrase)
                .map_err(|_error| SuriError::InvalidPhrase)?;
            Root::Phrase(mnemonic.to_entropy(), password.to_owned())
        }
    };
    Ok((root, parse_junctions(junctions)))
}

fn parse_junctions(mut text: &str) -> Vec<Junction> {
    let mut junctions = Vec::new();
    while let Some(rest) = text.strip_prefix('/') {
        let (is_hard, rest) = match rest.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (name, tail) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let code = chain_code(name);
        junctions.push(if is_hard { Junction::Hard(code) } else { Junction::Soft(code) });
        text = tail;
    }
    junctions
}

/// A number is its SCALE `u64`, anything else a SCALE string; longer than 32 bytes, its hash.
fn chain_code(name: &str) -> [u8; 32] {
    let encoded = name.parse::<u64>().map_or_else(|_| name.encode(), |number| number.encode());
    if encoded.len() > 32 {
        return blake2_256(&encoded);
    }
    let mut code = [0; 32];
    code[..encoded.len()].copy_from_slice(&encoded);
    code
}

/// A fresh BIP-39 phrase of 12 words.
pub fn generate_phrase() -> String {
    let entropy: [u8; 16] = rand::random();
    bip39::Mnemonic::from_entropy_in(bip39::Language::English, &entropy)
        .map(|mnemonic| mnemonic.to_string())
        .unwrap_or_default()
}
