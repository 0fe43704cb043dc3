//! Layers of storage changes that are kept or rolled back as a whole.

use citrate_core::{DispatchError, TransactionalError};
use citrate_host::storage as host;

/// The type of the depth counter.
type Layer = u32;

/// Where the depth of open layers is kept while any is open.
const TRANSACTION_LEVEL_KEY: &[u8] = b":transaction_level:";

/// How many layers may be open at once.
pub const TRANSACTIONAL_LIMIT: u32 = 255;

/// Whether a layer is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionOutcome<R> {
    /// Keep the changes.
    Commit(R),
    /// Forget the changes.
    Rollback(R),
}

impl<R> TransactionOutcome<R> {
    /// What the layer returned.
    pub fn into_inner(self) -> R {
        match self {
            Self::Commit(value) | Self::Rollback(value) => value,
        }
    }
}

fn level() -> Layer {
    super::unhashed::get_or_default(TRANSACTION_LEVEL_KEY)
}

fn set_level(level: Layer) {
    if level == 0 {
        super::unhashed::kill(TRANSACTION_LEVEL_KEY);
    } else {
        super::unhashed::put(TRANSACTION_LEVEL_KEY, &level);
    }
}

/// Whether a layer is open.
pub fn is_transactional() -> bool {
    level() > 0
}

/// Runs `f` in a layer of its own; `f` says whether to keep it.
///
/// # Errors
/// Those of `f`, and a limit error when too many layers are open.
pub fn with_transaction<T, E, F>(f: F) -> Result<T, E>
where
    E: From<DispatchError>,
    F: FnOnce() -> TransactionOutcome<Result<T, E>>,
{
    let outer = level();
    if outer >= TRANSACTIONAL_LIMIT {
        return Err(DispatchError::Transactional(TransactionalError::LimitReached).into());
    }
    // The counter is written outside the layer: a rollback must not undo the outer count.
    set_level(outer + 1);
    let result = run(f);
    set_level(outer);
    result
}

/// Runs `f` in a layer of its own without counting layers.
pub fn with_transaction_unchecked<R, F: FnOnce() -> TransactionOutcome<R>>(f: F) -> R {
    run(f)
}

fn run<R>(f: impl FnOnce() -> TransactionOutcome<R>) -> R {
    host::start_transaction();
    match f() {
        TransactionOutcome::Commit(value) => {
            host::commit_transaction();
            value
        }
        TransactionOutcome::Rollback(value) => {
            host::rollback_transaction();
            value
        }
    }
}

/// Runs `f` in a layer of its own and keeps it if `f` succeeds.
///
/// # Errors
/// Those of `f`, and a limit error when too many layers are open.
pub fn with_storage_layer<T, E, F>(f: F) -> Result<T, E>
where
    E: From<DispatchError>,
    F: FnOnce() -> Result<T, E>,
{
    with_transaction(|| match f() {
        Ok(value) => TransactionOutcome::Commit(Ok(value)),
        Err(error) => TransactionOutcome::Rollback(Err(error)),
    })
}

/// Runs `f` in the open layer, or in a new one if none is open.
///
/// # Errors
/// Those of `f`.
pub fn in_storage_layer<T, E, F>(f: F) -> Result<T, E>
where
    E: From<DispatchError>,
    F: FnOnce() -> Result<T, E>,
{
    if is_transactional() { f() } else { with_storage_layer(f) }
}
