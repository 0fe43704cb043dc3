//! Secrets under a password.

use std::collections::BTreeMap;
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::KeystoreError;

const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
/// Version of the file format.
const VERSION: u32 = 1;
/// Argon2id at 19 MiB and two passes: the least that OWASP recommends, under 100 ms.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// The JSON object in an encrypted key file; binary fields are hex.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sealed {
    version: u32,
    salt: String,
    nonce: String,
    ciphertext: String,
}

/// A password and the keys derived from it so far.
///
/// Derivation is slow on purpose, so that files of one store share their salt and opening a store
/// derives once; every file has a nonce of its own.
pub(crate) struct Sealer {
    password: Zeroizing<String>,
    keys: BTreeMap<[u8; SALT_BYTES], Zeroizing<[u8; 32]>>,
}

impl Sealer {
    pub(crate) fn new(password: &str) -> Self {
        Self { password: Zeroizing::new(password.to_owned()), keys: BTreeMap::new() }
    }

    fn cipher(&mut self, salt: [u8; SALT_BYTES]) -> Result<XChaCha20Poly1305, KeystoreError> {
        let derivation = |error: argon2::Error| KeystoreError::Derivation(error.to_string());
        let key = match self.keys.entry(salt) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(derivation)?;
                let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                let mut key = Zeroizing::new([0; 32]);
                argon
                    .hash_password_into(self.password.as_bytes(), &salt, key.as_mut())
                    .map_err(derivation)?;
                entry.insert(key)
            }
        };
        Ok(XChaCha20Poly1305::new(key.as_ref().into()))
    }

    pub(crate) fn seal(&mut self, secret: &str) -> Result<Sealed, KeystoreError> {
        let salt = self.keys.keys().next().copied().unwrap_or_else(rand::random);
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let ciphertext = self
            .cipher(salt)?
            .encrypt(XNonce::from_slice(&nonce), secret.as_bytes())
            .map_err(|error| KeystoreError::Derivation(error.to_string()))?;
        Ok(Sealed {
            version: VERSION,
            salt: hex::encode(salt),
            nonce: hex::encode(nonce),
            ciphertext: hex::encode(ciphertext),
        })
    }

    pub(crate) fn open(
        &mut self,
        path: &Path,
        sealed: &Sealed,
    ) -> Result<Zeroizing<String>, KeystoreError> {
        let corrupted = |reason| KeystoreError::Corrupted { path: path.to_owned(), reason };
        if sealed.version != VERSION {
            return Err(corrupted("unknown format version"));
        }
        let mut salt = [0; SALT_BYTES];
        let mut nonce = [0; NONCE_BYTES];
        let decoded = hex::decode_to_slice(&sealed.salt, &mut salt)
            .and_then(|()| hex::decode_to_slice(&sealed.nonce, &mut nonce))
            .and_then(|()| hex::decode(&sealed.ciphertext));
        let Ok(ciphertext) = decoded else { return Err(corrupted("a field is not hex")) };
        let Ok(plain) = self.cipher(salt)?.decrypt(XNonce::from_slice(&nonce), &*ciphertext) else {
            return Err(KeystoreError::WrongPassword { path: path.to_owned() });
        };
        match String::from_utf8(plain) {
            Ok(text) => Ok(Zeroizing::new(text)),
            Err(_) => Err(corrupted("the secret is not text")),
        }
    }
}
