//! Which transactions the authors of one slot leave to each other.
//!
//! Authors of parallel blocks who all took the best transactions would fill them with the same ones, of
//! which one is executed and paid. So senders are divided into as many lanes as a slot has authors on average,
//! and each author draws a lane with its VRF output (DESIGN section 4, `specs/dag-pos.md` D11). A transaction
//! that has waited for a while is taken by whoever comes, so that nobody can hold back a lane.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::tx::PoolTx;
use citrate_core::{H256, hashing::blake2_256};
use citrate_dag_types::{DagConfiguration, Election, Slot};

/// After so many slots a transaction is anybody's.
const PATIENCE_SLOTS: u64 = 4;
/// How a version 4 transaction begins that an account with a 32-byte id signed.
const SIGNED_BY_ID: [u8; 2] = [0x84, 0x00];
const ID_BYTES: usize = 32;

/// The senders whose transactions an author takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    index: u32,
    count: u32,
}

impl Lane {
    /// The lane that a VRF output draws.
    pub fn draw(configuration: &DagConfiguration, output: &[u8; 32]) -> Self {
        let authors = u32::try_from(configuration.authorities.len()).unwrap_or(u32::MAX);
        let winners = match configuration.election {
            Election::EverySlot => authors,
            Election::Lottery { rate_millionths } => rate_millionths.div_ceil(1_000_000),
        };
        let count = winners.min(authors).max(1);
        let [a, b, c, d, ..] = *output;
        Self { index: u32::from_le_bytes([a, b, c, d]) % count, count }
    }

    /// Whether the transaction's sender is in this lane. What no account signed goes by its hash.
    pub fn holds(&self, transaction: &PoolTx) -> bool {
        let bytes = &transaction.extrinsic.0;
        let id = bytes.strip_prefix(&SIGNED_BY_ID).and_then(|rest| rest.get(..ID_BYTES));
        // An account's id may be chosen; its hash spreads.
        let [a, b, c, d, ..] = blake2_256(id.unwrap_or(transaction.hash.as_bytes()));
        u32::from_le_bytes([a, b, c, d]) % self.count == self.index
    }
}

/// When transactions were first seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// LIMIT: the transactions that were ready in the slot that was noted last.
    first: BTreeMap<H256, Slot>,
}

impl Seen {
    /// Notes what is ready in a slot; what is no more is forgotten.
    pub fn note(&mut self, slot: Slot, ready: &[Arc<PoolTx>]) {
        let known = std::mem::take(&mut self.first);
        let first = |tx: &Arc<PoolTx>| (tx.hash, known.get(&tx.hash).copied().unwrap_or(slot));
        self.first = ready.iter().map(first).collect();
    }

    /// Whether a transaction has waited so long that it is anybody's.
    pub fn is_old(&self, slot: Slot, transaction: &PoolTx) -> bool {
        let first = self.first.get(&transaction.hash).map_or(slot.0, |first| first.0);
        slot.0.saturating_sub(first) >= PATIENCE_SLOTS
    }
}
