//! The engine as the runtime's worker sees it.

use citrate_core::H256;
use citrate_host::InferenceHost;
use citrate_inference_types::{
    Capabilities, Description, Generation, InferenceError, RefereeLimits, RunLimits, content_hash,
};
use codec::Encode;

use crate::Engine;

/// LIMIT: bytes of an artifact that the worker gets; its heap gives no larger piece.
const ARTIFACT_BYTES_MAX: u64 = 16 << 20;

impl InferenceHost for Engine {
    fn capabilities(&self) -> Capabilities {
        Self::capabilities(self)
    }

    fn load(&self, model: &H256) -> Result<(), InferenceError> {
        Self::load(self, model)
    }

    fn describe(&self, model: &H256, limits: RunLimits) -> Result<Description, InferenceError> {
        Self::describe(self, model, limits)
    }

    fn run(
        &self,
        model: &H256,
        inputs: Vec<u8>,
        limits: RunLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        Self::run(self, model, &inputs, limits)
    }

    fn generate(
        &self,
        model: &H256,
        generation: Generation,
        limits: RunLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        Self::generate(self, model, &generation, limits).map(|text| text.encode())
    }

    /// The engine is none: whoever has a referee answers for both.
    fn referee(
        &self,
        _module: &H256,
        _model: &H256,
        _inputs: Vec<u8>,
        _limits: RefereeLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        Err(InferenceError::Unavailable("this node has no referee".into()))
    }

    fn artifact_get(&self, hash: &H256, max: u32) -> Option<Vec<u8>> {
        match self.store().read(hash, ARTIFACT_BYTES_MAX.min(max.into())) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                tracing::debug!(artifact = ?hash, %error, "not given to the worker");
                None
            }
        }
    }

    fn artifact_put(&self, bytes: &[u8]) -> H256 {
        match self.store().add_bytes(bytes, "") {
            Ok(artifact) => artifact.hash,
            Err(error) => {
                tracing::warn!(%error, "a result was not stored");
                content_hash(bytes)
            }
        }
    }
}
