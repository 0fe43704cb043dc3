//! The executor: engine, compiled modules, and the clock that stops calls.

use crate::{
    ExecutorConfig, ExecutorError, Limits, Profile, RuntimeCode, instance, module::Compiled,
};
use citrate_core::{H256, RuntimeVersion};
use citrate_host::{Externalities, HostFunction, StateExt, with_externalities};
use citrate_trie::StateView;
use codec::Decode;
use lru::LruCache;
use parking_lot::Mutex;
use std::{
    num::NonZeroUsize,
    sync::{Arc, OnceLock},
    time::Duration,
};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How often running calls are checked against their deadlines.
const TICK: Duration = Duration::from_millis(10);
/// LIMIT: bytes of the guest's stack.
const STACK_BYTES: usize = 1 << 20;
/// LIMIT: entries of an instance's tables.
const TABLE_ELEMENTS: usize = 1 << 16;

/// What a blob exports with which blocks can be made. A chain with other code has no next block, and so no way back.
const BLOCK_EXPORTS: [&str; 7] = [
    "Core_version",
    "Core_initialize_block",
    "Core_execute_block",
    "BlockBuilder_inherent_extrinsics",
    "BlockBuilder_apply_extrinsic",
    "BlockBuilder_finalize_block",
    "TaggedTransactionQueue_validate_transaction",
];

type Slot = Arc<OnceLock<Result<Arc<Compiled>, ExecutorError>>>;

/// Runs runtimes. Shared between threads; calls run on the calling thread.
pub struct Executor {
    engine: Engine,
    functions: Vec<HostFunction>,
    modules: Mutex<LruCache<(H256, Profile), Slot>>,
    memory_bytes_max: usize,
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Executor({} modules)", self.modules.lock().len())
    }
}

impl Executor {
    /// An executor with its pool of instances.
    ///
    /// # Errors
    /// When the pool's address space cannot be reserved, or the clock thread not started.
    pub fn new(config: &ExecutorConfig) -> Result<Self, ExecutorError> {
        let engine = Engine::new(&engine_config(config))
            .map_err(|error| ExecutorError::Engine(format!("{error:#}")))?;
        start_clock(&engine)?;
        let capacity = NonZeroUsize::new(config.modules_max).unwrap_or(NonZeroUsize::MIN);
        Ok(Self {
            engine,
            functions: citrate_host::functions()
                .into_iter()
                .chain(config.functions.clone())
                .collect(),
            modules: Mutex::new(LruCache::new(capacity)),
            memory_bytes_max: config.memory_bytes_max,
        })
    }

    /// Calls export `method` of the runtime with the SCALE-encoded arguments `input`.
    ///
    /// Changes to the state stay in `externalities`; after an error they are to be discarded.
    ///
    /// # Errors
    /// When the code does not load, has no such export, traps or exceeds a limit.
    pub fn call(
        &self,
        code: RuntimeCode<'_>,
        profile: Profile,
        method: &str,
        input: &[u8],
        externalities: &mut dyn Externalities,
        limits: Limits,
    ) -> Result<Vec<u8>, ExecutorError> {
        let compiled = self.compiled(code, profile)?;
        let memory = self.memory_bytes_max;
        with_externalities(externalities, || {
            instance::call(&self.engine, &compiled, memory, method, input, limits)
        })
    }

    /// The version of the runtime: from the blob's custom sections, else by calling it once.
    ///
    /// # Errors
    /// When the code does not load, does not tell its version, or lacks what blocks are made with: whoever asks for
    /// the version is about to install the code, or to build on a state that has it.
    pub fn runtime_version(&self, code: RuntimeCode<'_>) -> Result<RuntimeVersion, ExecutorError> {
        const METHOD: &str = "Core_version";
        let compiled = self.compiled_runtime(code)?;
        if let Some(version) = compiled.declared.as_ref().or_else(|| compiled.told.get()) {
            return Ok(version.clone());
        }
        let mut externalities = StateExt::new(StateView::empty());
        let limits = Limits::default();
        let output = self.call(code, Profile::Block, METHOD, &[], &mut externalities, limits)?;
        let version = RuntimeVersion::decode(&mut &output[..])
            .map_err(|source| ExecutorError::Decode { method: METHOD, source })?;
        Ok(compiled.told.get_or_init(|| version).clone())
    }

    /// The version in the blob's custom sections, which depends on the blob alone: no call of it can
    /// run out of time, or out of instances, on one node and not on another.
    ///
    /// # Errors
    /// When the code does not load, has no such section, or lacks what blocks are made with.
    pub fn declared_version(&self, code: &[u8]) -> Result<RuntimeVersion, ExecutorError> {
        // The runtime that asks may have used up most of its thread's stack.
        let compiled = std::thread::scope(|scope| {
            let compile = scope.spawn(|| self.compiled_runtime(RuntimeCode::new(code)));
            let panicked = |_| Err(ExecutorError::Engine("compiling the code panicked".into()));
            compile.join().unwrap_or_else(panicked)
        })?;
        compiled.declared.clone().ok_or(ExecutorError::VersionMissing)
    }

    /// Compiles the code unless it is, so that the first call does not wait.
    ///
    /// # Errors
    /// When the code does not load.
    pub fn prepare(&self, code: RuntimeCode<'_>, profile: Profile) -> Result<(), ExecutorError> {
        self.compiled(code, profile).map(|_| ())
    }

    /// The code compiled, if blocks can be made with it.
    fn compiled_runtime(&self, code: RuntimeCode<'_>) -> Result<Arc<Compiled>, ExecutorError> {
        let compiled = self.compiled(code, Profile::Block)?;
        match BLOCK_EXPORTS.iter().find(|name| !compiled.exports_method(name)) {
            Some(missing) => Err(ExecutorError::ExportMissing((*missing).to_owned())),
            None => Ok(compiled),
        }
    }

    fn compiled(
        &self,
        code: RuntimeCode<'_>,
        profile: Profile,
    ) -> Result<Arc<Compiled>, ExecutorError> {
        let key = (code.hash, profile);
        let slot = self.modules.lock().get_or_insert(key, Slot::default).clone();
        // Compiled once, outside the lock: calls of other runtimes go on meanwhile.
        let result = slot.get_or_init(|| {
            Compiled::new(&self.engine, &self.functions, profile, code).map(Arc::new)
        });
        if matches!(result, Err(ExecutorError::CodeMissing)) {
            self.modules.lock().pop(&key);
        }
        result.clone()
    }
}

/// Ticks until a call that may take so long is stopped.
pub(crate) fn ticks(time: Duration) -> u64 {
    let ticks = time.as_millis().div_ceil(TICK.as_millis()) + 1;
    u64::try_from(ticks).unwrap_or(u64::MAX >> 1)
}

fn engine_config(config: &ExecutorConfig) -> Config {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_core_instances(config.instances_max)
        .total_memories(config.instances_max)
        .total_tables(config.instances_max)
        .max_memory_size(config.memory_bytes_max)
        .table_elements(TABLE_ELEMENTS)
        .max_memories_per_module(1)
        .max_tables_per_module(1);
    let mut engine = Config::new();
    engine
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .memory_init_cow(true)
        .epoch_interruption(true)
        .max_wasm_stack(STACK_BYTES)
        .cranelift_nan_canonicalization(true)
        .wasm_bulk_memory(false)
        .wasm_multi_value(false)
        .wasm_simd(false)
        .wasm_relaxed_simd(false)
        .wasm_tail_call(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_extended_const(false);
    engine
}

/// A thread that advances the engine's epoch until the engine is gone.
fn start_clock(engine: &Engine) -> Result<(), ExecutorError> {
    let engine = engine.weak();
    let clock = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    };
    std::thread::Builder::new()
        .name("executor-clock".into())
        .spawn(clock)
        .map(|_| ())
        .map_err(|error| ExecutorError::Engine(error.to_string()))
}
