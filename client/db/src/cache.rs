//! A cache of trie nodes, bounded in bytes.

use citrate_core::H256;
use lru::LruCache;
use std::sync::Arc;

/// What an entry costs besides its bytes.
const ENTRY_BYTES: usize = 128;

/// The most recently used trie nodes.
pub(crate) struct NodeCache {
    entries: LruCache<H256, Arc<[u8]>>,
    bytes: usize,
    bytes_max: usize,
}

impl NodeCache {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { entries: LruCache::unbounded(), bytes: 0, bytes_max }
    }

    pub(crate) fn get(&mut self, hash: &H256) -> Option<Vec<u8>> {
        self.entries.get(hash).map(|node| node.to_vec())
    }

    pub(crate) fn insert(&mut self, hash: H256, node: &[u8]) {
        // A node that would push everything else out is not worth it.
        if node.len() > self.bytes_max / 16 {
            return;
        }
        self.bytes += node.len() + ENTRY_BYTES;
        if let Some(old) = self.entries.put(hash, node.into()) {
            self.bytes -= old.len() + ENTRY_BYTES;
        }
        while self.bytes > self.bytes_max {
            let Some((_, old)) = self.entries.pop_lru() else { break };
            self.bytes -= old.len() + ENTRY_BYTES;
        }
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}
