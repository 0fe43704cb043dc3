//! What a run showed.

use std::collections::BTreeMap;

use citrate_core::{BlockNumber, H256};

/// What a run showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The run's seed.
    pub seed: u64,
    /// Nodes, and how many of them behaved.
    pub nodes: usize,
    /// How many of them behaved.
    pub honest: usize,
    /// How long blocks were made, in milliseconds.
    pub active_ms: u64,
    /// Blocks of the DAG that the honest nodes agreed on.
    pub blocks: usize,
    /// The number of its selected tip.
    pub number: u64,
    /// Blocks that the selected chain merged as red ones.
    pub reds: usize,
    /// Transactions in the DAG's payloads, and how many different ones.
    pub transactions: (usize, usize),
    /// Transactions that honest nodes took and did not forget in a crash.
    pub acknowledged: usize,
    /// How many of them are accepted in final blocks; the senders of the others were told.
    pub accepted: usize,
    /// How often an honest node's selected chain lost this many blocks.
    pub reorgs: BTreeMap<usize, usize>,
    /// The most orphans that an honest node had at a time.
    pub orphans_max: usize,
    /// How many of the honest nodes' machines downloaded headers first.
    pub sessions: usize,
    /// Equivocations that honest nodes reported.
    pub equivocations: usize,
    /// Double votes that honest nodes proved.
    pub double_votes: usize,
    /// How long after it was made a block of the selected chain was final for an honest node, in
    /// milliseconds, and how often.
    pub finality_ms: BTreeMap<u64, usize>,
    /// How long a block was on its way from its author to an import, in milliseconds, and how often.
    pub ways_ms: BTreeMap<u64, usize>,
    /// When a height was final for an honest node that had not been before, in milliseconds of the run.
    pub finalised: Vec<(u64, BlockNumber)>,
    /// Bans of nodes that lied, and connections that were ended for bad service.
    pub bans: usize,
    /// Connections that were ended for bad service.
    pub disconnects: usize,
    /// Bytes that each node sent.
    pub sent_bytes: Vec<u64>,
    /// How long the nodes took to agree after all was calm, in milliseconds.
    pub agreed_after_ms: u64,
    /// The tip that they agreed on.
    pub sink: H256,
    /// A mixture of everything that happened, in order.
    pub trace: u64,
}

impl Report {
    /// Of a thousand blocks, how many were merged as red ones.
    pub fn red_permille(&self) -> usize {
        self.reds * 1_000 / self.blocks.max(1)
    }

    /// Of a thousand transactions in payloads, how many had been in another one.
    pub fn duplicate_permille(&self) -> usize {
        let (all, different) = self.transactions;
        (all - different) * 1_000 / all.max(1)
    }

    /// Adds another run's numbers up.
    pub fn add(&mut self, other: &Self) {
        self.nodes += other.nodes;
        self.honest += other.honest;
        self.active_ms += other.active_ms;
        self.blocks += other.blocks;
        self.number += other.number;
        self.reds += other.reds;
        self.transactions.0 += other.transactions.0;
        self.transactions.1 += other.transactions.1;
        self.acknowledged += other.acknowledged;
        self.accepted += other.accepted;
        for (depth, count) in &other.reorgs {
            *self.reorgs.entry(*depth).or_default() += count;
        }
        self.orphans_max = self.orphans_max.max(other.orphans_max);
        self.sessions += other.sessions;
        self.equivocations += other.equivocations;
        self.double_votes += other.double_votes;
        for (way_ms, count) in &other.ways_ms {
            *self.ways_ms.entry(*way_ms).or_default() += count;
        }
        for (latency_ms, count) in &other.finality_ms {
            *self.finality_ms.entry(*latency_ms).or_default() += count;
        }
        self.bans += other.bans;
        self.disconnects += other.disconnects;
        self.sent_bytes.extend(&other.sent_bytes);
        self.agreed_after_ms = self.agreed_after_ms.max(other.agreed_after_ms);
    }
}

/// The value that so many of a hundred do not exceed, of values and how often they were seen.
pub fn percentile<T: Copy + Default + Ord>(seen: &BTreeMap<T, usize>, percent: usize) -> T {
    let total: usize = seen.values().sum();
    let wanted = (total * percent).div_ceil(100);
    let mut below = 0;
    for (value, count) in seen {
        below += count;
        if below >= wanted {
            return *value;
        }
    }
    T::default()
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sent: u64 = self.sent_bytes.iter().sum();
        let nodes = u64::try_from(self.sent_bytes.len().max(1)).unwrap_or(1);
        write!(
            f,
            "{} nodes ({} honest), {} blocks, height {}, red {} per mille, {} of {} transactions \
             accepted, duplicates in payloads {} per mille, reorgs by depth {:?}, orphans at most {}, sessions {}, \
             equivocations {}, double votes {}, finality after {} ms (p50) and {} ms (p99), bans {}, disconnects {}, {} bytes sent per node, agreed after {} ms",
            self.nodes,
            self.honest,
            self.blocks,
            self.number,
            self.red_permille(),
            self.accepted,
            self.acknowledged,
            self.duplicate_permille(),
            self.reorgs,
            self.orphans_max,
            self.sessions,
            self.equivocations,
            self.double_votes,
            percentile(&self.finality_ms, 50),
            percentile(&self.finality_ms, 99),
            self.bans,
            self.disconnects,
            sent / nodes,
            self.agreed_after_ms
        )
    }
}
