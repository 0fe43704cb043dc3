//! What runs runtime code.

use std::fmt;
use std::sync::Arc;

use citrate_core::{H256, RuntimeVersion, hashing::blake2_256};
use citrate_host::{Extensions, Externalities, ReadRuntimeVersion, ReadRuntimeVersionExt};
use codec::Encode;

use crate::error::RuntimeError;

/// Runtime code, as it stands in the state.
#[derive(Clone)]
pub struct Code {
    /// The blob, possibly compressed.
    pub bytes: Arc<[u8]>,
    /// Its hash in the state.
    pub hash: H256,
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({:?}, {} bytes)", self.hash, self.bytes.len())
    }
}

/// What code is run for; decides which host functions exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The state transition and all that asks about it: standard host functions only.
    Block,
    /// Off-chain work: inference as well.
    Worker,
}

/// Runs runtime code. The node has one over WASM; tests have one of their own.
pub trait Machine: Send + Sync {
    /// Calls an exported function on a state.
    ///
    /// # Errors
    /// See [`RuntimeError`]. The state may have any changes and open transactions then.
    fn call(
        &self,
        code: &Code,
        purpose: Purpose,
        method: &str,
        data: &[u8],
        externalities: &mut dyn Externalities,
    ) -> Result<Vec<u8>, RuntimeError>;

    /// The version that the code declares.
    ///
    /// # Errors
    /// The code is no runtime.
    fn runtime_version(&self, code: &Code) -> Result<RuntimeVersion, RuntimeError>;

    /// The version that a runtime gets told of another blob, as `set_code` asks. It has to follow
    /// from the blob alone, because blocks depend on it.
    ///
    /// # Errors
    /// The code is no runtime, or does not declare its version.
    fn declared_version(&self, code: &Code) -> Result<RuntimeVersion, RuntimeError> {
        self.runtime_version(code)
    }
}

/// Lets a runtime read the version of code that it is given, as `set_code` does.
struct VersionReader(Arc<dyn Machine>);

impl ReadRuntimeVersion for VersionReader {
    fn read_runtime_version(&self, code: &[u8]) -> Option<Vec<u8>> {
        let code = Code { bytes: code.into(), hash: blake2_256(code).into() };
        let version = self.0.declared_version(&code);
        version
            .inspect_err(|error| tracing::debug!(target: "chain", %error, "code without a version"))
            .ok()
            .map(|version| version.encode())
    }
}

/// The services that every call has.
pub(crate) fn register_services(machine: &Arc<dyn Machine>, extensions: &mut Extensions) {
    let reader = Arc::new(VersionReader(Arc::clone(machine)));
    extensions.register(ReadRuntimeVersionExt(reader));
}
