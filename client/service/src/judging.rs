//! The engine and the referee of a node, as the runtime's worker sees them.

use std::sync::Arc;

use citrate_artifacts::Store;
use citrate_core::H256;
use citrate_host::InferenceHost;
use citrate_inference::{Engine, ModelSource, Sought};
use citrate_inference_types::{
    Capabilities, Description, Generation, InferenceError, RefereeFault, RefereeLimits, RunLimits,
    Tensors,
};
use citrate_referee::{RefereeError, Referees};
use codec::Encode;

/// LIMIT: bytes of a referee's module.
const MODULE_BYTES_MAX: u64 = 32 << 20;

/// Runs models with the engine, and once more in the referee's module. The module is an artifact as models are: named by
/// its content hash, and fetched from other nodes where this one lacks it.
pub(crate) struct Inference {
    pub(crate) engine: Engine,
    pub(crate) artifacts: Arc<Store>,
    pub(crate) source: Arc<dyn ModelSource>,
    pub(crate) referees: Referees,
}

impl Inference {
    /// An artifact of this node, or of another one if it comes soon.
    fn artifact(&self, hash: &H256, bytes_max: u64) -> Result<Vec<u8>, InferenceError> {
        if let Ok(bytes) = self.artifacts.read(hash, bytes_max) {
            return Ok(bytes);
        }
        match self.source.seek(hash, bytes_max) {
            Sought::Coming => Err(InferenceError::Busy),
            Sought::Nowhere => Err(InferenceError::UnknownModel),
        }
    }
}

impl InferenceHost for Inference {
    fn capabilities(&self) -> Capabilities {
        self.engine.capabilities()
    }

    fn load(&self, model: &H256) -> Result<(), InferenceError> {
        self.engine.load(model)
    }

    fn describe(&self, model: &H256, limits: RunLimits) -> Result<Description, InferenceError> {
        self.engine.describe(model, limits)
    }

    fn run(
        &self,
        model: &H256,
        inputs: Vec<u8>,
        limits: RunLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        self.engine.run(model, &inputs, limits)
    }

    fn referee(
        &self,
        module: &H256,
        model: &H256,
        inputs: Vec<u8>,
        limits: RefereeLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        let inputs = Tensors::from_bytes(&inputs)
            .map_err(|error| InferenceError::InvalidInput(error.to_string()))?;
        // Whatever has other bytes than its hash says is not given out by the store.
        let code = self.artifact(module, MODULE_BYTES_MAX)?;
        let file = self.artifact(model, limits.memory_bytes)?;
        let unable = |error: RefereeError| InferenceError::Failed(error.to_string());
        let referee = self.referees.get(*module, || Some(code)).map_err(unable)?;
        let answer = match referee.run(&file, &inputs, limits) {
            Ok(verdict) => Ok(verdict.outputs),
            Err(error) if error.is_final() => Err(fault(error)),
            Err(error) => return Err(unable(error)),
        };
        Ok(answer.encode())
    }

    fn generate(
        &self,
        model: &H256,
        generation: Generation,
        limits: RunLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        InferenceHost::generate(&self.engine, model, generation, limits)
    }

    fn artifact_get(&self, hash: &H256, max: u32) -> Option<Vec<u8>> {
        // A job's input may be on another node; a later call finds it.
        self.engine.artifact_get(hash, max).or_else(|| {
            let _ = self.source.seek(hash, max.into());
            None
        })
    }

    fn artifact_put(&self, bytes: &[u8]) -> H256 {
        self.engine.artifact_put(bytes)
    }
}

/// What the committee says of an error that every machine gets.
fn fault(error: RefereeError) -> RefereeFault {
    match error {
        RefereeError::InvalidModel(why) => RefereeFault::InvalidModel(why),
        RefereeError::Unsupported(what) => RefereeFault::Unsupported(what),
        RefereeError::InvalidInput(why) => RefereeFault::InvalidInput(why),
        RefereeError::OutputTooLarge => RefereeFault::OutputTooLarge,
        other => RefereeFault::Failed(other.to_string()),
    }
}
