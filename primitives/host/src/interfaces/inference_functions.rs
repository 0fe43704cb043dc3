//! The node's inference engine, for workers.

use citrate_host_macros::host_functions;

/// The node's inference engine and artifact store. Never available to block execution.
#[host_functions("inference", group = Inference)]
pub mod inference {
    #[cfg(feature = "std")]
    use crate::Externalities;
    use alloc::vec::Vec;
    use citrate_core::H256;
    use citrate_inference_types::{Generation, InferenceError, RefereeLimits, RunLimits};
    #[cfg(feature = "std")]
    use codec::Encode;

    /// What the engine can do: SCALE `Capabilities`.
    pub fn capabilities(host: &mut dyn Externalities) -> Vec<u8> {
        let capabilities = match super::super::engine(host) {
            Some(engine) => engine.capabilities(),
            None => citrate_inference_types::Capabilities::unavailable(super::super::NO_ENGINE),
        };
        capabilities.encode()
    }

    /// Loads the model with this content hash.
    ///
    /// # Errors
    /// When the file is missing or corrupted, or the engine refuses it.
    pub fn load(host: &mut dyn Externalities, model: &H256) -> Result<(), InferenceError> {
        super::super::engine(host).ok_or_else(super::super::unavailable)?.load(model)
    }

    /// Loads a model within these limits; returns the inputs and outputs of its file: SCALE `Description`.
    ///
    /// # Errors
    /// When the file is missing or corrupted, or the engine refuses it.
    pub fn describe(
        host: &mut dyn Externalities,
        model: &H256,
        limits: RunLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        let engine = super::super::engine(host).ok_or_else(super::super::unavailable)?;
        engine.describe(model, limits).map(|description| description.encode())
    }

    /// Runs a model on SCALE-encoded tensors; returns SCALE-encoded tensors.
    ///
    /// # Errors
    /// When the model, the inputs or the limits do not allow it.
    pub fn run(
        host: &mut dyn Externalities,
        model: &H256,
        inputs: Vec<u8>,
        limits: RunLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        super::super::engine(host).ok_or_else(super::super::unavailable)?.run(model, inputs, limits)
    }

    /// Runs a model on SCALE-encoded tensors in the referee's module with this content hash; returns what the module
    /// answers, a SCALE-encoded `Result<Tensors, RefereeFault>` that is the same on every machine.
    ///
    /// # Errors
    /// When this machine cannot run it, which says nothing about the model.
    pub fn referee(
        host: &mut dyn Externalities,
        module: &H256,
        model: &H256,
        inputs: Vec<u8>,
        limits: RefereeLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        let engine = super::super::engine(host).ok_or_else(super::super::unavailable)?;
        engine.referee(module, model, inputs, limits)
    }

    /// Lets a model go on with a text; returns SCALE-encoded tensors: `tokens`, rows of a token and its margin.
    ///
    /// # Errors
    /// When the model, the prompt or the limits do not allow it.
    pub fn generate(
        host: &mut dyn Externalities,
        model: &H256,
        generation: Generation,
        limits: RunLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        let engine = super::super::engine(host).ok_or_else(super::super::unavailable)?;
        engine.generate(model, generation, limits)
    }

    /// The content hash of an input or output.
    pub fn digest(data: &[u8]) -> [u8; 32] {
        citrate_inference_types::content_hash(data).0
    }

    /// An artifact of at most `max` bytes, if the store has it.
    pub fn artifact_get(host: &mut dyn Externalities, hash: &H256, max: u32) -> Option<Vec<u8>> {
        super::super::engine(host)?.artifact_get(hash, max)
    }

    /// Stores an artifact and returns its hash.
    pub fn artifact_put(host: &mut dyn Externalities, data: &[u8]) -> H256 {
        match super::super::engine(host) {
            Some(engine) => engine.artifact_put(data),
            None => citrate_inference_types::content_hash(data),
        }
    }
}

#[cfg(feature = "std")]
const NO_ENGINE: &str = "the node was started without an inference engine";

#[cfg(feature = "std")]
fn engine(host: &mut dyn crate::Externalities) -> Option<std::sync::Arc<dyn crate::InferenceHost>> {
    host.extensions().get::<crate::InferenceExt>().map(|ext| ext.0.clone())
}

#[cfg(feature = "std")]
fn unavailable() -> citrate_inference_types::InferenceError {
    citrate_inference_types::InferenceError::Unavailable(NO_ENGINE.into())
}
