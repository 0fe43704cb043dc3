//! Why a transaction is not taken.

use citrate_core::{H256, InvalidTransaction, TransactionValidityError, UnknownTransaction};

/// Why a transaction is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// The runtime says that it is invalid.
    #[error("invalid transaction: {0:?}")]
    InvalidTransaction(InvalidTransaction),
    /// The runtime cannot judge it.
    #[error("unknown validity: {0:?}")]
    UnknownTransaction(UnknownTransaction),
    /// It was invalid a short time ago.
    #[error("the transaction is temporarily banned")]
    TemporarilyBanned,
    /// It is in the pool already.
    #[error("the transaction is already in the pool: {0:?}")]
    AlreadyImported(H256),
    /// Another transaction provides one of its tags and has at least its priority.
    #[error("priority {new} is too low to replace a transaction of priority {old}")]
    TooLowPriority {
        /// Priority of what is in the pool.
        old: u64,
        /// Priority of the new transaction.
        new: u64,
    },
    /// The pool is full of better ones.
    #[error("the transaction was dropped at once because the pool is full")]
    ImmediatelyDropped,
    /// It may not be propagated, and this node would not include it either.
    #[error("the transaction cannot be propagated and is not local")]
    Unactionable,
    /// It provides no tag, so nothing tells when it is included.
    #[error("the transaction provides no tags")]
    NoTagsProvided,
    /// It requires what only it, or its own dependants, would provide.
    #[error("the transaction depends on itself")]
    CycleDetected,
    /// It is longer than the limit.
    #[error("the transaction has {bytes} bytes; the limit is {max}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// It has too many tags, or a tag that is too long.
    #[error("the transaction has too many or too long tags")]
    TooManyTags,
    /// As many transactions are watched as the configuration allows.
    #[error("too many transactions are watched")]
    TooManyWatchers,
    /// The runtime could not be asked.
    #[error("the runtime could not validate the transaction: {0}")]
    Runtime(String),
}

impl From<TransactionValidityError> for PoolError {
    fn from(error: TransactionValidityError) -> Self {
        match error {
            TransactionValidityError::Invalid(invalid) => Self::InvalidTransaction(invalid),
            TransactionValidityError::Unknown(unknown) => Self::UnknownTransaction(unknown),
        }
    }
}
