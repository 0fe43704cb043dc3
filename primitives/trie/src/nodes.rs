//! Where nodes live: the store's interface, its in-memory form, and what a change does to it.

use crate::{EMPTY_ROOT, H256, TrieError};
use std::{collections::BTreeMap, sync::RwLock};

/// A content-addressed store of trie nodes.
pub trait NodeStore: Send + Sync {
    /// The node with this hash; `None` when the store does not have it.
    ///
    /// # Errors
    /// [`TrieError::Store`] when the store fails.
    fn node(&self, hash: &H256) -> Result<Option<Vec<u8>>, TrieError>;
}

impl<T: NodeStore + ?Sized> NodeStore for std::sync::Arc<T> {
    fn node(&self, hash: &H256) -> Result<Option<Vec<u8>>, TrieError> {
        (**self).node(hash)
    }
}

/// Nodes that a new state has more of, and fewer of, than the state that it was made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeDelta {
    /// Hash, bytes and number of new references; hashes ascend and none is also in `removed`.
    pub inserted: Vec<(H256, Vec<u8>, u32)>,
    /// Hash and number of references gone; hashes ascend.
    pub removed: Vec<(H256, u32)>,
}

impl NodeDelta {
    /// Whether the two states have the same nodes.
    pub fn is_empty(&self) -> bool {
        self.inserted.is_empty() && self.removed.is_empty()
    }
}

/// Reference-counted nodes in memory.
#[derive(Debug, Default)]
pub struct MemoryNodes(RwLock<BTreeMap<H256, (Vec<u8>, u32)>>);

impl MemoryNodes {
    /// A store without nodes: it has the empty state only.
    pub fn new() -> Self {
        Self::default()
    }

    /// The nodes of a proof, one reference each.
    pub fn from_proof(proof: &[Vec<u8>]) -> Self {
        let nodes = proof
            .iter()
            .map(|node| (H256(citrate_core::hashing::blake2_256(node)), (node.clone(), 1)));
        Self(RwLock::new(nodes.collect()))
    }

    /// Adds the inserted references; drops the removed ones, and nodes without any left.
    pub fn apply(&self, delta: &NodeDelta) {
        self.insert(delta);
        self.remove(&delta.removed);
    }

    /// Adds the inserted references only, so that the older state stays readable.
    pub fn insert(&self, delta: &NodeDelta) {
        let mut nodes = self.write();
        for (hash, bytes, count) in &delta.inserted {
            nodes.entry(*hash).or_insert_with(|| (bytes.clone(), 0)).1 += count;
        }
    }

    /// Drops references, and nodes without any left.
    pub fn remove(&self, removed: &[(H256, u32)]) {
        let mut nodes = self.write();
        for (hash, count) in removed {
            if let Some((_, references)) = nodes.get_mut(hash) {
                *references = references.saturating_sub(*count);
                if *references == 0 {
                    nodes.remove(hash);
                }
            }
        }
    }

    /// Number of different nodes.
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether the store has no node.
    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    /// References to the node with this hash.
    pub fn references(&self, hash: &H256) -> u32 {
        self.read().get(hash).map_or(0, |(_, count)| *count)
    }

    // A panic while the lock is held can only be an allocation failure: the map stays whole.
    fn read(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<H256, (Vec<u8>, u32)>> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, BTreeMap<H256, (Vec<u8>, u32)>> {
        self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl NodeStore for MemoryNodes {
    fn node(&self, hash: &H256) -> Result<Option<Vec<u8>>, TrieError> {
        if *hash == EMPTY_ROOT {
            return Ok(Some(vec![0]));
        }
        Ok(self.read().get(hash).map(|(bytes, _)| bytes.clone()))
    }
}
