//! Transactions whose required tags are all provided.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use citrate_core::H256;

use crate::tx::{PoolTx, Rank, Tag};

/// Transactions whose required tags are all provided.
///
/// INVARIANT: a tag has at most one provider here, and a required tag without a provider here is
/// provided by the chain: whoever removes a provider that was not included demotes its dependants.
#[derive(Debug, Default)]
pub(crate) struct ReadyQueue {
    txs: BTreeMap<H256, Arc<PoolTx>>,
    ranks: BTreeSet<Rank>,
    providers: BTreeMap<Tag, H256>,
    dependants: BTreeMap<Tag, BTreeSet<H256>>,
    bytes: usize,
}

impl ReadyQueue {
    pub(crate) fn get(&self, hash: &H256) -> Option<&Arc<PoolTx>> {
        self.txs.get(hash)
    }

    pub(crate) fn len(&self) -> usize {
        self.txs.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<PoolTx>> {
        self.txs.values()
    }

    /// All transactions in the order of hashes, from the one after `hash` round to it.
    pub(crate) fn after(&self, hash: H256) -> impl Iterator<Item = &Arc<PoolTx>> {
        let tail = self.txs.range((Excluded(hash), Unbounded));
        tail.chain(self.txs.range(..=hash)).map(|(_, tx)| tx)
    }

    /// The transaction that provides `tag`.
    pub(crate) fn provider(&self, tag: &[u8]) -> Option<&H256> {
        self.providers.get(tag)
    }

    /// Adds a transaction none of whose tags is provided by another.
    pub(crate) fn insert(&mut self, tx: Arc<PoolTx>) {
        for tag in &tx.provides {
            self.providers.insert(tag.clone(), tx.hash);
        }
        for tag in &tx.requires {
            self.dependants.entry(tag.clone()).or_default().insert(tx.hash);
        }
        self.ranks.insert(tx.rank());
        self.bytes = self.bytes.saturating_add(tx.bytes());
        self.txs.insert(tx.hash, tx);
    }

    /// Takes a transaction out; its dependants stay.
    pub(crate) fn remove(&mut self, hash: &H256) -> Option<Arc<PoolTx>> {
        let tx = self.txs.remove(hash)?;
        for tag in &tx.provides {
            if self.providers.get(tag) == Some(hash) {
                self.providers.remove(tag);
            }
        }
        for tag in &tx.requires {
            if let Some(set) = self.dependants.get_mut(tag) {
                set.remove(hash);
                if set.is_empty() {
                    self.dependants.remove(tag);
                }
            }
        }
        self.ranks.remove(&tx.rank());
        self.bytes = self.bytes.saturating_sub(tx.bytes());
        Some(tx)
    }

    /// Hashes of those that require a tag that `tx` provides.
    pub(crate) fn dependants_of(&self, tx: &PoolTx) -> BTreeSet<H256> {
        let sets = tx.provides.iter().filter_map(|tag| self.dependants.get(tag));
        sets.flatten().copied().filter(|hash| hash != &tx.hash).collect()
    }

    /// All that depend on one of `roots`, directly or not; without the roots.
    pub(crate) fn descendants(&self, roots: &BTreeSet<H256>) -> BTreeSet<H256> {
        let mut found = BTreeSet::new();
        let mut queue: Vec<H256> = roots.iter().copied().collect();
        while let Some(hash) = queue.pop() {
            let Some(tx) = self.txs.get(&hash) else { continue };
            for dependant in self.dependants_of(tx) {
                if found.insert(dependant) {
                    queue.push(dependant);
                }
            }
        }
        found
    }

    /// The lowest transaction that nobody depends on and that `keep` does not protect.
    pub(crate) fn worst_leaf(&self, keep: impl Fn(&H256) -> bool) -> Option<H256> {
        let lowest = self.ranks.iter().map(|(_, _, hash)| hash).filter(|hash| !keep(hash));
        let mut leaves = lowest.filter(|hash| match self.txs.get(*hash) {
            Some(tx) => !tx.provides.iter().any(|tag| self.dependants.contains_key(tag)),
            None => false,
        });
        leaves.next().copied()
    }

    /// Best first, each after what it requires, without those that `skip` names.
    ///
    /// What is skipped counts as provided.
    pub(crate) fn ordered(&self, skip: impl Fn(&H256) -> bool) -> Vec<Arc<PoolTx>> {
        let mut missing: BTreeMap<H256, usize> = BTreeMap::new();
        let mut heap: BinaryHeap<Rank> = BinaryHeap::new();
        for tx in self.txs.values().filter(|tx| !skip(&tx.hash)) {
            let waits = tx
                .requires
                .iter()
                .filter_map(|tag| self.providers.get(tag))
                .filter(|provider| !skip(provider))
                .collect::<BTreeSet<_>>()
                .len();
            if waits == 0 {
                heap.push(tx.rank());
            } else {
                missing.insert(tx.hash, waits);
            }
        }
        let mut order = Vec::with_capacity(self.txs.len());
        while let Some((_, _, hash)) = heap.pop() {
            let Some(tx) = self.txs.get(&hash) else { continue };
            for dependant in self.dependants_of(tx) {
                let Some(waits) = missing.get_mut(&dependant) else { continue };
                *waits -= 1;
                if *waits == 0 {
                    missing.remove(&dependant);
                    if let Some(next) = self.txs.get(&dependant) {
                        heap.push(next.rank());
                    }
                }
            }
            order.push(Arc::clone(tx));
        }
        order
    }
}
