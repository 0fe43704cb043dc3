//! The threads that call the worker.

use std::{
    fmt, io,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use citrate_chain::{Chain, ChainError, ChainEvent};
use citrate_core::{H256, key_types, well_known_keys};
use citrate_host::{InferenceExt, InferenceHost, Keystore, KeystoreExt, Offchain, OffchainExt};
use citrate_inference_types::{
    Capabilities, Description, Generation, InferenceError, RefereeLimits, RunLimits,
};
use citrate_txpool::TxPool;
use codec::Encode;
use futures::future::{Either, select};
use tokio::sync::{broadcast::error::RecvError, oneshot};

use crate::{offchain::NodeOffchain, version::VersionCheck};

/// What the provider works with.
#[derive(Clone)]
pub struct ProviderDeps {
    /// The chain whose jobs it does.
    pub chain: Arc<Chain>,
    /// Where receipts go.
    pub pool: Arc<TxPool>,
    /// Holds the provider keys.
    pub keystore: Arc<dyn Keystore>,
    /// Runs the models.
    pub engine: Arc<dyn InferenceHost>,
}

impl fmt::Debug for ProviderDeps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderDeps").finish_non_exhaustive()
    }
}

/// How the provider works.
#[derive(Clone, Copy, Debug)]
pub struct ProviderConfig {
    /// Most calls of the worker at a time.
    pub calls_max: usize,
    /// Whether this node makes blocks; the worker can ask.
    pub is_validator: bool,
}

impl Default for ProviderConfig {
    fn default() -> Self {
        Self { calls_max: 8, is_validator: false }
    }
}

/// Calls the runtime's worker after every new best block, until it is dropped.
pub struct Provider {
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    deps: ProviderDeps,
    offchain: Arc<dyn Offchain>,
    version: VersionCheck,
    waiting: Mutex<Waiting>,
    wake: Condvar,
    calls_max: usize,
}

#[derive(Default)]
struct Waiting {
    /// The newest best block that no call has seen, or one that is to be looked at once more.
    block: Option<H256>,
    /// LIMIT: how many more calls there may be before the next best block.
    more: usize,
    stopped: bool,
}

/// The engine as one call sees it: as soon as a job is run, another thread looks whether there are more, so that jobs that
/// are there together are run together.
struct Announcing {
    engine: Arc<dyn InferenceHost>,
    shared: Arc<Shared>,
}

impl InferenceHost for Announcing {
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
        self.shared.look_again();
        self.engine.run(model, inputs, limits)
    }

    fn referee(
        &self,
        module: &H256,
        model: &H256,
        inputs: Vec<u8>,
        limits: RefereeLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        self.engine.referee(module, model, inputs, limits)
    }

    fn generate(
        &self,
        model: &H256,
        generation: Generation,
        limits: RunLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        self.shared.look_again();
        self.engine.generate(model, generation, limits)
    }

    fn artifact_get(&self, hash: &H256, max: u32) -> Option<Vec<u8>> {
        self.engine.artifact_get(hash, max)
    }

    fn artifact_put(&self, bytes: &[u8]) -> H256 {
        self.engine.artifact_put(bytes)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("threads", &self.threads.len()).finish_non_exhaustive()
    }
}

impl Provider {
    /// Starts with the present best block.
    pub fn start(deps: ProviderDeps, config: ProviderConfig) -> io::Result<Self> {
        let events = deps.chain.subscribe();
        let (chain, pool) = (Arc::clone(&deps.chain), Arc::clone(&deps.pool));
        let offchain = Arc::new(NodeOffchain::new(chain, pool, config.is_validator));
        let block = Some(deps.chain.best().hash);
        let shared = Arc::new(Shared {
            deps,
            offchain,
            version: VersionCheck::default(),
            waiting: Mutex::new(Waiting { block, more: config.calls_max, stopped: false }),
            wake: Condvar::new(),
            calls_max: config.calls_max,
        });
        let (stop, stopped) = oneshot::channel();
        let mut provider =
            Self { shared: Arc::clone(&shared), stop: Some(stop), threads: Vec::new() };
        let listener = Arc::clone(&shared);
        provider.threads.push(
            thread::Builder::new()
                .name("provider-events".into())
                .spawn(move || listener.listen(events, stopped))?,
        );
        for number in 0..config.calls_max.max(1) {
            let worker = Arc::clone(&shared);
            let thread = thread::Builder::new()
                .name(format!("provider-{number}"))
                .spawn(move || worker.work())?;
            provider.threads.push(thread);
        }
        Ok(provider)
    }

    /// Ends the threads. A call that runs is waited for: its model has a time limit.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        self.shared.lock().stopped = true;
        self.shared.wake.notify_all();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the provider panicked");
            }
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        // Every change is one assignment, so a panic elsewhere leaves the value whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes on every new best block, the latest in place of one that still waits.
    fn listen(
        &self,
        mut events: tokio::sync::broadcast::Receiver<ChainEvent>,
        mut stopped: oneshot::Receiver<()>,
    ) {
        loop {
            let next = std::pin::pin!(events.recv());
            let event = match futures::executor::block_on(select(next, &mut stopped)) {
                Either::Left((event, _)) => event,
                Either::Right(_) => return,
            };
            let block = match event {
                Ok(ChainEvent::NewBest { block, .. }) => block.hash,
                Ok(_) => continue,
                Err(RecvError::Lagged(_)) => self.deps.chain.best().hash,
                Err(RecvError::Closed) => return,
            };
            {
                let mut waiting = self.lock();
                waiting.block = Some(block);
                waiting.more = self.calls_max;
            }
            self.wake.notify_one();
        }
    }

    /// Has another thread look at the best block, a bounded number of times.
    fn look_again(&self) {
        let best = self.deps.chain.best().hash;
        let mut waiting = self.lock();
        if waiting.block.is_none() && waiting.more > 0 {
            waiting.more -= 1;
            waiting.block = Some(best);
            self.wake.notify_one();
        }
    }

    fn work(self: &Arc<Self>) {
        loop {
            let mut waiting = self.lock();
            let block = loop {
                if waiting.stopped {
                    return;
                }
                if let Some(block) = waiting.block.take() {
                    break block;
                }
                waiting = self.wake.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            };
            drop(waiting);
            if let Err(error) = self.call(&block) {
                tracing::warn!(?block, %error, "the runtime's worker failed");
            }
        }
    }

    /// Calls the worker on the state after this block.
    fn call(self: &Arc<Self>, block: &H256) -> Result<(), ChainError> {
        // Most nodes are no providers: they do not even load the worker.
        if self.deps.keystore.sr25519_public_keys(key_types::PROVIDER).is_empty() {
            return Ok(());
        }
        let chain = &self.deps.chain;
        let Some(header) = chain.header(block)? else { return Ok(()) };
        if !self.version.passes(chain, block)? {
            return Ok(());
        }
        let engine = Announcing { engine: Arc::clone(&self.deps.engine), shared: Arc::clone(self) };
        let engine: Arc<dyn InferenceHost> = Arc::new(engine);
        chain.call_with(
            block,
            "OffchainWorkerApi_offchain_worker",
            &header.encode(),
            &mut |extensions| {
                extensions.register(KeystoreExt(Arc::clone(&self.deps.keystore)));
                extensions.register(OffchainExt(Arc::clone(&self.offchain)));
                extensions.register(InferenceExt(Arc::clone(&engine)));
            },
            well_known_keys::WORKER,
        )?;
        Ok(())
    }
}
