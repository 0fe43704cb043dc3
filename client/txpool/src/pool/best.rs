//! What new best and final blocks mean for the pool.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use citrate_core::{BlockNumber, H256, OpaqueExtrinsic};

use super::{Included, Pool, RECENT_UPDATES};
use crate::tx::{PoolTx, Tag, TxStatus};

/// A transaction that a block accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedTx {
    /// Its hash.
    pub hash: H256,
    /// Its index among the accepted extrinsics of the block.
    pub index: u32,
    /// The extrinsic; needed when the block is retracted.
    pub extrinsic: OpaqueExtrinsic,
}

/// The transactions of one block of the selected chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockTxs {
    /// The block.
    pub hash: H256,
    /// Its number.
    pub number: BlockNumber,
    /// What its own payload proposes.
    pub payload: Vec<H256>,
    /// What it accepted from payloads; inherents are not listed.
    pub accepted: Vec<AcceptedTx>,
    /// Transactions of merged payloads that it did not accept.
    pub skipped: Vec<H256>,
}

/// A new best block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BestUpdate {
    /// Number of the new best block.
    pub number: BlockNumber,
    /// Blocks that left the selected chain, newest first.
    pub retracted: Vec<BlockTxs>,
    /// Blocks that joined it, oldest first.
    pub enacted: Vec<BlockTxs>,
}

impl Pool {
    /// Follows the selected chain; returns what retracted blocks had accepted or excluded and the new
    /// ones did not accept, to be validated and imported again.
    pub fn on_best(&mut self, update: &BestUpdate) -> Vec<OpaqueExtrinsic> {
        self.now = update.number;
        self.bans.advance(self.now);
        let mut orphaned: BTreeMap<H256, OpaqueExtrinsic> = BTreeMap::new();
        for block in &update.retracted {
            self.retract(block, &mut orphaned);
        }
        if !update.retracted.is_empty() {
            self.recent.clear();
            orphaned.extend(self.doubts.drain());
            self.urgent.extend(self.ready.iter().chain(self.future.iter()).map(|tx| tx.hash));
        }
        self.recent.push_front(BTreeSet::new());
        self.recent.truncate(RECENT_UPDATES);
        for block in &update.enacted {
            self.enact(block, &mut orphaned);
        }
        self.expire();
        self.enforce_limits();
        for hash in orphaned.keys() {
            self.bans.lift(hash);
        }
        orphaned.into_values().collect()
    }

    /// Ends the watch of what these blocks accepted; any order.
    pub fn on_finalized(&mut self, blocks: &[H256]) {
        for block in blocks {
            let Some(included) = self.included.remove(block) else { continue };
            for (hash, index) in included.txs {
                self.emit(hash, TxStatus::Finalized { block: *block, index });
            }
        }
    }

    fn retract(&mut self, block: &BlockTxs, orphaned: &mut BTreeMap<H256, OpaqueExtrinsic>) {
        self.included.remove(&block.hash);
        for tx in &block.accepted {
            orphaned.insert(tx.hash, tx.extrinsic.clone());
            self.emit(tx.hash, TxStatus::Retracted(block.hash));
        }
        // Its parent's payload is the last one again, and what was beside it may be merged with that.
        let accepted = block.accepted.iter().map(|tx| tx.hash);
        self.in_flight = accepted.chain(block.skipped.iter().copied()).collect();
    }

    fn enact(&mut self, block: &BlockTxs, orphaned: &mut BTreeMap<H256, OpaqueExtrinsic>) {
        for tx in &block.accepted {
            orphaned.remove(&tx.hash);
            self.doubts.remove(&tx.hash);
            self.accept(&tx.hash);
            self.emit(tx.hash, TxStatus::InBlock { block: block.hash, index: tx.index });
        }
        if !block.accepted.is_empty() {
            let txs = block.accepted.iter().map(|tx| (tx.hash, tx.index)).collect();
            self.included.insert(block.hash, Included { number: block.number, txs });
        }
        for hash in &block.skipped {
            if self.contains(hash) {
                self.urgent.insert(*hash);
            }
        }
        self.in_flight = block.payload.iter().copied().collect();
    }

    /// Takes an included transaction out; the chain provides its tags from now on.
    fn accept(&mut self, hash: &H256) {
        self.urgent.remove(hash);
        let Some(tx) = self.ready.remove(hash).or_else(|| self.future.remove(hash)) else { return };
        if let Some(recent) = self.recent.front_mut() {
            recent.extend(tx.provides.iter().cloned());
        }
        let tags: Vec<Tag> = tx.provides.clone();
        self.promote(tags);
    }

    fn expire(&mut self) {
        let now = u64::from(self.now);
        let old: Vec<Arc<PoolTx>> = self
            .ready
            .iter()
            .chain(self.future.iter())
            .filter(|tx| tx.valid_until < now && !self.in_flight.contains(&tx.hash))
            .map(Arc::clone)
            .collect();
        for tx in old {
            self.take(&tx.hash);
            self.doubt(tx.hash, tx.extrinsic.clone());
        }
        let timeout = self.config.finality_timeout_blocks;
        if let Some(late) = self.now.checked_sub(timeout.saturating_add(1)) {
            for (hash, _) in self.doubtful(late) {
                self.exclude(&hash);
            }
        }
        let late = |included: &Included| included.number.saturating_add(timeout) < self.now;
        let blocks: Vec<H256> =
            self.included.iter().filter(|(_, inc)| late(inc)).map(|(block, _)| *block).collect();
        for block in blocks {
            let Some(included) = self.included.remove(&block) else { continue };
            for (hash, _) in included.txs {
                self.emit(hash, TxStatus::FinalityTimeout(block));
            }
        }
    }
}
