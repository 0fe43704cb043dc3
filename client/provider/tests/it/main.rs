//! The provider over a small native runtime whose worker does what each test wants.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::{
    fmt,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use citrate_chain::{
    Chain, ChainConfig, Code, Machine, Purpose, RuntimeError,
    testing::{SLOT_MS, TestCall, TestRuntime, block, genesis},
};
use citrate_core::{
    BlockNumber, H256, Header, OpaqueExtrinsic, RuntimeVersion, key_types, well_known_keys,
};
use citrate_db::{Db, DbConfig};
use citrate_host::{Externalities, InferenceExt, InferenceHost, OffchainExt, StorageKind};
use citrate_inference_types::{
    Capabilities, Description, Generation, InferenceError, RefereeLimits, RunLimits,
};
use citrate_keystore::{LocalKeystore, Scheme};
use citrate_provider::{Provider, ProviderConfig, ProviderDeps};
use citrate_txpool::{PoolConfig, TxPool};
use codec::{Decode, Encode};

/// LIMIT of every wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the machine tells of the calls with the worker's code.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Version { worker: u8 },
    Work { worker: u8, block: BlockNumber },
}

type Job = dyn Fn(&mut dyn Externalities, BlockNumber) -> Result<(), RuntimeError> + Send + Sync;

/// The test runtime, with a worker.
struct WithWorker {
    seen: Mutex<Sender<Seen>>,
    job: Box<Job>,
}

impl Machine for WithWorker {
    fn call(
        &self,
        code: &Code,
        purpose: Purpose,
        method: &str,
        data: &[u8],
        ext: &mut dyn Externalities,
    ) -> Result<Vec<u8>, RuntimeError> {
        if purpose == Purpose::Block {
            assert_ne!(method, "OffchainWorkerApi_offchain_worker", "the worker is not the code");
            return TestRuntime.call(code, purpose, method, data, ext);
        }
        let worker = code.bytes[0];
        let tell = |seen| self.seen.lock().unwrap().send(seen).unwrap_or_default();
        match method {
            "Core_version" => {
                tell(Seen::Version { worker });
                let spec_version = u32::from(worker);
                Ok(RuntimeVersion { spec_version, ..RuntimeVersion::default() }.encode())
            }
            "OffchainWorkerApi_offchain_worker" => {
                let block = Header::decode(&mut &*data).unwrap().number;
                tell(Seen::Work { worker, block });
                (self.job)(ext, block).map(|()| Vec::new())
            }
            other => Err(RuntimeError::NoSuchMethod(other.into())),
        }
    }

    fn runtime_version(&self, code: &Code) -> Result<RuntimeVersion, RuntimeError> {
        TestRuntime.runtime_version(code)
    }
}

struct NoEngine;

impl InferenceHost for NoEngine {
    fn capabilities(&self) -> Capabilities {
        Capabilities::unavailable("test")
    }
    fn load(&self, _: &H256) -> Result<(), InferenceError> {
        Err(InferenceError::UnknownModel)
    }
    fn describe(&self, _: &H256, _: RunLimits) -> Result<Description, InferenceError> {
        Err(InferenceError::UnknownModel)
    }
    fn run(&self, _: &H256, _: Vec<u8>, _: RunLimits) -> Result<Vec<u8>, InferenceError> {
        Err(InferenceError::UnknownModel)
    }
    fn generate(&self, _: &H256, _: Generation, _: RunLimits) -> Result<Vec<u8>, InferenceError> {
        Err(InferenceError::UnknownModel)
    }
    fn referee(
        &self,
        _: &H256,
        _: &H256,
        _: Vec<u8>,
        _: RefereeLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        Err(InferenceError::UnknownModel)
    }
    fn artifact_get(&self, _: &H256, _: u32) -> Option<Vec<u8>> {
        None
    }
    fn artifact_put(&self, _: &[u8]) -> H256 {
        H256::zero()
    }
}

/// An engine whose runs end once there are three at a time.
#[derive(Default)]
struct ThreeAtOnce {
    runs: Mutex<usize>,
    changed: Condvar,
}

impl InferenceHost for ThreeAtOnce {
    fn capabilities(&self) -> Capabilities {
        Capabilities::unavailable("test")
    }
    fn load(&self, _: &H256) -> Result<(), InferenceError> {
        Ok(())
    }
    fn describe(&self, _: &H256, _: RunLimits) -> Result<Description, InferenceError> {
        Err(InferenceError::UnknownModel)
    }
    fn run(&self, _: &H256, _: Vec<u8>, _: RunLimits) -> Result<Vec<u8>, InferenceError> {
        let mut runs = self.runs.lock().unwrap();
        *runs += 1;
        self.changed.notify_all();
        let waited = self.changed.wait_timeout_while(runs, PATIENCE, |runs| *runs < 3).unwrap();
        if waited.1.timed_out() { Err(InferenceError::Timeout) } else { Ok(Vec::new()) }
    }
    fn generate(&self, _: &H256, _: Generation, _: RunLimits) -> Result<Vec<u8>, InferenceError> {
        Err(InferenceError::UnknownModel)
    }
    fn referee(
        &self,
        _: &H256,
        _: &H256,
        _: Vec<u8>,
        _: RefereeLimits,
    ) -> Result<Vec<u8>, InferenceError> {
        Err(InferenceError::UnknownModel)
    }
    fn artifact_get(&self, _: &H256, _: u32) -> Option<Vec<u8>> {
        None
    }
    fn artifact_put(&self, _: &[u8]) -> H256 {
        H256::zero()
    }
}

/// A chain with a worker of version `worker`, and what a provider on it needs.
struct Fixture {
    deps: ProviderDeps,
    keystore: Arc<LocalKeystore>,
    seen: Receiver<Seen>,
}

impl fmt::Debug for Fixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixture").finish_non_exhaustive()
    }
}

impl Fixture {
    fn new(
        worker: u8,
        job: impl Fn(&mut dyn Externalities, BlockNumber) -> Result<(), RuntimeError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let (sender, seen) = channel();
        let machine = WithWorker { seen: Mutex::new(sender), job: Box::new(job) };
        let mut state = genesis();
        state.top.insert(well_known_keys::WORKER.to_vec(), vec![worker]);
        let db = Arc::new(Db::open(&DbConfig::in_memory()).unwrap());
        let chain = Chain::open(db, Arc::new(machine), &state, ChainConfig::default()).unwrap();
        let pool = TxPool::new(Arc::<Chain>::clone(&chain), PoolConfig::default());
        let keystore = Arc::new(LocalKeystore::in_memory());
        keystore.insert_suri(key_types::PROVIDER, Scheme::Sr25519, "//Alice").unwrap();
        let deps = ProviderDeps {
            chain,
            pool,
            keystore: Arc::<LocalKeystore>::clone(&keystore),
            engine: Arc::new(NoEngine),
        };
        Self { deps, keystore, seen }
    }

    fn provide(&self, calls_max: usize) -> Provider {
        let config = ProviderConfig { calls_max, is_validator: true };
        Provider::start(self.deps.clone(), config).unwrap()
    }

    /// Imports a block with this payload at the next slot.
    fn import(&self, payload: Vec<OpaqueExtrinsic>) {
        let chain = &self.deps.chain;
        let best = chain.best();
        let slot = u64::from(best.number) + 1;
        let block = block(chain, best.hash, slot, payload).unwrap();
        chain.import_at(block, (slot + 1) * SLOT_MS).unwrap();
    }

    fn next(&self) -> Seen {
        self.seen.recv_timeout(PATIENCE).expect("the worker is called")
    }
}

#[test]
fn the_worker_is_called_after_every_block_and_on_its_state() {
    let fixture = Fixture::new(1, |ext, block| {
        let offchain = ext.extensions().get::<OffchainExt>().expect("registered").0.clone();
        assert!(offchain.is_validator());
        // Both kinds of storage keep what earlier calls have written.
        for kind in [StorageKind::Local, StorageKind::Persistent] {
            let old = block.checked_sub(1).map(|before| before.encode());
            assert_eq!(offchain.local_storage_get(kind, b"last"), old);
            let new = block.encode();
            assert!(offchain.local_storage_compare_and_set(kind, b"last", old.as_deref(), &new));
            assert!(!offchain.local_storage_compare_and_set(kind, b"last", old.as_deref(), &new));
        }
        assert!(offchain.submit_transaction(b"garbage".to_vec()).is_err());
        // What the worker changes in the state is forgotten, and its failure ends nothing.
        ext.set(well_known_keys::CODE.to_vec(), None);
        if block == 2 { Err(RuntimeError::Trapped("as asked".into())) } else { Ok(()) }
    });
    let provider = fixture.provide(1);
    assert_eq!(fixture.next(), Seen::Version { worker: 1 });
    for number in 0..5 {
        assert_eq!(fixture.next(), Seen::Work { worker: 1, block: number });
        fixture.import(vec![]);
    }
    provider.stop();
}

#[test]
fn what_was_local_is_gone_with_the_provider_and_what_is_persistent_stays() {
    let fixture = Fixture::new(1, |ext, _| {
        let offchain = ext.extensions().get::<OffchainExt>().expect("registered").0.clone();
        assert_eq!(offchain.local_storage_get(StorageKind::Local, b"claim"), None);
        offchain.local_storage_set(StorageKind::Local, b"claim", b"mine");
        let runs = offchain.local_storage_get(StorageKind::Persistent, b"runs");
        let runs = runs.map_or(0, |runs| runs[0]) + 1;
        offchain.local_storage_set(StorageKind::Persistent, b"runs", &[runs]);
        Ok(())
    });
    for _ in 0..2 {
        let provider = fixture.provide(1);
        assert_eq!(fixture.next(), Seen::Version { worker: 1 });
        assert_eq!(fixture.next(), Seen::Work { worker: 1, block: 0 });
        provider.stop();
    }
    let kept = fixture.deps.chain.offchain_get(b"persistent/runs").unwrap();
    assert_eq!(kept, Some(vec![2]));
    assert_eq!(fixture.deps.chain.offchain_get(b"persistent/claim").unwrap(), None);
}

#[test]
fn calls_are_bounded_and_no_block_waits_for_them() {
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let fixture = Fixture::new(1, move |_, block| {
        if block <= 1 {
            // As long as a model takes.
            released.lock().unwrap().recv().unwrap();
        }
        Ok(())
    });
    let provider = fixture.provide(2);
    assert_eq!(fixture.next(), Seen::Version { worker: 1 });
    assert_eq!(fixture.next(), Seen::Work { worker: 1, block: 0 });
    fixture.import(vec![]);
    assert_eq!(fixture.next(), Seen::Work { worker: 1, block: 1 });
    // Both threads are at work: blocks are imported all the same, and none of them is begun.
    for _ in 0..10 {
        fixture.import(vec![]);
    }
    assert_eq!(fixture.deps.chain.best().number, 11);
    assert!(fixture.seen.try_recv().is_err());
    for _ in 0..2 {
        release.send(()).unwrap();
    }
    // The newest block is seen; those in between need not be.
    loop {
        match fixture.next() {
            Seen::Work { block: 11, .. } => break,
            Seen::Work { block, .. } => assert!(block > 1),
            Seen::Version { .. } => panic!("the version is asked for once"),
        }
    }
    provider.stop();
}

/// Three jobs wait: they are run at once, and could be run together, though there is one block only.
#[test]
fn while_a_job_is_run_others_look_for_more() {
    let jobs = AtomicUsize::new(3);
    let mut fixture = Fixture::new(1, move |ext, _| {
        let engine = ext.extensions().get::<InferenceExt>().expect("registered").0.clone();
        let one_less = |jobs: usize| jobs.checked_sub(1);
        if jobs.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
            let ran = engine.run(&H256::zero(), Vec::new(), RunLimits::default());
            assert_eq!(ran, Ok(Vec::new()));
        }
        Ok(())
    });
    let engine = Arc::new(ThreeAtOnce::default());
    fixture.deps.engine = Arc::<ThreeAtOnce>::clone(&engine);
    let provider = fixture.provide(3);
    assert_eq!(fixture.next(), Seen::Version { worker: 1 });
    for _ in 0..3 {
        assert_eq!(fixture.next(), Seen::Work { worker: 1, block: 0 });
    }
    provider.stop();
    assert_eq!(*engine.runs.lock().unwrap(), 3);
    let more = std::iter::from_fn(|| fixture.seen.try_recv().ok()).count();
    assert!(more <= 1, "the last one has nobody look for more: {more}");
}

#[test]
fn a_worker_of_another_version_than_the_code_is_not_run() {
    let fixture = Fixture::new(2, |_, _| Ok(()));
    let provider = fixture.provide(1);
    assert_eq!(fixture.next(), Seen::Version { worker: 2 });
    // The code becomes the worker's with the block that merges the payload.
    fixture.import(vec![TestCall::SetCode(2).extrinsic()]);
    fixture.import(vec![]);
    assert_eq!(fixture.next(), Seen::Version { worker: 2 }, "another pair is another question");
    assert_eq!(fixture.next(), Seen::Work { worker: 2, block: 2 });
    provider.stop();
}

#[test]
fn a_node_without_provider_keys_does_not_even_load_the_worker() {
    let fixture = Fixture::new(1, |_, _| Ok(()));
    let public = fixture.keystore.public_keys(key_types::PROVIDER, Scheme::Sr25519).remove(0);
    fixture.keystore.remove(key_types::PROVIDER, &public).unwrap();
    let provider = fixture.provide(1);
    fixture.import(vec![]);
    provider.stop();
    assert!(fixture.seen.try_recv().is_err());
    // With a key it is called for the block that came meanwhile.
    fixture.keystore.insert_suri(key_types::PROVIDER, Scheme::Sr25519, "//Bob").unwrap();
    let provider = fixture.provide(1);
    assert_eq!(fixture.next(), Seen::Version { worker: 1 });
    assert_eq!(fixture.next(), Seen::Work { worker: 1, block: 1 });
    provider.stop();
}
