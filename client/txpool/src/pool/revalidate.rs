//! Asking the runtime again, within a budget.

use std::sync::Arc;

use citrate_core::{BlockNumber, H256, TransactionValidityError, ValidTransaction};

use super::Pool;
use crate::tx::{PoolTx, TxStatus};

impl Pool {
    /// What to validate again now: first what a block skipped or a reorganisation touched, then a
    /// slice of the future and the ready transactions that moves on with every call.
    pub fn revalidation_batch(&mut self) -> Vec<Arc<PoolTx>> {
        let budget = self.config.revalidate_max;
        let mut batch: Vec<Arc<PoolTx>> = Vec::new();
        while batch.len() < budget {
            let Some(hash) = self.urgent.pop_first() else { break };
            batch.extend(self.get(&hash).filter(|_| !self.in_flight.contains(&hash)));
        }
        let half = (budget - batch.len()).div_ceil(2);
        let (mut future_cursor, mut ready_cursor) = self.cursors;
        for tx in self.future.after(future_cursor).take(half) {
            future_cursor = tx.hash;
            batch.push(Arc::clone(tx));
        }
        let rest = budget - batch.len();
        for tx in self.ready.after(ready_cursor).take(rest) {
            ready_cursor = tx.hash;
            if !self.in_flight.contains(&tx.hash) {
                batch.push(Arc::clone(tx));
            }
        }
        self.cursors = (future_cursor, ready_cursor);
        batch.sort_by_key(|tx| tx.arrival);
        batch.dedup_by_key(|tx| tx.hash);
        batch
    }

    /// Puts what there was no time for before all others of the next batch.
    pub fn postpone(&mut self, batch: &[Arc<PoolTx>]) {
        let here = batch.iter().map(|tx| tx.hash).filter(|hash| self.contains(hash));
        let here: Vec<H256> = here.collect();
        self.urgent.extend(here);
    }

    /// Takes the runtime's new verdict, given at block `at`, on a transaction of the pool.
    pub fn revalidated(
        &mut self,
        hash: &H256,
        verdict: Result<ValidTransaction, TransactionValidityError>,
        at: BlockNumber,
    ) {
        let Some(old) = self.get(hash) else { return };
        // The payload that holds it decides; the state that was asked does not know that payload.
        if self.in_flight.contains(hash) {
            return;
        }
        match verdict {
            Ok(valid) if self.check_tags(&valid).is_ok() => {
                let (extrinsic, source) = (old.extrinsic.clone(), old.source);
                let tx = PoolTx::new(*hash, extrinsic, source, valid, at, old.arrival);
                self.renew(&old, Arc::new(tx));
            }
            Ok(_) => {
                self.take(hash);
                self.emit(*hash, TxStatus::Invalid);
            }
            Err(error) => {
                self.take(hash);
                self.refuse(*hash, &error);
                self.doubt(*hash, old.extrinsic.clone());
            }
        }
        self.enforce_limits();
    }

    fn renew(&mut self, old: &PoolTx, new: Arc<PoolTx>) {
        let hash = new.hash;
        let missing = self.missing(&new);
        let unchanged = new.provides == old.provides && new.priority == old.priority;
        let settled = missing.iter().all(|tag| old.requires.binary_search(tag).is_ok());
        let requires_less = new.requires.iter().all(|tag| old.requires.binary_search(tag).is_ok());
        if self.ready.get(&hash).is_some() && unchanged && settled && requires_less {
            self.ready.remove(&hash);
            self.ready.insert(new);
        } else if self.future.get(&hash).is_some() && !missing.is_empty() {
            self.future.remove(&hash);
            self.future.insert(new, missing);
        } else {
            self.take(&hash);
            if self.place(new).is_err() {
                self.emit(hash, TxStatus::Dropped);
            }
        }
    }
}
