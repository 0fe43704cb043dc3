//! Externalities and helpers for testing pallets natively.
//!
//! ```
//! use citrate_support::storage::unhashed;
//! let mut ext = citrate_testing::TestExternalities::new();
//! let before = ext.root();
//! ext.execute_with(|| unhashed::put(b"key", &1_u32));
//! assert_ne!(ext.root(), before);
//! assert_eq!(ext.execute_with(|| unhashed::get::<u32>(b"key")), Some(1));
//! ```
//!
//! # A runtime for the tests of a pallet
//!
//! Name the pallets, take their default configurations, and say only what differs:
//!
//! ```
//! use citrate_support::{construct_runtime, derive_impl};
//!
//! construct_runtime!(
//!     pub enum Test {
//!         System: pallet_system,
//!         // In the pallet's own crate: `Template: crate`.
//!         Sudo: pallet_sudo,
//!     }
//! );
//!
//! #[derive_impl(pallet_system::config_preludes::TestDefaultConfig)]
//! impl pallet_system::Config for Test {}
//!
//! impl pallet_sudo::Config for Test {
//!     type RuntimeCall = RuntimeCall;
//! }
//!
//! let genesis = RuntimeGenesisConfig {
//!     sudo: pallet_sudo::GenesisConfig { key: Some(1) },
//!     ..Default::default()
//! };
//! citrate_testing::new_test_ext(&genesis).execute_with(|| {
//!     Sudo::set_key(RuntimeOrigin::signed(1), 2).expect("1 has the key");
//!     System::assert_last_event(pallet_sudo::Event::KeyChanged { old: Some(1), new: 2 }.into());
//!     // Ends block 1 and begins those after it, with all hooks.
//!     System::run_to_block::<AllPalletsWithSystem>(10);
//!     System::assert_events_since(0, &[]);
//! });
//! ```
//!
//! [`CallFuzzer`] makes any calls of such a runtime and checks `try_state` after each, for property
//! tests and fuzzers.
//!
//! A pallet of your own offers such defaults with `#[pallet::config(with_default)]` and an
//! `impl DefaultConfig` with `#[register_default_impl]`, as `pallet_system::config_preludes` shows.

// The guides' code is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/storage.md")]
#[doc = include_str!("../../../docs/guides/fees.md")]
#[doc = include_str!("../../../docs/guides/migrations.md")]
mod guides {}

mod accesses;
mod arbitrary;
mod config;
mod fuzz;

pub use accesses::{Accesses, DB_WEIGHT, assert_benchmarks_weighed, assert_weighed};
pub use arbitrary::{Choices, Values};
pub use fuzz::{CallFuzzer, Fuzzed};

use citrate_core::{H256, StateVersion};
use citrate_host::{Counting, Externalities as _, Recorder, StateExt, with_externalities};
use citrate_support::{
    storage::{storage_prefix, unhashed},
    traits::BuildGenesisConfig,
};
use citrate_trie::{MemoryNodes, NodeStore, StateView};
use std::{any::Any, mem, sync::Arc};

/// A state in memory, on which pallets can be run.
#[derive(Debug)]
pub struct TestExternalities {
    nodes: Arc<MemoryNodes>,
    root: H256,
    ext: StateExt,
}

impl Default for TestExternalities {
    fn default() -> Self {
        Self::new()
    }
}

impl TestExternalities {
    /// An empty state.
    pub fn new() -> Self {
        let nodes = Arc::new(MemoryNodes::new());
        let root = StateView::empty().root;
        let ext = StateExt::new(view(&nodes, root));
        Self { nodes, root, ext }
    }

    /// The state that a genesis configuration builds.
    pub fn from_genesis(config: &impl BuildGenesisConfig) -> Self {
        let mut this = Self::new();
        this.execute_with(|| config.build());
        this.commit();
        this
    }

    /// Adds a service that host functions find, such as a keystore.
    pub fn register<T: Any + Send>(&mut self, service: T) {
        self.ext.extensions().register(service);
    }

    /// Runs `f` on the state and keeps its changes.
    pub fn execute_with<R>(&mut self, f: impl FnOnce() -> R) -> R {
        with_externalities(&mut self.ext, f)
    }

    /// Runs `f` as [`Self::execute_with`] does, and says which keys it read and wrote.
    pub fn accesses<R>(&mut self, f: impl FnOnce() -> R) -> (R, Accesses) {
        let mut laboratory = Counting;
        let mut recorder = Recorder::new(&mut self.ext, &mut laboratory);
        let result = with_externalities(&mut recorder, f);
        (result, Accesses(recorder.into_accesses()))
    }

    /// Runs `f` as [`Self::execute_with`] does, and says which keys it read and wrote where it measures something, which
    /// benchmarks do.
    pub fn measure<R>(&mut self, f: impl FnOnce() -> R) -> (R, Option<Accesses>) {
        let mut laboratory = Counting;
        let mut recorder = Recorder::new(&mut self.ext, &mut laboratory);
        let result = with_externalities(&mut recorder, f);
        (result, recorder.into_measured().map(|measured| Accesses(measured.accesses)))
    }

    /// Makes the changes part of the state below, as the end of a block does.
    ///
    /// # Panics
    /// A node of the state is missing: not in memory.
    pub fn commit(&mut self) -> H256 {
        let services = mem::take(self.ext.extensions());
        let empty = StateExt::new(StateView::empty());
        let finished = mem::replace(&mut self.ext, empty)
            .finish(StateVersion::V1)
            .expect("all nodes of the state are in memory");
        self.nodes.insert(&finished.delta);
        self.root = finished.root;
        self.ext = StateExt::new(self.state_view()).with_extensions(services);
        self.root
    }

    /// The state as of the last commit once more, to go another way from there. Its services are not taken along.
    pub fn fork(&self) -> Self {
        let ext = StateExt::new(self.state_view());
        Self { nodes: Arc::clone(&self.nodes), root: self.root, ext }
    }

    /// The root of the state with all changes.
    pub fn root(&mut self) -> H256 {
        self.execute_with(|| H256::from_slice(&citrate_host::storage::root(StateVersion::V1)))
    }

    /// The state as of the last commit.
    pub fn state_view(&self) -> StateView {
        view(&self.nodes, self.root)
    }
}

fn view(nodes: &Arc<MemoryNodes>, root: H256) -> StateView {
    let nodes: Arc<dyn NodeStore> = Arc::<MemoryNodes>::clone(nodes);
    StateView::new(nodes, root)
}

/// The state that a genesis configuration builds, in block 1: genesis deposits no events.
pub fn new_test_ext(config: &impl BuildGenesisConfig) -> TestExternalities {
    let mut ext = TestExternalities::from_genesis(config);
    ext.execute_with(|| unhashed::put(&storage_prefix(b"System", b"Number"), &1_u32));
    ext
}
