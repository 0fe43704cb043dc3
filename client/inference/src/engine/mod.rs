//! The engine.

mod error;
mod run;
mod runtime;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use citrate_artifacts::{Store, StoreError};
use citrate_core::{H256, hashing};
use citrate_inference_types::{Capabilities, InferenceError, RunLimits, Tensors};
use codec::Encode;
use ort::session::Session;

use crate::{EngineConfig, ModelSource, NoSource, Sought, cache::Cache};
use runtime::Runtime;

/// Bytes that a loaded model is taken to need for each byte of its file: the weights as read and as prepared.
const MEMORY_FACTOR: u64 = 2;
/// Bytes that a session is taken to need besides, so that many small models are bounded too.
const SESSION_BYTES: u64 = 1 << 20;

/// Runs models from an artifact store.
pub struct Engine {
    config: EngineConfig,
    store: Arc<Store>,
    source: Arc<dyn ModelSource>,
    runtime: Result<Runtime, String>,
    cache: Mutex<Cache<Model>>,
    /// Held while a model is loaded, so that two jobs do not load one model twice.
    loading: Mutex<()>,
    running: AtomicUsize,
}

/// A loaded model. One run at a time: a session is not shared between runs.
struct Model {
    session: Mutex<Session>,
    /// What it is taken to need.
    bytes: u64,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("capabilities", &self.capabilities()).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine. It is there without a library as well; [`Engine::capabilities`] says so and why.
    ///
    /// It knows no model's card and fetches nothing: see [`Self::with_source`].
    pub fn new(config: EngineConfig, store: Arc<Store>) -> Self {
        Self::with_source(config, store, Arc::new(NoSource))
    }

    /// An engine that has missing models fetched, and reads their cards.
    pub fn with_source(
        config: EngineConfig,
        store: Arc<Store>,
        source: Arc<dyn ModelSource>,
    ) -> Self {
        let runtime = Runtime::start(&config);
        match &runtime {
            Ok(runtime) => tracing::info!(
                version = runtime.version, device = ?runtime.device, "ONNX Runtime is loaded"
            ),
            Err(reason) => tracing::warn!(reason, "no inference on this node"),
        }
        Self {
            config,
            store,
            source,
            runtime,
            cache: Mutex::default(),
            loading: Mutex::default(),
            running: AtomicUsize::new(0),
        }
    }

    /// What this engine can do.
    pub fn capabilities(&self) -> Capabilities {
        match &self.runtime {
            Ok(runtime) => Capabilities {
                available: true,
                engine: "onnxruntime".into(),
                version: runtime.version.clone(),
                device: runtime.device,
                memory_bytes_max: self.config.memory_bytes_max,
                settings: self.settings(runtime),
                reason: String::new(),
            },
            Err(reason) => Capabilities::unavailable(reason),
        }
    }

    /// The store that models come from.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Loads a model, so that the first run does not wait for it.
    pub fn load(&self, model: &H256) -> Result<(), InferenceError> {
        self.model(model, self.config.memory_bytes_max, self.config.time_ms_max).map(|_| ())
    }

    /// Runs a model on SCALE-encoded [`Tensors`]; gives the outputs likewise, in the model's order.
    pub fn run(
        &self,
        model: &H256,
        inputs: &[u8],
        limits: RunLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        let inputs = Tensors::from_bytes(inputs)
            .map_err(|error| InferenceError::InvalidInput(error.to_string()))?;
        self.run_tensors(model, inputs, limits).map(|outputs| outputs.encode())
    }

    /// Runs a model.
    #[expect(clippy::needless_pass_by_value, reason = "a run is the end of its inputs")]
    pub fn run_tensors(
        &self,
        model: &H256,
        inputs: Tensors,
        limits: RunLimits,
    ) -> Result<Tensors, InferenceError> {
        let _place = self.place()?;
        let time_ms = bound(limits.time_ms_max.into(), self.config.time_ms_max.into());
        let memory = bound(limits.memory_bytes_max, self.config.memory_bytes_max);
        let output_max = bound(limits.output_bytes_max.into(), self.config.output_bytes_max.into());
        let loaded = self.model(model, memory, u32::try_from(time_ms).unwrap_or(u32::MAX))?;
        let input_bytes: u64 = inputs.iter().map(|input| input.tensor.data().len() as u64).sum();
        if loaded.bytes.saturating_add(input_bytes.saturating_mul(2)) > memory {
            return Err(InferenceError::OutOfMemory);
        }
        run::run(&mut lock(&loaded.session), &inputs, Duration::from_millis(time_ms), output_max)
    }

    /// The loaded model, from the cache or the store.
    fn model(&self, hash: &H256, memory: u64, time_ms: u32) -> Result<Arc<Model>, InferenceError> {
        let runtime = self.runtime()?;
        if let Some(model) = lock(&self.cache).get(hash) {
            return Ok(model);
        }
        let _loading = lock(&self.loading);
        if let Some(model) = lock(&self.cache).get(hash) {
            return Ok(model);
        }
        let file_max = memory / MEMORY_FACTOR;
        let file = self.store.read(hash, file_max).map_err(|error| match error {
            StoreError::Unknown(_) => match self.source.seek(hash, file_max) {
                // The job is not given back: the model may be here when it is tried again.
                Sought::Coming => InferenceError::Busy,
                Sought::Nowhere => InferenceError::UnknownModel,
            },
            StoreError::Corrupted(_) => InferenceError::Corrupted,
            StoreError::TooLarge { .. } => InferenceError::OutOfMemory,
            other => InferenceError::Failed(other.to_string()),
        })?;
        // Loaded from the very bytes that were checked: the file on disk may change meanwhile.
        let session = runtime.session(&file, Duration::from_millis(time_ms.into()))?;
        let bytes = (file.len() as u64).saturating_mul(MEMORY_FACTOR).saturating_add(SESSION_BYTES);
        let model = Arc::new(Model { session: Mutex::new(session), bytes });
        let bytes_max = self.config.memory_bytes_max;
        lock(&self.cache).insert(*hash, Arc::clone(&model), bytes, bytes_max);
        tracing::debug!(model = ?hash, bytes, "model loaded");
        Ok(model)
    }

    fn runtime(&self) -> Result<&Runtime, InferenceError> {
        self.runtime.as_ref().map_err(|reason| InferenceError::Unavailable(reason.clone()))
    }

    /// Hash of what a result depends on besides model and input.
    fn settings(&self, runtime: &Runtime) -> H256 {
        let settings = (
            "CITRATE/inference/settings/v1",
            &runtime.version,
            runtime.device,
            "optimisation=all deterministic=true",
            self.config.threads as u64,
        );
        H256(settings.using_encoded(hashing::blake2_256))
    }

    /// One of the places for runs, until it is dropped.
    fn place(&self) -> Result<Place<'_>, InferenceError> {
        let max = self.config.runs_max.max(1);
        self.running
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| (now < max).then_some(now + 1))
            .map(|_| Place(&self.running))
            .map_err(|_running| InferenceError::Busy)
    }
}

struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The smaller of a limit and our own; zero means ours.
fn bound(asked: u64, own: u64) -> u64 {
    if asked == 0 { own } else { asked.min(own) }
}

/// A panic elsewhere leaves these values whole: each is changed in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
