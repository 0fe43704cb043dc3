//! Transactions that the best chain of a moment excludes.

use std::collections::BTreeMap;

use citrate_core::{BlockNumber, H256, OpaqueExtrinsic};

/// A bounded set of transactions, each with the best block at which it was refuted.
///
/// Another one with the same nonce may be on the chain that is the best for a moment, and none on the chain that
/// becomes final. So who watches is told nothing before finality has decided.
#[derive(Debug, Default)]
pub(crate) struct Doubts(BTreeMap<H256, Doubt>);

#[derive(Debug)]
struct Doubt {
    extrinsic: OpaqueExtrinsic,
    at: BlockNumber,
}

impl Doubts {
    /// Adds one; returns the oldest if there are more than `max`.
    pub(crate) fn insert(
        &mut self,
        hash: H256,
        extrinsic: OpaqueExtrinsic,
        at: BlockNumber,
        max: usize,
    ) -> Option<H256> {
        self.0.insert(hash, Doubt { extrinsic, at });
        if self.0.len() <= max {
            return None;
        }
        let oldest = self.0.iter().min_by_key(|(hash, doubt)| (doubt.at, **hash));
        let oldest = oldest.map(|(hash, _)| *hash)?;
        self.0.remove(&oldest);
        Some(oldest)
    }

    pub(crate) fn remove(&mut self, hash: &H256) -> bool {
        self.0.remove(hash).is_some()
    }

    /// Empties the set.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = (H256, OpaqueExtrinsic)> + use<> {
        std::mem::take(&mut self.0).into_iter().map(|(hash, doubt)| (hash, doubt.extrinsic))
    }

    /// Those that were refuted at block `number` or before.
    pub(crate) fn until(
        &self,
        number: BlockNumber,
    ) -> impl Iterator<Item = (H256, &OpaqueExtrinsic)> {
        let old = self.0.iter().filter(move |(_, doubt)| doubt.at <= number);
        old.map(|(hash, doubt)| (*hash, &doubt.extrinsic))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
