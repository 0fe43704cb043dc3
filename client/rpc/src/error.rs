//! Error codes and texts, as Polkadot's clients know them.

use citrate_api::ApiError;
use citrate_core::{InvalidTransaction, TransactionValidityError, UnknownTransaction};
use citrate_trie::TrieError;
use citrate_txpool::PoolError;
use jsonrpsee::types::{ErrorObject, ErrorObjectOwned};

use crate::backend::BackendError;

pub(crate) const INVALID_PARAMS: i32 = -32602;
pub(crate) const INTERNAL: i32 = -32603;
const METHOD_NOT_FOUND: i32 = -32601;
const RATE_LIMIT: i32 = -32999;

const TOO_MANY_FOLLOWS: i32 = -32800;
const INVALID_BLOCK: i32 = -32801;
const NO_RUNTIME: i32 = -32802;
const BAD_CONTINUE: i32 = -32803;
const DUPLICATE_HASHES: i32 = -32804;

const FINALITY_NOT_READY: i32 = 1;
const FINALITY_NOT_PROVABLE: i32 = 3;

const BAD_FORMAT: i32 = 1001;
const VERIFICATION: i32 = 1002;
const POOL_INVALID: i32 = 1010;
const POOL_UNKNOWN: i32 = 1011;
const POOL_BANNED: i32 = 1012;
const POOL_ALREADY: i32 = 1013;
const POOL_PRIORITY: i32 = 1014;
const POOL_CYCLE: i32 = 1015;
const POOL_DROPPED: i32 = 1016;
const POOL_UNACTIONABLE: i32 = 1018;
const POOL_NO_TAGS: i32 = 1019;
const POOL_FULL: i32 = 1020;

const BAD_RANGE: i32 = 4001;
const BAD_COUNT: i32 = 4002;
const CLIENT: i32 = 4003;

/// What a method answers.
pub(crate) type Answer = Result<serde_json::Value, ErrorObjectOwned>;

fn plain(code: i32, message: impl Into<String>) -> ErrorObjectOwned {
    ErrorObject::owned(code, message, None::<()>)
}

fn with_data(code: i32, message: &str, data: impl Into<String>) -> ErrorObjectOwned {
    ErrorObject::owned(code, message, Some(data.into()))
}

pub(crate) fn invalid_params(reason: impl std::fmt::Display) -> ErrorObjectOwned {
    with_data(INVALID_PARAMS, "Invalid params", reason.to_string())
}

pub(crate) fn internal(reason: impl std::fmt::Display) -> ErrorObjectOwned {
    plain(INTERNAL, format!("Internal error: {reason}"))
}

pub(crate) fn unsafe_method() -> ErrorObjectOwned {
    plain(METHOD_NOT_FOUND, "RPC call is unsafe to be called externally")
}

pub(crate) fn rate_limited() -> ErrorObjectOwned {
    plain(RATE_LIMIT, "RPC rate limit exceeded")
}

pub(crate) fn bad_range(reason: impl Into<String>) -> ErrorObjectOwned {
    plain(BAD_RANGE, reason)
}

pub(crate) fn bad_count(count: u64, max: u64) -> ErrorObjectOwned {
    plain(BAD_COUNT, format!("count exceeds maximum value. value: {count}, max: {max}"))
}

pub(crate) fn too_many_follows() -> ErrorObjectOwned {
    plain(TOO_MANY_FOLLOWS, "Maximum number of chainHead_follow has been reached")
}

pub(crate) fn block_not_pinned() -> ErrorObjectOwned {
    plain(INVALID_BLOCK, "Invalid block hash")
}

pub(crate) fn follow_without_runtime() -> ErrorObjectOwned {
    plain(NO_RUNTIME, "The chainHead_follow subscription was started with withRuntime set to false")
}

pub(crate) fn bad_continue() -> ErrorObjectOwned {
    plain(BAD_CONTINUE, "Wait for continue event was not generated before calling continue")
}

pub(crate) fn duplicate_hashes() -> ErrorObjectOwned {
    plain(DUPLICATE_HASHES, "Received duplicate hashes for chainHead_unpin")
}

pub(crate) fn finality_not_ready() -> ErrorObjectOwned {
    plain(FINALITY_NOT_READY, "GRANDPA RPC endpoint not ready")
}

pub(crate) fn finality_not_provable(reason: impl std::fmt::Display) -> ErrorObjectOwned {
    plain(FINALITY_NOT_PROVABLE, format!("Prove finality failed: {reason}"))
}

pub(crate) fn bad_extrinsic(reason: impl std::fmt::Display) -> ErrorObjectOwned {
    plain(BAD_FORMAT, format!("Extrinsic has invalid format: {reason}"))
}

impl From<BackendError> for ErrorObjectOwned {
    fn from(error: BackendError) -> Self {
        plain(CLIENT, format!("Client error: {error}"))
    }
}

/// Errors of the state trie are the database's.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(crate) fn state(error: TrieError) -> ErrorObjectOwned {
    BackendError::Internal(error.to_string()).into()
}

/// Errors of typed runtime calls.
pub(crate) fn api(error: ApiError<BackendError>) -> ErrorObjectOwned {
    match error {
        ApiError::Call(error) => error.into(),
        result @ ApiError::Result { .. } => internal(result),
    }
}

/// Errors of author methods.
pub(crate) fn pool(error: &PoolError) -> ErrorObjectOwned {
    match error {
        PoolError::InvalidTransaction(reason) => {
            with_data(POOL_INVALID, "Invalid Transaction", invalid_reason(*reason))
        }
        PoolError::UnknownTransaction(reason) => {
            with_data(POOL_UNKNOWN, "Unknown Transaction Validity", unknown_reason(*reason))
        }
        PoolError::TemporarilyBanned => plain(POOL_BANNED, "Transaction is temporarily banned"),
        PoolError::AlreadyImported(hash) => {
            with_data(POOL_ALREADY, "Transaction Already Imported", format!("{hash:?}"))
        }
        PoolError::TooLowPriority { old, new } => with_data(
            POOL_PRIORITY,
            &format!("Priority is too low: ({old} vs {new})"),
            "The transaction has too low priority to replace another in the pool.",
        ),
        PoolError::CycleDetected => plain(POOL_CYCLE, "Cycle Detected"),
        PoolError::ImmediatelyDropped => with_data(
            POOL_DROPPED,
            "Immediately Dropped",
            "The transaction could not enter the pool because of its limits",
        ),
        PoolError::Unactionable => with_data(
            POOL_UNACTIONABLE,
            "Unactionable",
            "The transaction is not propagable and this node does not author blocks",
        ),
        PoolError::NoTagsProvided => with_data(
            POOL_NO_TAGS,
            "No tags provided",
            "The transaction provides no tags, so the pool cannot identify it",
        ),
        PoolError::TooManyWatchers => plain(POOL_FULL, error.to_string()),
        PoolError::TooLarge { .. } | PoolError::TooManyTags => bad_extrinsic(error),
        other => with_data(VERIFICATION, "Verification Error", other.to_string()),
    }
}

/// The words that Substrate's clients show for each reason.
fn invalid_reason(reason: InvalidTransaction) -> String {
    let text = match reason {
        InvalidTransaction::Call => "Transaction call is not expected",
        InvalidTransaction::Payment => "Inability to pay some fees (e.g. account balance too low)",
        InvalidTransaction::Future => "Transaction will be valid in the future",
        InvalidTransaction::Stale => "Transaction is outdated",
        InvalidTransaction::BadProof => "Transaction has a bad signature",
        InvalidTransaction::AncientBirthBlock => "Transaction has an ancient birth block",
        InvalidTransaction::ExhaustsResources => "Transaction would exhaust the block limits",
        InvalidTransaction::Custom(code) => return format!("Custom error: {code}"),
        InvalidTransaction::BadMandatory => {
            "A call was labelled as mandatory, but resulted in an Error."
        }
        InvalidTransaction::MandatoryValidation => {
            "Transaction dispatch is mandatory; transactions must not be validated."
        }
        InvalidTransaction::BadSigner => "Invalid signing address",
        InvalidTransaction::IndeterminateImplicit => {
            "The implicit data was unable to be calculated"
        }
        InvalidTransaction::UnknownOrigin => {
            "The transaction extension did not authorize any origin"
        }
    };
    text.to_owned()
}

/// Why a transaction is not valid.
pub(crate) fn validity_reason(error: TransactionValidityError) -> String {
    match error {
        TransactionValidityError::Invalid(reason) => invalid_reason(reason),
        TransactionValidityError::Unknown(reason) => unknown_reason(reason),
    }
}

fn unknown_reason(reason: UnknownTransaction) -> String {
    match reason {
        UnknownTransaction::CannotLookup => {
            "Could not lookup information required to validate the transaction".to_owned()
        }
        UnknownTransaction::NoUnsignedValidator => {
            "Could not find an unsigned validator for the unsigned transaction".to_owned()
        }
        UnknownTransaction::Custom(code) => format!("Custom error: {code}"),
    }
}
