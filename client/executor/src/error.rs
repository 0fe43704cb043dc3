//! Why a runtime call gave no result.

use citrate_core::code::CodeError;
use std::sync::Arc;

/// Why a runtime call gave no result. The caller's input, the runtime or the node's limits are at
/// fault, in that order of likelihood; the node itself goes on.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecutorError {
    /// The state has no code under the key.
    #[error("there is no runtime code")]
    CodeMissing,
    /// The blob does not decompress.
    #[error("runtime code does not decompress: {0}")]
    Code(Arc<CodeError>),
    /// The blob is not a module that can run here.
    #[error("runtime code is not a valid module: {0}")]
    Module(String),
    /// The blob imports what it may not.
    #[error("runtime imports {module}.{name}, {reason}")]
    Import {
        /// The import's module.
        module: String,
        /// The import's name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The runtime exports no such function.
    #[error("Exported method {0} is not found")]
    ExportMissing(String),
    /// The export is not `(i32, i32) -> i64`.
    #[error("exported method {0} has the wrong signature")]
    ExportSignature(String),
    /// The runtime trapped: a panic, an overflow of its stack, a forbidden instruction.
    #[error("runtime trapped: {message}")]
    Trap {
        /// What the runtime or the engine said.
        message: String,
    },
    /// The call took longer than allowed.
    #[error("runtime call took longer than {limit_ms} ms")]
    Timeout {
        /// The limit.
        limit_ms: u128,
    },
    /// Guest memory is used up.
    #[error("runtime memory: {0}")]
    Memory(String),
    /// The result's pointer leads nowhere, or the result is larger than allowed.
    #[error("runtime returned {length} bytes at {pointer:#x}, which is not allowed")]
    Output {
        /// Where.
        pointer: u32,
        /// How many.
        length: u32,
    },
    /// The state behind the externalities could not be read.
    #[error("state: {0}")]
    State(String),
    /// The blob has no custom section with its version.
    #[error("runtime code does not declare its version in a custom section")]
    VersionMissing,
    /// All instances are in use.
    #[error("all runtime instances are in use")]
    Exhausted,
    /// The result does not decode.
    #[error("result of {method} does not decode: {source}")]
    Decode {
        /// The export.
        method: &'static str,
        /// What the codec said.
        source: codec::Error,
    },
    /// The engine cannot be set up on this machine.
    #[error("wasm engine: {0}")]
    Engine(String),
}
