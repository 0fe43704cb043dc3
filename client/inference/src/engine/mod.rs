//! The engine.

mod batch;
mod bound;
mod error;
mod generate;
mod places;
mod run;
mod runtime;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use citrate_artifacts::{Store, StoreError};
use citrate_core::H256;
use citrate_inference_types::{
    Capabilities, Description, Device, InferenceError, OptimisationLevel, RunLimits, Tensors,
};
use codec::Encode;
use ort::session::Session;

use crate::{EngineConfig, ModelSource, NoSource, Settings, Sought, cache::Cache, tensors};
use batch::{Batcher, Batching};
use places::Places;
use runtime::Runtime;

/// Bytes that a loaded model is taken to need for each byte of its file: the weights as read and as prepared.
const MEMORY_FACTOR: u64 = 2;
/// Bytes that a session is taken to need besides, so that many small models are bounded too.
const SESSION_BYTES: u64 = 1 << 20;
/// Rows that a GPU is given at a time, unless the operator says otherwise.
const GPU_ROWS: u32 = 8;
/// Graph optimisation of models without a card.
const OPTIMISATION: OptimisationLevel = OptimisationLevel::All;

/// Runs models from an artifact store.
pub struct Engine {
    config: EngineConfig,
    store: Arc<Store>,
    source: Arc<dyn ModelSource>,
    runtime: Result<Runtime, String>,
    cache: Mutex<Cache<Model>>,
    /// Held while a model is loaded, so that two jobs do not load one model twice.
    loading: Mutex<()>,
    places: Places,
    jobs: AtomicU64,
    runs: AtomicU64,
}

/// What an engine has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Jobs that were taken.
    pub jobs: u64,
    /// Runs of models; one may serve many jobs.
    pub runs: u64,
}

/// What a run may take.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    time: Duration,
    memory_bytes_max: u64,
    output_bytes_max: u64,
}

impl Bounds {
    /// For a run that serves all of these.
    fn of_all(bounds: impl Iterator<Item = Self>) -> Self {
        let none = Self { time: Duration::ZERO, memory_bytes_max: u64::MAX, output_bytes_max: 0 };
        bounds.fold(none, |all, one| Self {
            time: all.time.max(one.time),
            memory_bytes_max: all.memory_bytes_max.min(one.memory_bytes_max),
            output_bytes_max: all.output_bytes_max.saturating_add(one.output_bytes_max),
        })
    }
}

/// A loaded model. One run at a time: a session is not shared between runs.
struct Model {
    session: Mutex<Session>,
    /// Its inputs and outputs.
    description: Description,
    /// What it is taken to need.
    bytes: u64,
    /// Puts its jobs together, if its card allows that.
    batcher: Option<Batcher>,
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
        let engine = Self {
            places: Places::new(config.runs_max),
            config,
            store,
            source,
            runtime,
            cache: Mutex::default(),
            loading: Mutex::default(),
            jobs: AtomicU64::new(0),
            runs: AtomicU64::new(0),
        };
        if let Some(settings) = engine.settings() {
            tracing::info!(hash = ?settings.hash(), "results depend on: {settings}");
        }
        engine
    }

    /// What it has done.
    pub fn figures(&self) -> Figures {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Figures { jobs: of(&self.jobs), runs: of(&self.runs) }
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
                settings: self.settings_of(runtime).hash(),
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

    /// Loads a model within these limits; gives the inputs and outputs of its file.
    pub fn describe(&self, model: &H256, limits: RunLimits) -> Result<Description, InferenceError> {
        let bounds = self.bounds(limits);
        let time_ms = u32::try_from(bounds.time.as_millis()).unwrap_or(u32::MAX);
        let loaded = self.model(model, bounds.memory_bytes_max, time_ms)?;
        Ok(loaded.description.clone())
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

    /// Runs a model, maybe together with other jobs of it; waits for the result.
    pub fn run_tensors(
        &self,
        model: &H256,
        inputs: Tensors,
        limits: RunLimits,
    ) -> Result<Tensors, InferenceError> {
        let bounds = self.bounds(limits);
        let time_ms = u32::try_from(bounds.time.as_millis()).unwrap_or(u32::MAX);
        let loaded = self.model(model, bounds.memory_bytes_max, time_ms)?;
        let rows_max = self.rows_max()?;
        match &loaded.batcher {
            Some(batcher) if batcher.takes(&inputs, rows_max) => {
                self.jobs.fetch_add(1, Ordering::Relaxed);
                let batching = Batching {
                    wait: Duration::from_millis(self.config.batch_wait_ms.into()),
                    rows_max,
                    waiting_max: self.config.batch_waiting_max.max(1),
                };
                batcher.run(inputs, bounds, batching, &|inputs, bounds| {
                    // Whoever waits here has waited already; it is not sent away for others' sake.
                    let place = self.places.within(bounds.time);
                    let _place = place.ok_or(InferenceError::Busy)?;
                    self.execute(&loaded, inputs, bounds)
                })
            }
            _ => {
                let _place = self.places.now().ok_or(InferenceError::Busy)?;
                self.jobs.fetch_add(1, Ordering::Relaxed);
                self.execute(&loaded, &inputs, bounds)
            }
        }
    }

    /// What a run may take: the smaller of what is asked for and our own limits.
    fn bounds(&self, limits: RunLimits) -> Bounds {
        let time_ms = smaller(limits.time_ms_max.into(), self.config.time_ms_max.into());
        let output_bytes = self.config.output_bytes_max.into();
        Bounds {
            time: Duration::from_millis(time_ms),
            memory_bytes_max: smaller(limits.memory_bytes_max, self.config.memory_bytes_max),
            output_bytes_max: smaller(limits.output_bytes_max.into(), output_bytes),
        }
    }

    fn execute(
        &self,
        loaded: &Model,
        inputs: &Tensors,
        bounds: Bounds,
    ) -> Result<Tensors, InferenceError> {
        let input_bytes: u64 = inputs.iter().map(|input| input.tensor.data().len() as u64).sum();
        if loaded.bytes.saturating_add(input_bytes.saturating_mul(2)) > bounds.memory_bytes_max {
            return Err(InferenceError::OutOfMemory);
        }
        self.runs.fetch_add(1, Ordering::Relaxed);
        let device = self.runtime()?.device;
        run::run(&mut lock(&loaded.session), inputs, device, bounds.time, bounds.output_bytes_max)
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
        let bytes = (file.len() as u64).saturating_mul(MEMORY_FACTOR).saturating_add(SESSION_BYTES);
        if !lock(&self.cache).make_room(bytes, self.config.memory_bytes_max) {
            // The models that are being run are in the way.
            return Err(InferenceError::Busy);
        }
        let card = self.source.card(hash);
        let level = card.as_ref().map_or(OPTIMISATION, |card| card.engine.optimisation);
        // Loaded from the very bytes that were checked: the file on disk may change meanwhile.
        let session = runtime.session(&file, level, Duration::from_millis(time_ms.into()))?;
        let description = tensors::describe(&session)?;
        let is_batched = self.rows_max()? > 1;
        let batcher = card.filter(|_| is_batched).and_then(Batcher::new);
        let model = Arc::new(Model { session: Mutex::new(session), description, bytes, batcher });
        lock(&self.cache).insert(*hash, Arc::clone(&model), bytes);
        tracing::debug!(model = ?hash, bytes, "model loaded");
        Ok(model)
    }

    fn runtime(&self) -> Result<&Runtime, InferenceError> {
        self.runtime.as_ref().map_err(|reason| InferenceError::Unavailable(reason.clone()))
    }

    /// What results depend on; none without a library.
    pub fn settings(&self) -> Option<Settings> {
        self.runtime.as_ref().ok().map(|runtime| self.settings_of(runtime))
    }

    fn settings_of(&self, runtime: &Runtime) -> Settings {
        Settings {
            library: "onnxruntime".into(),
            version: runtime.version.clone(),
            device: runtime.device,
            optimisation: OPTIMISATION,
            deterministic: true,
            threads: u32::try_from(self.config.threads.max(1)).unwrap_or(u32::MAX),
            operators: 1,
            batch_rows_max: self.batch_rows_max(runtime.device),
        }
    }

    fn rows_max(&self) -> Result<u32, InferenceError> {
        self.runtime().map(|runtime| self.batch_rows_max(runtime.device))
    }

    fn batch_rows_max(&self, device: Device) -> u32 {
        let default = if device == Device::Cpu { 1 } else { GPU_ROWS };
        self.config.batch_rows_max.unwrap_or(default).max(1)
    }
}

/// The smaller of a limit and our own; zero means ours.
fn smaller(asked: u64, own: u64) -> u64 {
    if asked == 0 { own } else { asked.min(own) }
}

/// A panic elsewhere leaves these values whole: each is changed in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
