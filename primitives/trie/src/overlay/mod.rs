//! Changes that have not reached the trie yet, in nested transactions.

mod map;

use crate::{ChangeSet, Changes, StateView, TrieError, is_child_storage_prefix};
use map::{UndoMap, append, merge, rollback, write};
use std::{collections::BTreeMap, ops::Bound};

/// There is no open transaction to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no storage transaction is open")]
pub struct NoTransaction;

/// What clearing a prefix or a child trie did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removed {
    /// Where to go on; `None` when every key is gone.
    pub cursor: Option<Vec<u8>>,
    /// Keys of the state below that were removed now.
    pub backend: u32,
    /// Keys that were removed now, those of the overlay included.
    pub unique: u32,
    /// Keys of the state below that were looked at.
    pub loops: u32,
}

/// How to undo one open transaction.
#[derive(Debug, Clone, Default)]
struct Layer {
    top: UndoMap,
    children: BTreeMap<Vec<u8>, UndoMap>,
}

/// Changes over a state that is not touched, in nested transactions.
///
/// The current values lie in one map; an open transaction holds what undoes it. Beginning one costs
/// nothing, ending one costs as much as it touched, and [`Self::append`] writes in place whatever
/// the depth, so that a block's event list costs its own size and not its square.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    changes: ChangeSet,
    layers: Vec<Layer>,
}

impl Overlay {
    /// An overlay without changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// An overlay that starts with `changes`, which no transaction undoes.
    pub fn with_changes(changes: ChangeSet) -> Self {
        Self { changes, layers: Vec::new() }
    }

    /// All changes at this moment, those of open transactions included.
    pub fn changes(&self) -> &ChangeSet {
        &self.changes
    }

    /// Undoes open transactions, then takes all changes out.
    pub fn drain(&mut self) -> ChangeSet {
        while self.rollback_transaction().is_ok() {}
        std::mem::take(&mut self.changes)
    }

    /// The changed value of `key`: `Some(None)` when it was removed, `None` when untouched.
    pub fn get(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        self.changes.top.get(key).map(Option::as_deref)
    }

    /// As [`Self::get`], in the child trie `name`.
    pub fn child_get(&self, name: &[u8], key: &[u8]) -> Option<Option<&[u8]>> {
        self.changes.children.get(name)?.get(key).map(Option::as_deref)
    }

    /// The value of `key` here, else in `state`.
    ///
    /// # Errors
    /// When `state` cannot be read; likewise below.
    pub fn read(&self, state: &StateView, key: &[u8]) -> Result<Option<Vec<u8>>, TrieError> {
        match self.get(key) {
            Some(value) => Ok(value.map(<[u8]>::to_vec)),
            None => state.get(key),
        }
    }

    /// As [`Self::read`], in the child trie `name`.
    ///
    /// # Errors
    /// When `state` cannot be read.
    pub fn child_read(
        &self,
        state: &StateView,
        name: &[u8],
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, TrieError> {
        match self.child_get(name, key) {
            Some(value) => Ok(value.map(<[u8]>::to_vec)),
            None => state.child_get(name, key),
        }
    }

    /// Sets `key`, or removes it.
    pub fn set(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        write(&mut self.changes.top, self.layers.last_mut().map(|l| &mut l.top), key, value);
    }

    /// As [`Self::set`], in the child trie `name`.
    pub fn child_set(&mut self, name: &[u8], key: Vec<u8>, value: Option<Vec<u8>>) {
        let (changes, undo) = self.child(name);
        write(changes, undo, key, value);
    }

    /// Appends the SCALE-encoded `element` to the SCALE vector under `key`.
    ///
    /// A value that does not begin with a vector's length is replaced by a vector of one element.
    ///
    /// # Errors
    /// When `state` cannot be read.
    pub fn append(
        &mut self,
        state: &StateView,
        key: Vec<u8>,
        element: &[u8],
    ) -> Result<(), TrieError> {
        append(
            &mut self.changes.top,
            self.layers.last_mut().map(|l| &mut l.top),
            key,
            element,
            |key| state.get(key),
        )
    }

    /// The smallest key above `key` that has a value here or in `state`.
    ///
    /// # Errors
    /// When `state` cannot be read.
    pub fn next_key(&self, state: &StateView, key: &[u8]) -> Result<Option<Vec<u8>>, TrieError> {
        next_key(Some(&self.changes.top), key, |key| state.next_key(key))
    }

    /// As [`Self::next_key`], in the child trie `name`.
    ///
    /// # Errors
    /// When `state` cannot be read.
    pub fn child_next_key(
        &self,
        state: &StateView,
        name: &[u8],
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, TrieError> {
        next_key(self.changes.children.get(name), key, |key| state.child_next_key(name, key))
    }

    /// Removes every key with `prefix` here, and up to `limit` of those in `state` from `cursor` on.
    ///
    /// Prefixes that cover roots of child tries are refused: nothing is removed.
    ///
    /// # Errors
    /// When `state` cannot be read.
    pub fn clear_prefix(
        &mut self,
        state: &StateView,
        prefix: &[u8],
        limit: Option<u32>,
        cursor: Option<&[u8]>,
    ) -> Result<Removed, TrieError> {
        if is_child_storage_prefix(prefix) {
            return Ok(Removed::default());
        }
        let undo = self.layers.last_mut().map(|l| &mut l.top);
        clear(&mut self.changes.top, undo, prefix, limit, cursor, |after, count| {
            state.keys_with_prefix(prefix, after, count)
        })
    }

    /// As [`Self::clear_prefix`], in the child trie `name`; an empty prefix clears it all.
    ///
    /// # Errors
    /// When `state` cannot be read.
    pub fn child_clear_prefix(
        &mut self,
        state: &StateView,
        name: &[u8],
        prefix: &[u8],
        limit: Option<u32>,
        cursor: Option<&[u8]>,
    ) -> Result<Removed, TrieError> {
        let (changes, undo) = self.child(name);
        clear(changes, undo, prefix, limit, cursor, |after, count| {
            state.child_keys_with_prefix(name, prefix, after, count)
        })
    }

    /// Number of open transactions.
    pub fn transaction_depth(&self) -> usize {
        self.layers.len()
    }

    /// Opens a transaction inside the current one.
    pub fn start_transaction(&mut self) {
        self.layers.push(Layer::default());
    }

    /// Ends the innermost transaction and keeps its changes.
    ///
    /// # Errors
    /// When none is open.
    pub fn commit_transaction(&mut self) -> Result<(), NoTransaction> {
        let inner = self.layers.pop().ok_or(NoTransaction)?;
        if let Some(outer) = self.layers.last_mut() {
            merge(&mut outer.top, inner.top);
            for (name, undo) in inner.children {
                merge(outer.children.entry(name).or_default(), undo);
            }
        }
        Ok(())
    }

    /// Ends the innermost transaction and undoes its changes.
    ///
    /// # Errors
    /// When none is open.
    pub fn rollback_transaction(&mut self) -> Result<(), NoTransaction> {
        let inner = self.layers.pop().ok_or(NoTransaction)?;
        rollback(&mut self.changes.top, inner.top);
        for (name, undo) in inner.children {
            if let Some(changes) = self.changes.children.get_mut(&name) {
                rollback(changes, undo);
                if changes.is_empty() {
                    self.changes.children.remove(&name);
                }
            }
        }
        Ok(())
    }

    fn child(&mut self, name: &[u8]) -> (&mut Changes, Option<&mut UndoMap>) {
        let changes = self.changes.children.entry(name.to_vec()).or_default();
        let undo = self.layers.last_mut().map(|l| l.children.entry(name.to_vec()).or_default());
        (changes, undo)
    }
}

fn next_key(
    changes: Option<&Changes>,
    key: &[u8],
    below: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, TrieError>,
) -> Result<Option<Vec<u8>>, TrieError> {
    let Some(changes) = changes else { return below(key) };
    let above = (Bound::Excluded(key), Bound::Unbounded);
    let mut ours = changes.range::<[u8], _>(above).filter(|(_, v)| v.is_some()).map(|(k, _)| k);
    let our_next = ours.next();
    let mut their_next = below(key)?;
    while let Some(theirs) = &their_next {
        if our_next.is_some_and(|ours| ours <= theirs) {
            break;
        }
        match changes.get(theirs) {
            // Removed here; one that has a value here would be the smallest of ours.
            Some(_) => their_next = below(theirs)?,
            None => return Ok(their_next),
        }
    }
    Ok(our_next.cloned())
}

/// LIMIT: keys that one read of the state below fetches.
const CLEAR_BATCH: usize = 1024;

fn clear(
    changes: &mut Changes,
    mut undo: Option<&mut UndoMap>,
    prefix: &[u8],
    limit: Option<u32>,
    cursor: Option<&[u8]>,
    below: impl Fn(Option<&[u8]>, usize) -> Result<Vec<Vec<u8>>, TrieError>,
) -> Result<Removed, TrieError> {
    let mut removed = Removed::default();
    let own: Vec<Vec<u8>> = changes
        .range::<[u8], _>((Bound::Included(prefix), Bound::Unbounded))
        .take_while(|(key, _)| key.starts_with(prefix))
        .filter(|(_, value)| value.is_some())
        .map(|(key, _)| key.clone())
        .collect();
    removed.unique = u32::try_from(own.len()).unwrap_or(u32::MAX);
    for key in own {
        write(changes, undo.as_deref_mut(), key, None);
    }
    let mut after: Option<Vec<u8>> = None;
    loop {
        let batch = below(after.as_deref(), CLEAR_BATCH)?;
        let last = batch.len() < CLEAR_BATCH;
        after = batch.last().cloned();
        for key in batch {
            if cursor.is_some_and(|cursor| key.as_slice() < cursor) {
                continue;
            }
            if limit.is_some_and(|limit| removed.loops == limit) {
                removed.cursor = Some(key);
                return Ok(removed);
            }
            removed.loops = removed.loops.saturating_add(1);
            if !matches!(changes.get(&key), Some(None)) {
                write(changes, undo.as_deref_mut(), key, None);
                removed.backend = removed.backend.saturating_add(1);
                removed.unique = removed.unique.saturating_add(1);
            }
        }
        if last {
            return Ok(removed);
        }
    }
}
