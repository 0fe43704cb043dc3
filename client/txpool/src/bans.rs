//! Hashes of transactions that were invalid a short time ago.

use std::collections::{BTreeMap, VecDeque};

use citrate_core::{BlockNumber, H256};

/// A bounded set of hashes, each with the last block at which it is refused.
#[derive(Debug, Default)]
pub(crate) struct Bans {
    until: BTreeMap<H256, BlockNumber>,
    order: VecDeque<(H256, BlockNumber)>,
}

impl Bans {
    /// Refuses `hash` up to and including block `until`.
    pub(crate) fn insert(&mut self, hash: H256, until: BlockNumber, max: usize) {
        if self.until.insert(hash, until) == Some(until) {
            return;
        }
        self.order.push_back((hash, until));
        while self.until.len() > max || self.order.len() > max.saturating_mul(2) {
            if !self.forget_oldest() {
                break;
            }
        }
    }

    /// Whether `hash` is refused.
    pub(crate) fn contains(&self, hash: &H256) -> bool {
        self.until.contains_key(hash)
    }

    /// Lifts the ban of `hash`.
    pub(crate) fn lift(&mut self, hash: &H256) {
        self.until.remove(hash);
    }

    /// Forgets the bans that ended before block `now`.
    pub(crate) fn advance(&mut self, now: BlockNumber) {
        while self.order.front().is_some_and(|(_, until)| *until < now) {
            self.forget_oldest();
        }
    }

    /// How many hashes are refused.
    pub(crate) fn len(&self) -> usize {
        self.until.len()
    }

    fn forget_oldest(&mut self) -> bool {
        let Some((hash, until)) = self.order.pop_front() else { return false };
        if self.until.get(&hash) == Some(&until) {
            self.until.remove(&hash);
        }
        true
    }
}
