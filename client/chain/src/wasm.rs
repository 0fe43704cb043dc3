//! The machine of a node: the WASM executor.

use citrate_core::RuntimeVersion;
use citrate_executor::{Executor, ExecutorError, Limits, Profile, RuntimeCode};
use citrate_host::Externalities;

use crate::error::RuntimeError;
use crate::machine::{Code, Machine, Purpose};

impl Machine for Executor {
    fn call(
        &self,
        code: &Code,
        purpose: Purpose,
        method: &str,
        data: &[u8],
        externalities: &mut dyn Externalities,
    ) -> Result<Vec<u8>, RuntimeError> {
        let profile = match purpose {
            Purpose::Block => Profile::Block,
            Purpose::Worker => Profile::Worker,
        };
        let fetch = || Some(code.bytes.to_vec());
        let lazy = RuntimeCode::lazy(code.hash, &fetch);
        let limits = Limits::default();
        Self::call(self, lazy, profile, method, data, externalities, limits).map_err(convert)
    }

    fn runtime_version(&self, code: &Code) -> Result<RuntimeVersion, RuntimeError> {
        let fetch = || Some(code.bytes.to_vec());
        Self::runtime_version(self, RuntimeCode::lazy(code.hash, &fetch)).map_err(convert)
    }

    fn declared_version(&self, code: &Code) -> Result<RuntimeVersion, RuntimeError> {
        Self::declared_version(self, &code.bytes).map_err(convert)
    }
}

/// Tells what every node's runtime does alike from what only this node ran into.
fn convert(error: ExecutorError) -> RuntimeError {
    match error {
        ExecutorError::ExportMissing(method) => RuntimeError::NoSuchMethod(method),
        ExecutorError::Trap { message } => RuntimeError::Trapped(message),
        // The bounds on memory and output are the same constants on every node.
        error @ (ExecutorError::Memory(_) | ExecutorError::Output { .. }) => {
            RuntimeError::Trapped(error.to_string())
        }
        error @ (ExecutorError::Timeout { .. } | ExecutorError::Exhausted) => {
            RuntimeError::Limit(error.to_string())
        }
        ExecutorError::State(reason) => RuntimeError::State(reason),
        other => RuntimeError::Code(other.to_string()),
    }
}
