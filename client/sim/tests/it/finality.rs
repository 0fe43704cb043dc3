use citrate_core::BlockNumber;
use citrate_sim::{Crash, Report, Role, Scenario, percentile};

use crate::roles::{network, outcome};

/// A quick network, so that times in it say something.
fn quick(seed: u64, liars: &[Role]) -> Scenario {
    let mut scenario = network(seed, liars);
    scenario.latency_ms = 30;
    scenario.jitter_ms = 30;
    scenario.bandwidth = 2_000;
    scenario.rules.slot_ms = 400;
    scenario.active_ms = 30_000;
    scenario
}

/// The heights that became final from one moment to another.
fn between(report: &Report, from_ms: u64, to_ms: u64) -> Vec<BlockNumber> {
    let is_then = |(at_ms, _): &&(u64, BlockNumber)| (from_ms..to_ms).contains(at_ms);
    report.finalised.iter().filter(is_then).map(|(_, number)| *number).collect()
}

#[test]
fn blocks_are_final_within_seconds() {
    for seed in 0..5 {
        let report = outcome(quick(seed, &[]));
        let count: usize = report.finality_ms.values().sum();
        assert!(count > 50, "{report}");
        assert!(percentile(&report.finality_ms, 50) < 6_000, "{report}");
    }
}

#[test]
fn finality_stops_without_two_thirds_and_goes_on_with_them() {
    for seed in 0..5 {
        let mut scenario = quick(seed, &[]);
        let (from_ms, to_ms) = (8_000, 20_000);
        for node in [1, 3] {
            scenario.crashes.push(Crash { node, from_ms, to_ms });
        }
        let report = outcome(scenario);
        assert!(!between(&report, 0, from_ms).is_empty(), "seed {seed}: {:?}", report.finalised);
        // What was voted for before may be proven a moment later.
        let stopped = between(&report, from_ms + 2_000, to_ms);
        assert_eq!(stopped, [], "seed {seed}: {:?}", report.finalised);
        assert!(!between(&report, to_ms, 30_000).is_empty(), "seed {seed}: {:?}", report.finalised);
    }
}

#[test]
fn finality_goes_on_without_a_third() {
    for seed in 0..5 {
        let mut scenario = quick(seed, &[]);
        scenario.crashes.push(Crash { node: 2, from_ms: 5_000, to_ms: 25_000 });
        let report = outcome(scenario);
        let meanwhile = between(&report, 8_000, 25_000);
        assert!(meanwhile.len() > 3, "seed {seed}: {:?}", report.finalised);
    }
}

#[test]
fn a_third_that_votes_twice_changes_nothing() {
    for seed in 0..5 {
        let report = outcome(quick(seed, &[Role::DoubleVoter, Role::DoubleVoter]));
        assert!(report.double_votes > 10, "{report}");
        assert!(between(&report, 0, 30_000).len() > 5, "seed {seed}: {:?}", report.finalised);
    }
}
