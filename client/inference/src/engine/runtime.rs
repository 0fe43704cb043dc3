//! ONNX Runtime: loaded, on a device that works, and sessions on it.

use std::time::Duration;

use citrate_inference_types::{Device, InferenceError, OptimisationLevel};
use ort::{
    environment::Environment,
    session::{Session, builder::GraphOptimizationLevel},
};

use super::error::{failed, refused};
use crate::{EngineConfig, device, library, memory, onnx, watchdog::Watchdog};

/// A model of one operator: what cannot run it can run nothing.
const PROBE: &[u8] = include_bytes!("probe.onnx");
/// How long a device may take to get ready.
const PROBE_LIMIT: Duration = Duration::from_secs(60);

/// The loaded library.
pub(super) struct Runtime {
    environment: Environment,
    pub(super) device: Device,
    pub(super) version: String,
    threads: usize,
    memory_bytes_max: u64,
}

impl Runtime {
    /// Loads the library and takes the first device of the choice that works.
    pub(super) fn start(config: &EngineConfig) -> Result<Self, String> {
        let candidates = device::candidates(config.device)?;
        let (environment, version) = library::load(config.library.as_deref(), |new| {
            memory::bound(new, config.memory_bytes_max)
        })?;
        let mut runtime = Self {
            environment,
            device: Device::Cpu,
            version,
            threads: config.threads,
            memory_bytes_max: config.memory_bytes_max,
        };
        let mut reason = String::new();
        for device in candidates {
            runtime.device = device;
            match runtime.session(PROBE, super::OPTIMISATION, PROBE_LIMIT) {
                Ok(_) => return Ok(runtime),
                Err(error) => reason = format!("{device:?} does not work: {error}"),
            }
            tracing::info!(reason, "trying the next device");
        }
        Err(reason)
    }

    /// Loads a model's file. Nothing but these bytes is read.
    #[expect(clippy::result_large_err, reason = "ort's errors give the builder back")]
    pub(super) fn session(
        &self,
        file: &[u8],
        level: OptimisationLevel,
        limit: Duration,
    ) -> Result<Session, InferenceError> {
        let level = match level {
            OptimisationLevel::Disabled => GraphOptimizationLevel::Disable,
            OptimisationLevel::Basic => GraphOptimizationLevel::Level1,
            OptimisationLevel::Extended => GraphOptimizationLevel::Level2,
            OptimisationLevel::All => GraphOptimizationLevel::All,
        };
        onnx::check(file).map_err(InferenceError::InvalidModel)?;
        let mut builder = Session::builder(&self.environment)
            .map_err(|error| failed(&error))?
            .with_optimization_level(level)
            .and_then(|builder| builder.with_intra_threads(self.threads.max(1)))
            .and_then(|builder| builder.with_inter_threads(1))
            .and_then(|builder| builder.with_parallel_execution(false))
            .and_then(|builder| builder.with_deterministic_compute(true))
            .and_then(|builder| builder.with_env_allocators())
            // ONNX Runtime's own format is not what `onnx::check` has looked at.
            .and_then(|builder| builder.with_config_entry("session.load_model_format", "ONNX"))
            .and_then(|builder| {
                let providers = device::execution_providers(self.device, self.memory_bytes_max);
                builder.with_execution_providers(providers)
            })
            .map_err(|error| InferenceError::Unavailable(super::error::clip(error.message())))?;
        let canceler = builder.canceler();
        let watchdog = Watchdog::start(limit, move || {
            if let Err(error) = canceler.cancel() {
                tracing::warn!(error = error.message(), "a slow load cannot be stopped");
            }
        })
        .map_err(|error| InferenceError::Failed(error.to_string()))?;
        let session = builder.commit_from_memory(file);
        if watchdog.fired() {
            return Err(InferenceError::Timeout);
        }
        session.map_err(|error| refused(&error))
    }
}
