//! A large network in figures.

use anyhow::Result;
use citrate_sim::{NetworkParameters, Report, Scenario, percentile, run};
use clap::Args;

/// A large network of honest nodes.
#[derive(Debug, Args)]
pub(crate) struct Network {
    /// The seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many nodes; all are authors.
    #[arg(long, default_value_t = 200)]
    nodes: usize,
    /// How many of them vote on what is final.
    #[arg(long, default_value_t = 100)]
    voters: usize,
    /// Blocks in a second.
    #[arg(long, default_value_t = 10)]
    rate: u64,
    /// Length of a slot, in milliseconds.
    #[arg(long, default_value_t = 500)]
    slot_ms: u64,
    /// How long blocks are made, in seconds.
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// Least time from one node to the next, in milliseconds.
    #[arg(long, default_value_t = 20)]
    latency_ms: u64,
    /// What comes on top at most, in milliseconds.
    #[arg(long, default_value_t = 80)]
    jitter_ms: u64,
    /// What a node sends, in kilobytes a second.
    #[arg(long, default_value_t = 10_000)]
    bandwidth: u64,
    /// Peers of each node besides its neighbours in a ring.
    #[arg(long, default_value_t = 3)]
    links: usize,
    /// Transactions in a second.
    #[arg(long, default_value_t = 100)]
    transactions: u64,
    /// Most transactions in a payload.
    #[arg(long, default_value_t = 100)]
    payload: usize,
    /// The bound on a block's way that k is made for, in milliseconds.
    #[arg(long, default_value_t = 2_000)]
    delay_bound_ms: u32,
    /// k, if not the one that follows from the rate and the bound.
    #[arg(long)]
    k: Option<u16>,
}

impl Network {
    /// Lets the network run and says what was seen.
    pub(crate) fn measure(&self) -> Result<String> {
        let scenario = Scenario::network(&NetworkParameters {
            seed: self.seed,
            nodes: self.nodes,
            voters: self.voters,
            rate: self.rate,
            slot_ms: self.slot_ms,
            seconds: self.seconds,
            latency_ms: self.latency_ms,
            jitter_ms: self.jitter_ms,
            bandwidth: self.bandwidth,
            links: self.links,
            transactions: self.transactions,
            payload: self.payload,
            delay_bound_ms: self.delay_bound_ms,
            k: self.k,
        })?;
        let k = scenario.rules.dag.k;
        let report = run(scenario)?;
        Ok(self.table(k, &report))
    }

    fn table(&self, k: u16, report: &Report) -> String {
        let seconds = report.active_ms as f64 / 1_000.0;
        let nodes = self.nodes as f64;
        let reorgs: usize = report.reorgs.values().sum();
        let deepest = report.reorgs.keys().next_back().copied().unwrap_or_default();
        let sent: u64 = report.sent_bytes.iter().sum();
        let busiest = report.sent_bytes.iter().max().copied().unwrap_or_default();
        let each = |bytes: f64| bytes / 1_000.0 / seconds;
        let (ways, finality) = (&report.ways_ms, &report.finality_ms);
        [
            format!("k {k}, {seconds:.0} s of blocks"),
            format!("blocks a second: {:.2}", report.blocks as f64 / seconds),
            format!("heights a second: {:.2}", report.number as f64 / seconds),
            format!(
                "way to a node, ms: p50 {}, p99 {}",
                percentile(ways, 50),
                percentile(ways, 99)
            ),
            format!("reorganisations a second and node: {:.3}", reorgs as f64 / nodes / seconds),
            format!(
                "their depth in heights: p50 {}, p99 {}, most {deepest}",
                percentile(&report.reorgs, 50),
                percentile(&report.reorgs, 99)
            ),
            format!("red blocks: {} per mille", report.red_permille()),
            format!("duplicate transactions: {} per mille", report.duplicate_permille()),
            format!("transactions accepted: {} of {}", report.accepted, report.acknowledged),
            format!(
                "block to finality, ms: p50 {}, p99 {}",
                percentile(finality, 50),
                percentile(finality, 99)
            ),
            format!(
                "sent by a node, kB/s: {:.1} on average, {:.1} at most",
                each(sent as f64 / nodes),
                each(busiest as f64)
            ),
        ]
        .join("\n")
    }
}
