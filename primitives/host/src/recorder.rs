//! Notes what a piece of code reads and writes, and what it takes.

use crate::{Extensions, Externalities, StateExt};
use citrate_core::{H256, StateVersion};
use citrate_trie::{ChangeSet, Removed, StateView};
use std::{collections::BTreeSet, mem};

/// The keys that were read and written, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accesses {
    /// Keys whose value, or whose neighbour, was asked for.
    pub reads: BTreeSet<Vec<u8>>,
    /// Keys that were set or removed.
    pub writes: BTreeSet<Vec<u8>>,
}

/// What stood between the beginning and the end of a measurement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Its keys.
    pub accesses: Accesses,
    /// Nanoseconds that it took.
    pub time_ns: u64,
    /// Nanoseconds of it in which the state was read.
    pub state_ns: u64,
}

/// What a measurement needs of whoever makes it.
pub trait Laboratory {
    /// The state with the changes made so far in it, as if a block had been made of them.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn settle(&mut self, changes: ChangeSet) -> Result<StateView, String>;
    /// Whether [`Self::settle`] is asked when a measurement begins; otherwise the changes stay pending.
    fn settles(&self) -> bool;
    /// Nanoseconds since any moment; always 0 where nothing is timed.
    fn now_ns(&self) -> u64;
}

/// A laboratory that only counts keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counting;

impl Laboratory for Counting {
    fn settle(&mut self, _changes: ChangeSet) -> Result<StateView, String> {
        Err("nothing is settled where keys are counted only".into())
    }

    fn settles(&self) -> bool {
        false
    }

    fn now_ns(&self) -> u64 {
        0
    }
}

/// Externalities that pass everything on and take notes.
pub struct Recorder<'a> {
    inner: &'a mut StateExt,
    laboratory: &'a mut dyn Laboratory,
    now: Measured,
    begun_ns: u64,
    measured: Option<Measured>,
}

impl std::fmt::Debug for Recorder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("measured", &self.measured).finish_non_exhaustive()
    }
}

impl<'a> Recorder<'a> {
    /// Notes everything from here on.
    pub fn new(inner: &'a mut StateExt, laboratory: &'a mut dyn Laboratory) -> Self {
        Self { inner, laboratory, now: Measured::default(), begun_ns: 0, measured: None }
    }

    /// All keys since the last measurement began, or since the recorder was made.
    pub fn into_accesses(self) -> Accesses {
        self.now.accesses
    }

    /// The last measurement that was ended.
    pub fn into_measured(self) -> Option<Measured> {
        self.measured
    }

    /// Reads, and notes how long that took.
    fn timed<R>(&mut self, read: impl FnOnce(&mut StateExt) -> R) -> R {
        let begun = self.laboratory.now_ns();
        let result = read(self.inner);
        let took = self.laboratory.now_ns().saturating_sub(begun);
        self.now.state_ns = self.now.state_ns.saturating_add(took);
        result
    }

    fn read(&mut self, key: &[u8]) {
        self.now.accesses.reads.insert(key.to_vec());
    }

    fn written(&mut self, key: &[u8]) {
        self.now.accesses.writes.insert(key.to_vec());
    }

    fn settle(&mut self) -> Result<(), String> {
        if self.inner.overlay().transaction_depth() > 0 {
            return Err("a measurement cannot begin inside a storage transaction".into());
        }
        let services = mem::take(self.inner.extensions());
        let before = mem::replace(self.inner, StateExt::new(StateView::empty()));
        let view = self.laboratory.settle(before.into_changes())?;
        *self.inner = StateExt::new(view).with_extensions(services);
        Ok(())
    }
}

/// The key that stands for a key of a child trie.
fn inside(child: &[u8], key: &[u8]) -> Vec<u8> {
    [child, key].concat()
}

impl Externalities for Recorder<'_> {
    fn get(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        self.read(key);
        self.timed(|inner| inner.get(key))
    }

    fn exists(&mut self, key: &[u8]) -> bool {
        self.read(key);
        self.timed(|inner| inner.exists(key))
    }

    fn set(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.written(&key);
        self.inner.set(key, value);
    }

    fn append(&mut self, key: Vec<u8>, element: &[u8]) {
        self.written(&key);
        self.timed(|inner| inner.append(key, element));
    }

    fn next_key(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        self.read(key);
        self.timed(|inner| inner.next_key(key))
    }

    fn clear_prefix(
        &mut self,
        prefix: &[u8],
        limit: Option<u32>,
        cursor: Option<&[u8]>,
    ) -> Removed {
        let mut key = prefix.to_vec();
        while let Some(next) = self.inner.next_key(&key).filter(|next| next.starts_with(prefix)) {
            self.written(&next);
            key = next;
        }
        self.timed(|inner| inner.clear_prefix(prefix, limit, cursor))
    }

    fn root(&mut self, version: StateVersion) -> H256 {
        self.inner.root(version)
    }

    fn child_get(&mut self, child: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        self.read(&inside(child, key));
        self.timed(|inner| inner.child_get(child, key))
    }

    fn child_set(&mut self, child: &[u8], key: Vec<u8>, value: Option<Vec<u8>>) {
        self.written(&inside(child, &key));
        self.inner.child_set(child, key, value);
    }

    fn child_next_key(&mut self, child: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        self.read(&inside(child, key));
        self.timed(|inner| inner.child_next_key(child, key))
    }

    fn child_clear_prefix(
        &mut self,
        child: &[u8],
        prefix: &[u8],
        limit: Option<u32>,
        cursor: Option<&[u8]>,
    ) -> Removed {
        self.written(&inside(child, prefix));
        self.timed(|inner| inner.child_clear_prefix(child, prefix, limit, cursor))
    }

    fn child_root(&mut self, child: &[u8], version: StateVersion) -> H256 {
        self.inner.child_root(child, version)
    }

    fn start_transaction(&mut self) {
        self.inner.start_transaction();
    }

    fn commit_transaction(&mut self) {
        self.inner.commit_transaction();
    }

    fn rollback_transaction(&mut self) {
        self.inner.rollback_transaction();
    }

    fn set_offchain(&mut self, key: &[u8], value: Option<&[u8]>) {
        self.inner.set_offchain(key, value);
    }

    fn extensions(&mut self) -> &mut Extensions {
        self.inner.extensions()
    }

    fn fail(&mut self, reason: String) {
        self.inner.fail(reason);
    }

    fn take_failure(&mut self) -> Option<String> {
        self.inner.take_failure()
    }

    fn begin_measurement(&mut self) {
        if self.laboratory.settles()
            && let Err(reason) = self.settle()
        {
            self.fail(reason);
        }
        self.now = Measured::default();
        self.begun_ns = self.laboratory.now_ns();
    }

    fn end_measurement(&mut self) {
        self.now.time_ns = self.laboratory.now_ns().saturating_sub(self.begun_ns);
        self.measured = Some(self.now.clone());
    }
}
