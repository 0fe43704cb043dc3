//! Transactions that the best chain of a moment excludes.

use std::collections::BTreeMap;

use citrate_core::{BlockNumber, H256, OpaqueExtrinsic};

use crate::config::Limit;

/// A bounded set of transactions, each with the best block at which it was refuted.
///
/// Another one with the same nonce may be on the chain that is the best for a moment, and none on the chain that
/// becomes final. So who watches is told nothing before finality has decided.
#[derive(Debug, Default)]
pub(crate) struct Doubts {
    by_hash: BTreeMap<H256, Doubt>,
    bytes: usize,
}

#[derive(Debug)]
struct Doubt {
    extrinsic: OpaqueExtrinsic,
    at: BlockNumber,
}

impl Doubts {
    /// Adds one; returns the oldest ones, which had to go for the limit to hold.
    pub(crate) fn insert(
        &mut self,
        hash: H256,
        extrinsic: OpaqueExtrinsic,
        at: BlockNumber,
        limit: Limit,
    ) -> Vec<H256> {
        self.remove(&hash);
        self.bytes += extrinsic.0.len();
        self.by_hash.insert(hash, Doubt { extrinsic, at });
        let mut gone = Vec::new();
        while limit.is_exceeded(self.len(), self.bytes) {
            let oldest = self.by_hash.iter().min_by_key(|(hash, doubt)| (doubt.at, **hash));
            let Some(oldest) = oldest.map(|(hash, _)| *hash) else { break };
            self.remove(&oldest);
            gone.push(oldest);
        }
        gone
    }

    pub(crate) fn remove(&mut self, hash: &H256) -> bool {
        let Some(doubt) = self.by_hash.remove(hash) else { return false };
        self.bytes -= doubt.extrinsic.0.len();
        true
    }

    /// Empties the set.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = (H256, OpaqueExtrinsic)> + use<> {
        let all = std::mem::take(self).by_hash;
        all.into_iter().map(|(hash, doubt)| (hash, doubt.extrinsic))
    }

    /// Those that were refuted at block `number` or before.
    pub(crate) fn until(
        &self,
        number: BlockNumber,
    ) -> impl Iterator<Item = (H256, &OpaqueExtrinsic)> {
        let old = self.by_hash.iter().filter(move |(_, doubt)| doubt.at <= number);
        old.map(|(hash, doubt)| (*hash, &doubt.extrinsic))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_hash.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}
