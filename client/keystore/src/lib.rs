//! Session keys per role, on disk or in memory.
//!
//! A key lives in a file of its own, named by the hex of its key type and public key, as in
//! Substrate's keystores. Without a password the file holds the secret URI as a JSON string, so
//! that such files can be exchanged with other tools; with one it holds an object whose ciphertext
//! is the secret URI under XChaCha20-Poly1305 with a key derived by Argon2id.
//!
//! A provider's key (`prov`, sr25519) comes with one of BLS12-381 (`pbls`), made of the same secret URI when the first is stored:
//! whoever inserts the one need not think of the other.
//!
//! Invariants: a file is written whole or not at all, readable by its owner only; a public key in
//! the store is always the one that its secret yields.

mod disk;
mod error;
mod host;
mod pair;
mod sealed;
mod store;

#[cfg(test)]
mod tests;

pub use error::KeystoreError;
pub use pair::{KeyPair, Scheme};
pub use store::{KeyInfo, LocalKeystore};
