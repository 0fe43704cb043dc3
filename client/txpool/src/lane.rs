//! Which transactions the authors of one slot leave to each other.
//!
//! Authors of parallel blocks who all took the best transactions would fill them with the same ones, of
//! which one is executed and paid. So senders are divided into as many lanes as a slot has authors on average,
//! and each author draws a lane with its VRF output (DESIGN section 4, `specs/dag-pos.md` D11). Who takes a lane
//! is drawn anew in each slot, so that nobody can hold one back. A transaction is never anybody's, however long it has
//! waited: under load all have waited, and all authors would take the same ones.

use crate::tx::PoolTx;
use citrate_core::hashing::blake2_256;
use citrate_dag_types::{DagConfiguration, Election};

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
