//! Transactions that users submit, and which of them an author takes.

use std::collections::BTreeSet;

use citrate_core::OpaqueExtrinsic;

use crate::random::Random;
use crate::scenario::Scenario;

/// Bytes of a transaction.
const BYTES: usize = 120;
/// Senders; the transactions of one fall into one author's share.
const SENDERS: u64 = 64;
/// After this time every author may take a transaction, whoever's share it is in.
const SHARED_AFTER_MS: u64 = 3_000;

/// A transaction: when it was submitted, and to whom.
#[derive(Clone, Copy, Debug)]
struct Submitted {
    at_ms: u64,
    node: usize,
    sender: u64,
}

/// All transactions of a run, by number.
#[derive(Debug)]
pub(crate) struct Transactions {
    all: Vec<Submitted>,
    delay_ms: u64,
}

impl Transactions {
    pub(crate) fn new(scenario: &Scenario, random: &mut Random) -> Self {
        let count = scenario.transactions_per_s * scenario.active_ms / 1_000;
        let mut all: Vec<Submitted> = (0..count)
            .map(|_| Submitted {
                at_ms: random.below(scenario.active_ms),
                node: random.index(scenario.roles.len()),
                sender: random.below(SENDERS),
            })
            .collect();
        all.sort_by_key(|submitted| submitted.at_ms);
        Self { all, delay_ms: 2 * (scenario.latency_ms + scenario.jitter_ms) }
    }

    /// What an author puts in a payload: what he knows of and has seen in no block, those of
    /// his share of the senders first.
    pub(crate) fn choose(
        &self,
        node: usize,
        share: (u64, u64),
        seen: &BTreeSet<u64>,
        now_ms: u64,
        count: usize,
    ) -> Vec<OpaqueExtrinsic> {
        let known = (0u64..).zip(&self.all).take_while(|(_, s)| s.at_ms <= now_ms);
        let fresh = known.filter(|(number, submitted)| {
            let delay = if submitted.node == node { 0 } else { self.delay_ms };
            submitted.at_ms + delay <= now_ms && !seen.contains(number)
        });
        let (own, others): (Vec<_>, Vec<_>) =
            fresh.partition(|(_, submitted)| submitted.sender % share.1 == share.0);
        let is_old =
            |(_, submitted): &(u64, &Submitted)| submitted.at_ms + SHARED_AFTER_MS <= now_ms;
        let others = others.into_iter().filter(is_old);
        own.into_iter().chain(others).take(count).map(|(number, _)| extrinsic(number)).collect()
    }
}

fn extrinsic(number: u64) -> OpaqueExtrinsic {
    let mut bytes = number.to_le_bytes().to_vec();
    bytes.resize(BYTES, 0);
    OpaqueExtrinsic(bytes)
}

/// The number of a transaction.
pub(crate) fn number(extrinsic: &OpaqueExtrinsic) -> Option<u64> {
    let bytes = extrinsic.0.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*bytes))
}
