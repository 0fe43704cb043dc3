//! Why no block was authored.

use citrate_chain::{BuildError, ChainError, ImportError};

/// Why no block was authored in a slot that was won.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthoringError {
    /// The chain could not be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The block could not be built.
    #[error("cannot build a block: {0}")]
    Build(#[from] BuildError),
    /// The key is gone from the keystore.
    #[error("the keystore lost the key that won the slot")]
    KeyLost,
    /// Our own block was not taken.
    #[error("our own block was refused: {0}")]
    Import(#[from] ImportError),
}
