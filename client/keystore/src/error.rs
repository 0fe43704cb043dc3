//! What can go wrong with a keystore.

use std::path::PathBuf;

use citrate_core::KeyTypeId;

/// What can go wrong with a keystore.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeystoreError {
    /// The file system refused.
    #[error("keystore file {path}: {source}")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// Its reason.
        #[source]
        source: std::io::Error,
    },
    /// A file is not one that a keystore wrote.
    #[error("keystore file {path} is corrupted: {reason}")]
    Corrupted {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file is encrypted and no password was given.
    #[error("keystore file {path} is encrypted: a password is needed")]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The password is not the one that the file was encrypted with.
    #[error("wrong password for keystore file {path}")]
    WrongPassword {
        /// The file.
        path: PathBuf,
    },
    /// The text is no secret.
    #[error("invalid secret: {0}")]
    InvalidSecret(#[from] citrate_core::crypto::suri::SuriError),
    /// The secret yields another public key under every scheme.
    #[error("the secret does not belong to the public key 0x{}", hex::encode(.0))]
    PublicMismatch(Vec<u8>),
    /// The store holds as many keys as it may.
    #[error("the keystore is full: it holds {0} keys")]
    Full(usize),
    /// No such key.
    #[error("no key of type {key_type} with public key 0x{}", hex::encode(.public))]
    NotFound {
        /// What the key is for.
        key_type: KeyTypeId,
        /// Its public key.
        public: Vec<u8>,
    },
    /// The password could not be stretched into a key.
    #[error("key derivation: {0}")]
    Derivation(String),
}
