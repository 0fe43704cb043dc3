//! Externalities over a state view.

use crate::{Extensions, Externalities};
use citrate_core::{H256, StateVersion};
use citrate_trie::{
    ChangeSet, EMPTY_ROOT, NodeDelta, Overlay, Removed, StateView, TrieError, child_root_key,
};
use std::collections::BTreeMap;

/// One state, the changes made to it by a call, and the services of the call.
#[derive(Debug)]
pub struct StateExt {
    state: StateView,
    overlay: Overlay,
    extensions: Extensions,
    offchain: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    computed: Option<Computed>,
    failure: Option<String>,
}

/// A root computed for the runtime, kept because the node needs it again right after.
#[derive(Debug)]
struct Computed {
    version: StateVersion,
    root: H256,
    delta: NodeDelta,
}

/// What a call left behind.
#[derive(Debug)]
pub struct Finished {
    /// The changed keys.
    pub changes: ChangeSet,
    /// The root of the state after them.
    pub root: H256,
    /// The trie nodes that they add and remove.
    pub delta: NodeDelta,
    /// Changes to the off-chain database.
    pub offchain: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl StateExt {
    /// No changes yet, and no services.
    pub fn new(state: StateView) -> Self {
        Self::with_overlay(state, Overlay::new())
    }

    /// The state with the changes of `overlay`, without services.
    pub fn with_overlay(state: StateView, overlay: Overlay) -> Self {
        Self {
            state,
            overlay,
            extensions: Extensions::new(),
            offchain: BTreeMap::new(),
            computed: None,
            failure: None,
        }
    }

    /// With these services.
    #[must_use]
    pub fn with_extensions(mut self, extensions: Extensions) -> Self {
        self.extensions = extensions;
        self
    }

    /// The state below.
    pub fn state(&self) -> &StateView {
        &self.state
    }

    /// The pending changes.
    pub fn overlay(&self) -> &Overlay {
        &self.overlay
    }

    /// The pending changes; those of open transactions are undone first.
    pub fn into_changes(mut self) -> ChangeSet {
        self.overlay.drain()
    }

    /// The pending changes with the state that they lead to; those of open transactions are undone
    /// first. Costs nothing when the runtime asked for the root last.
    ///
    /// # Errors
    /// When the state below cannot be read.
    pub fn finish(mut self, version: StateVersion) -> Result<Finished, TrieError> {
        let untouched = self.overlay.transaction_depth() == 0;
        let computed = self.computed.take().filter(|c| untouched && c.version == version);
        let changes = self.overlay.drain();
        let (root, delta) = match computed {
            Some(computed) => (computed.root, computed.delta),
            None => self.state.apply(&changes, version)?,
        };
        Ok(Finished { changes, root, delta, offchain: self.offchain })
    }

    /// The value of a fallible read; the failure is kept for whoever runs the host function.
    fn note<T: Default>(&mut self, result: Result<T, TrieError>) -> T {
        result.unwrap_or_else(|error| {
            self.fail(format!("state cannot be read: {error}"));
            T::default()
        })
    }

    fn compute(&mut self, version: StateVersion) -> Result<H256, TrieError> {
        if let Some(computed) = self.computed.as_ref().filter(|c| c.version == version) {
            return Ok(computed.root);
        }
        let (root, delta) = self.state.apply(self.overlay.changes(), version)?;
        self.computed = Some(Computed { version, root, delta });
        Ok(root)
    }

    fn compute_child(&self, child: &[u8], version: StateVersion) -> Result<H256, TrieError> {
        let Some(changes) = self.overlay.changes().children.get(child) else {
            return Ok(self.state.child_root(child)?.unwrap_or(EMPTY_ROOT));
        };
        // The child's root is the value that the top trie would get: apply this child alone.
        let only = ChangeSet {
            top: BTreeMap::new(),
            children: BTreeMap::from([(child.to_vec(), changes.clone())]),
        };
        let (root, delta) = self.state.apply(&only, version)?;
        let nodes = citrate_trie::MemoryNodes::new();
        nodes.insert(&delta);
        let above = Above { new: nodes, below: self.state.nodes.clone() };
        let view = StateView::new(std::sync::Arc::new(above), root);
        let root = view.get(&child_root_key(child))?;
        Ok(root.map_or(EMPTY_ROOT, |root| H256::from_slice(&root)))
    }
}

/// New nodes above a store.
struct Above {
    new: citrate_trie::MemoryNodes,
    below: std::sync::Arc<dyn citrate_trie::NodeStore>,
}

impl citrate_trie::NodeStore for Above {
    fn node(&self, hash: &H256) -> Result<Option<Vec<u8>>, TrieError> {
        match self.new.node(hash)? {
            Some(node) => Ok(Some(node)),
            None => self.below.node(hash),
        }
    }
}

impl Externalities for StateExt {
    fn get(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        let result = self.overlay.read(&self.state, key);
        self.note(result)
    }

    fn exists(&mut self, key: &[u8]) -> bool {
        if let Some(value) = self.overlay.get(key) {
            return value.is_some();
        }
        let result = self.state.hash_of(key);
        self.note(result).is_some()
    }

    fn set(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.computed = None;
        self.overlay.set(key, value);
    }

    fn append(&mut self, key: Vec<u8>, element: &[u8]) {
        self.computed = None;
        let result = self.overlay.append(&self.state, key, element);
        self.note(result);
    }

    fn next_key(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        let result = self.overlay.next_key(&self.state, key);
        self.note(result)
    }

    fn clear_prefix(
        &mut self,
        prefix: &[u8],
        limit: Option<u32>,
        cursor: Option<&[u8]>,
    ) -> Removed {
        self.computed = None;
        let result = self.overlay.clear_prefix(&self.state, prefix, limit, cursor);
        self.note(result)
    }

    fn root(&mut self, version: StateVersion) -> H256 {
        let result = self.compute(version);
        self.note(result)
    }

    fn child_get(&mut self, child: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        let result = self.overlay.child_read(&self.state, child, key);
        self.note(result)
    }

    fn child_set(&mut self, child: &[u8], key: Vec<u8>, value: Option<Vec<u8>>) {
        self.computed = None;
        self.overlay.child_set(child, key, value);
    }

    fn child_next_key(&mut self, child: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        let result = self.overlay.child_next_key(&self.state, child, key);
        self.note(result)
    }

    fn child_clear_prefix(
        &mut self,
        child: &[u8],
        prefix: &[u8],
        limit: Option<u32>,
        cursor: Option<&[u8]>,
    ) -> Removed {
        self.computed = None;
        let result = self.overlay.child_clear_prefix(&self.state, child, prefix, limit, cursor);
        self.note(result)
    }

    fn child_root(&mut self, child: &[u8], version: StateVersion) -> H256 {
        let result = self.compute_child(child, version);
        self.note(result)
    }

    fn start_transaction(&mut self) {
        self.overlay.start_transaction();
    }

    fn commit_transaction(&mut self) {
        if self.overlay.commit_transaction().is_err() {
            self.fail("no storage transaction is open to commit".into());
        }
    }

    fn rollback_transaction(&mut self) {
        self.computed = None;
        if self.overlay.rollback_transaction().is_err() {
            self.fail("no storage transaction is open to roll back".into());
        }
    }

    fn set_offchain(&mut self, key: &[u8], value: Option<&[u8]>) {
        self.offchain.insert(key.to_vec(), value.map(<[u8]>::to_vec));
    }

    fn extensions(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    fn fail(&mut self, reason: String) {
        self.failure.get_or_insert(reason);
    }

    fn take_failure(&mut self) -> Option<String> {
        self.failure.take()
    }
}
