//! The engine.

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
use citrate_inference_types::{
    Capabilities, Device, InferenceError, NamedTensor, RunLimits, Tensors,
};
use codec::Encode;
use ort::{
    environment::Environment,
    ep::ExecutionProviderDispatch,
    session::{RunOptions, Session, SessionInputValue, builder::GraphOptimizationLevel},
};

use crate::{
    DeviceChoice, EngineConfig,
    cache::{Cache, Model},
    library, tensors,
    watchdog::Watchdog,
};

/// Bytes that a loaded model is taken to need for each byte of its file: the weights as read and as prepared.
const MEMORY_FACTOR: u64 = 2;

/// Runs models from an artifact store.
pub struct Engine {
    config: EngineConfig,
    store: Arc<Store>,
    runtime: Result<Runtime, String>,
    cache: Mutex<Cache>,
    /// Held while a model is loaded, so that two jobs do not load one model twice.
    loading: Mutex<()>,
    running: AtomicUsize,
}

struct Runtime {
    environment: Environment,
    device: Device,
    version: String,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("capabilities", &self.capabilities()).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine. It is there without a library as well; [`Engine::capabilities`] says so and why.
    pub fn new(config: EngineConfig, store: Arc<Store>) -> Self {
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
        run_session(&mut lock(&loaded.session), &inputs, Duration::from_millis(time_ms), output_max)
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
        let file = self.store.read(hash, memory / MEMORY_FACTOR).map_err(|error| match error {
            StoreError::Unknown(_) => InferenceError::UnknownModel,
            StoreError::Corrupted(_) => InferenceError::Corrupted,
            StoreError::TooLarge { .. } => InferenceError::OutOfMemory,
            other => InferenceError::Failed(other.to_string()),
        })?;
        let session =
            runtime.session(&file, self.config.threads, Duration::from_millis(time_ms.into()))?;
        let bytes = (file.len() as u64).saturating_mul(MEMORY_FACTOR);
        let model = Arc::new(Model { session: Mutex::new(session), bytes });
        lock(&self.cache).insert(*hash, Arc::clone(&model), self.config.memory_bytes_max);
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
            .map_err(|_| InferenceError::Busy)
    }
}

struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Runtime {
    fn start(config: &EngineConfig) -> Result<Self, String> {
        let environment = library::load(config.library.as_deref())?;
        let (device, _) = providers(config.device)?;
        Ok(Self { environment, device, version: library::version() })
    }

    fn session(
        &self,
        file: &[u8],
        threads: usize,
        limit: Duration,
    ) -> Result<Session, InferenceError> {
        let refused = |error: ort::Error| InferenceError::InvalidModel(error.message().to_owned());
        let choice = match self.device {
            Device::Cpu => DeviceChoice::Cpu,
            Device::Cuda => DeviceChoice::Cuda,
            Device::CoreMl => DeviceChoice::CoreMl,
        };
        let (_, providers) = providers(choice).map_err(InferenceError::Unavailable)?;
        let mut builder = Session::builder(&self.environment)
            .map_err(refused)?
            .with_optimization_level(GraphOptimizationLevel::All)
            .and_then(|builder| builder.with_intra_threads(threads.max(1)))
            .and_then(|builder| builder.with_inter_threads(1))
            .and_then(|builder| builder.with_parallel_execution(false))
            .and_then(|builder| builder.with_deterministic_compute(true))
            .and_then(|builder| builder.with_execution_providers(&providers))
            .map_err(|error| InferenceError::Failed(error.message().to_owned()))?;
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
        session.map_err(refused)
    }
}

/// The execution providers for a choice of device, and the device that it comes to.
fn providers(choice: DeviceChoice) -> Result<(Device, Vec<ExecutionProviderDispatch>), String> {
    #[cfg(feature = "cuda")]
    if matches!(choice, DeviceChoice::Auto | DeviceChoice::Cuda) {
        use ort::ep::{CUDA, ExecutionProvider};
        let cuda = CUDA::default();
        if choice == DeviceChoice::Cuda || cuda.is_available().unwrap_or(false) {
            return Ok((Device::Cuda, vec![cuda.build().error_on_failure()]));
        }
    }
    #[cfg(feature = "coreml")]
    if matches!(choice, DeviceChoice::Auto | DeviceChoice::CoreMl) {
        use ort::ep::{CoreML, ExecutionProvider};
        let coreml = CoreML::default();
        if choice == DeviceChoice::CoreMl || coreml.is_available().unwrap_or(false) {
            return Ok((Device::CoreMl, vec![coreml.build().error_on_failure()]));
        }
    }
    match choice {
        DeviceChoice::Auto | DeviceChoice::Cpu => Ok((Device::Cpu, Vec::new())),
        DeviceChoice::Cuda => Err("this build has no CUDA: build with the feature `cuda`".into()),
        DeviceChoice::CoreMl => {
            Err("this build has no CoreML: build with the feature `coreml`".into())
        }
    }
}

fn run_session(
    session: &mut Session,
    inputs: &Tensors,
    limit: Duration,
    output_max: u64,
) -> Result<Tensors, InferenceError> {
    let failed = |error: ort::Error| InferenceError::Failed(error.message().to_owned());
    let mut values: Vec<(String, SessionInputValue<'_>)> = Vec::new();
    for outlet in session.inputs() {
        let tensor = inputs.get(outlet.name()).ok_or_else(|| {
            InferenceError::InvalidInput(format!("input {:?} is missing", outlet.name()))
        })?;
        tensors::check(outlet, tensor)?;
        values.push((outlet.name().to_owned(), tensors::to_ort(tensor)?));
    }
    if let Some(extra) =
        inputs.iter().find(|input| values.iter().all(|(name, _)| *name != input.name))
    {
        let reason = format!("the model has no input {:?}", extra.name);
        return Err(InferenceError::InvalidInput(reason));
    }
    let names: Vec<String> =
        session.outputs().iter().map(|outlet| outlet.name().to_owned()).collect();
    let options = Arc::new(RunOptions::new().map_err(failed)?);
    let stop = Arc::clone(&options);
    let watchdog = Watchdog::start(limit, move || {
        if let Err(error) = stop.terminate() {
            tracing::warn!(error = error.message(), "a slow run cannot be stopped");
        }
    })
    .map_err(|error| InferenceError::Failed(error.to_string()))?;
    let outputs = session.run_with_options(values, &options);
    if watchdog.fired() {
        return Err(InferenceError::Timeout);
    }
    let outputs = outputs.map_err(failed)?;
    let mut bytes = 0u64;
    for name in &names {
        if let Some(value) = outputs.get(name) {
            // The names and shapes take a few bytes more, but only those of the data can be many.
            bytes = bytes.saturating_add(tensors::bytes_of(name, value)?);
        }
    }
    if bytes > output_max {
        return Err(InferenceError::OutputTooLarge);
    }
    let mut result = Vec::new();
    for name in names {
        if let Some(value) = outputs.get(&name) {
            let tensor = tensors::from_ort(&name, value)?;
            result.push(NamedTensor { name, tensor });
        }
    }
    let result = Tensors::try_new(result).map_err(|e| InferenceError::Failed(e.to_string()))?;
    if result.encoded_size() as u64 > output_max {
        return Err(InferenceError::OutputTooLarge);
    }
    Ok(result)
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
