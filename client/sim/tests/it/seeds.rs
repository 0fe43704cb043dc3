use std::sync::Mutex;

use citrate_sim::{Report, Scenario, run};

/// Small networks in every test run; the program tries thousands.
const SEEDS: u64 = 200;
/// Where so few blocks are made that one era takes longer than most networks need to come to rest.
const SLOW_SEED: u64 = 50_020;
/// Threads that run them.
const WORKERS: u64 = 2;

#[test]
fn whatever_goes_wrong_the_honest_nodes_agree() {
    let chosen = std::env::var("CITRATE_SEED").ok();
    let chosen: Option<u64> = chosen.map(|seed| seed.parse().expect("CITRATE_SEED is a number"));
    let seeds = chosen.map_or(0..SEEDS, |seed| seed..seed + 1);
    // Each on its own, so that both cores of a small machine have something to do.
    let total = Mutex::new(Report::default());
    std::thread::scope(|scope| {
        for turn in 0..WORKERS {
            let (seeds, total) = (seeds.clone(), &total);
            scope.spawn(move || {
                for seed in seeds.filter(|seed| seed % WORKERS == turn) {
                    let scenario = Scenario::random(seed);
                    match run(scenario.clone()) {
                        Ok(report) => total.lock().expect("no thread panicked").add(&report),
                        Err(violation) => {
                            panic!("CITRATE_SEED={seed}: {violation}\n{scenario:#?}")
                        }
                    }
                }
            });
        }
    });
    let total = total.into_inner().expect("no thread panicked");
    if chosen.is_none() {
        // The runs are worth something: all of this happened.
        assert!(total.blocks > 5_000 && total.number > 2_000, "{total}");
        assert!(total.reorgs.len() > 2 && total.orphans_max > 10, "{total}");
        assert!(
            total.double_votes > 10 && total.finality_ms.values().sum::<usize>() > 5_000,
            "{total}"
        );
        assert!(total.accepted > 20_000 && total.accepted < total.acknowledged, "{total}");
        assert!(total.sessions > 10 && total.equivocations > 10 && total.bans > 10, "{total}");
    }
}

#[test]
fn whoever_waits_for_room_in_a_slow_network_is_told_in_the_end() {
    let report = run(Scenario::random(SLOW_SEED)).expect("nothing is violated");
    // More than fits is submitted: what was left over ran out.
    assert!(report.accepted < report.acknowledged && report.number > 32, "{report}");
}

/// What other seeds than the first ones have found.
#[test]
fn what_went_wrong_once_does_not_again() {
    let found = [
        // After a split, voters waited for each other to execute a block beside the chain.
        50_897,
        // The payload of an author's second block for a slot was in flight for good.
        52_697,
        // The votes of a round made a block final and did not prove it, because some voted twice, and no newer block came.
        60_652, 61_883,
    ];
    for seed in found {
        let result = run(Scenario::random(seed));
        assert!(result.is_ok(), "CITRATE_SEED={seed}: {:?}", result.err());
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..5 {
        let twice = [0, 1].map(|_| run(Scenario::random(seed)).expect("it is one of the others"));
        assert_eq!(twice[0], twice[1]);
    }
    let traces = [5, 6].map(|seed| run(Scenario::random(seed)).map(|report| report.trace));
    assert_ne!(traces[0], traces[1]);
}
