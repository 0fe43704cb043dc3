//! Transactions that wait for a tag.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use citrate_core::H256;

use crate::tx::{PoolTx, Rank, Tag};

/// Transactions that wait for a tag.
///
/// INVARIANT: every transaction here misses at least one tag.
#[derive(Debug, Default)]
pub(crate) struct FutureQueue {
    txs: BTreeMap<H256, Waiting>,
    ranks: BTreeSet<Rank>,
    wanted: BTreeMap<Tag, BTreeSet<H256>>,
    bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    tx: Arc<PoolTx>,
    missing: BTreeSet<Tag>,
}

impl FutureQueue {
    pub(crate) fn get(&self, hash: &H256) -> Option<&Arc<PoolTx>> {
        self.txs.get(hash).map(|waiting| &waiting.tx)
    }

    pub(crate) fn len(&self) -> usize {
        self.txs.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<PoolTx>> {
        self.txs.values().map(|waiting| &waiting.tx)
    }

    /// All transactions in the order of hashes, from the one after `hash` round to it.
    pub(crate) fn after(&self, hash: H256) -> impl Iterator<Item = &Arc<PoolTx>> {
        let tail = self.txs.range((Excluded(hash), Unbounded));
        tail.chain(self.txs.range(..=hash)).map(|(_, waiting)| &waiting.tx)
    }

    pub(crate) fn insert(&mut self, tx: Arc<PoolTx>, missing: BTreeSet<Tag>) {
        for tag in &missing {
            self.wanted.entry(tag.clone()).or_default().insert(tx.hash);
        }
        self.ranks.insert(tx.rank());
        self.bytes = self.bytes.saturating_add(tx.bytes());
        self.txs.insert(tx.hash, Waiting { tx, missing });
    }

    pub(crate) fn remove(&mut self, hash: &H256) -> Option<Arc<PoolTx>> {
        let Waiting { tx, missing } = self.txs.remove(hash)?;
        for tag in &missing {
            if let Some(set) = self.wanted.get_mut(tag) {
                set.remove(hash);
                if set.is_empty() {
                    self.wanted.remove(tag);
                }
            }
        }
        self.ranks.remove(&tx.rank());
        self.bytes = self.bytes.saturating_sub(tx.bytes());
        Some(tx)
    }

    /// Marks `tag` as provided and takes out those that waited for nothing else, best first.
    pub(crate) fn satisfy(&mut self, tag: &[u8]) -> Vec<Arc<PoolTx>> {
        let Some(waiting) = self.wanted.remove(tag) else { return Vec::new() };
        let mut done: Vec<Arc<PoolTx>> = Vec::new();
        for hash in waiting {
            let Some(entry) = self.txs.get_mut(&hash) else { continue };
            entry.missing.remove(tag);
            if entry.missing.is_empty() {
                done.extend(self.remove(&hash));
            }
        }
        done.sort_by_key(|tx| std::cmp::Reverse(tx.rank()));
        done
    }

    /// The lowest transaction.
    pub(crate) fn worst(&self) -> Option<H256> {
        self.ranks.first().map(|(_, _, hash)| *hash)
    }
}
