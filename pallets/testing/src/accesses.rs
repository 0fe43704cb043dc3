//! Counts what a piece of code reads and writes, to compare it with its weight.

use citrate_core::{H256, StateVersion};
use citrate_host::{Extensions, Externalities, StateExt};
use citrate_support::dispatch::{
    DispatchResultWithPostInfo, GetDispatchInfo, PostDispatchInfo, extract_actual_weight,
};
use citrate_support::storage::storage_prefix;
use citrate_support::traits::Dispatchable;
use citrate_support::weights::{RuntimeDbWeight, Weight};
use citrate_trie::Removed;
use std::collections::BTreeSet;
use std::fmt::Debug;

use crate::TestExternalities;

/// What a read and a write weigh where [`Accesses::assert_within`] can tell them from all else in a weight: what is
/// weighed by the byte has to stay below a read.
pub const DB_WEIGHT: RuntimeDbWeight =
    RuntimeDbWeight { read: 1_000_000_000, write: 1_000_000_000_000 };

/// The items of the system pallet that every block keeps in memory anyway: no weight is asked for them.
const FREE: [&str; 7] =
    ["Number", "ExecutionPhase", "EventCount", "Events", "BlockWeight", "Digest", "ExtrinsicCount"];

/// The keys that were read and written, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accesses {
    reads: BTreeSet<Vec<u8>>,
    writes: BTreeSet<Vec<u8>>,
}

impl Accesses {
    /// How many keys were read.
    pub fn reads(&self) -> u64 {
        count(&self.reads)
    }

    /// How many keys were written.
    pub fn writes(&self) -> u64 {
        count(&self.writes)
    }
}

impl Accesses {
    /// Checks that a weight, in a runtime with [`DB_WEIGHT`], has as many reads and writes as there were.
    ///
    /// # Panics
    /// It has fewer.
    pub fn assert_within(&self, weight: Weight, what: &str) {
        let RuntimeDbWeight { read, write } = DB_WEIGHT;
        let (writes, reads) = (weight.ref_time() / write, weight.ref_time() % write / read);
        assert!(
            self.reads() <= reads && self.writes() <= writes,
            "{what} weighs {reads} reads and {writes} writes and did {} and {}: {self:#?}",
            self.reads(),
            self.writes()
        );
    }
}

/// Dispatches a call, and checks that what it reads and writes is within what it says that it weighed.
///
/// # Panics
/// It fails, or weighs too little.
pub fn assert_weighed<C>(ext: &mut TestExternalities, origin: C::RuntimeOrigin, call: C)
where
    C: GetDispatchInfo + Dispatchable<PostInfo = PostDispatchInfo> + Debug,
{
    let what = format!("{call:?}");
    let info = call.get_dispatch_info();
    let (result, accesses): (DispatchResultWithPostInfo, _) =
        ext.accesses(|| call.dispatch(origin));
    assert!(result.is_ok(), "{what}: {result:?}");
    accesses.assert_within(extract_actual_weight(&result, &info), &what);
}

fn count(keys: &BTreeSet<Vec<u8>>) -> u64 {
    let free = FREE.map(|item| storage_prefix(b"System", item.as_bytes()));
    let counts = |key: &&Vec<u8>| {
        // Keys such as `:transaction_level:` are the runtime's own bookkeeping.
        !key.starts_with(b":") && !free.iter().any(|prefix| key.starts_with(prefix))
    };
    keys.iter().filter(counts).count() as u64
}

/// Passes everything on and remembers the keys.
pub(crate) struct Recorder<'a> {
    pub(crate) inner: &'a mut StateExt,
    pub(crate) accesses: Accesses,
}

impl Externalities for Recorder<'_> {
    fn get(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        self.accesses.reads.insert(key.to_vec());
        self.inner.get(key)
    }

    fn set(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.accesses.writes.insert(key.clone());
        self.inner.set(key, value);
    }

    fn append(&mut self, key: Vec<u8>, element: &[u8]) {
        self.accesses.writes.insert(key.clone());
        self.inner.append(key, element);
    }

    fn next_key(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        self.accesses.reads.insert(key.to_vec());
        self.inner.next_key(key)
    }

    fn clear_prefix(
        &mut self,
        prefix: &[u8],
        limit: Option<u32>,
        cursor: Option<&[u8]>,
    ) -> Removed {
        let mut key = prefix.to_vec();
        while let Some(next) = self.inner.next_key(&key).filter(|next| next.starts_with(prefix)) {
            self.accesses.writes.insert(next.clone());
            key = next;
        }
        self.inner.clear_prefix(prefix, limit, cursor)
    }

    fn root(&mut self, version: StateVersion) -> H256 {
        self.inner.root(version)
    }

    fn child_get(&mut self, child: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        self.accesses.reads.insert([child, key].concat());
        self.inner.child_get(child, key)
    }

    fn child_set(&mut self, child: &[u8], key: Vec<u8>, value: Option<Vec<u8>>) {
        self.accesses.writes.insert([child, &key].concat());
        self.inner.child_set(child, key, value);
    }

    fn child_next_key(&mut self, child: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        self.accesses.reads.insert([child, key].concat());
        self.inner.child_next_key(child, key)
    }

    fn child_clear_prefix(
        &mut self,
        child: &[u8],
        prefix: &[u8],
        limit: Option<u32>,
        cursor: Option<&[u8]>,
    ) -> Removed {
        self.accesses.writes.insert([child, prefix].concat());
        self.inner.child_clear_prefix(child, prefix, limit, cursor)
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
}
