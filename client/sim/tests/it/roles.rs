use citrate_sim::{BYZANTINE, Crash, NetworkParameters, Partition, Report, Role, Scenario, run};

/// Five honest nodes and these, with nothing else going wrong.
pub(crate) fn network(seed: u64, liars: &[Role]) -> Scenario {
    let mut scenario = Scenario::random(seed);
    scenario.roles = vec![Role::Honest; 5];
    scenario.roles.extend(liars);
    scenario.skews_ms = vec![0; scenario.roles.len()];
    scenario.voters = scenario.roles.len();
    scenario.rules.authors = u32::try_from(scenario.roles.len()).expect("few");
    scenario.loss_permille = 0;
    scenario.partitions.clear();
    scenario.crashes.clear();
    scenario.active_ms = 20_000;
    scenario
}

pub(crate) fn outcome(scenario: Scenario) -> Report {
    let seed = scenario.seed;
    let result = run(scenario);
    result.map_err(|violation| format!("seed {seed}: {violation}")).expect("nothing is violated")
}

#[test]
fn nothing_goes_wrong_where_nobody_lies() {
    for seed in 0..10 {
        let mut scenario = network(seed, &[]);
        // Room for everything before it expires.
        scenario.payload_max = 200;
        let report = outcome(scenario);
        assert_eq!((report.bans, report.disconnects, report.equivocations), (0, 0, 0), "{report}");
        assert!(report.blocks > 1, "{report}");
        // Nobody forgot one and nothing took its place.
        assert!(report.acknowledged > 10 && report.accepted == report.acknowledged, "{report}");
    }
}

#[test]
fn each_kind_of_liar_is_survived() {
    for (seed, role) in (0..).zip(BYZANTINE) {
        let report = outcome(network(seed, &[role, role]));
        match role {
            Role::Spammer | Role::LyingServer => assert!(report.bans > 0, "{role:?}: {report}"),
            Role::Equivocator | Role::PrivateDag => {
                assert!(report.equivocations > 0 && report.bans == 0, "{role:?}: {report}");
            }
            Role::DoubleVoter => {
                assert!(report.double_votes > 0 && report.bans == 0, "{role:?}: {report}");
            }
            Role::Honest | Role::Withholder | Role::WrongState => {
                assert_eq!(report.bans, 0, "{role:?}: {report}");
            }
        }
    }
}

#[test]
fn a_network_that_was_split_in_two_comes_together() {
    for seed in 0..5 {
        let mut scenario = network(seed, &[]);
        scenario.partitions.push(Partition { from_ms: 3_000, to_ms: 17_000, side: vec![0, 1] });
        outcome(scenario);
    }
}

#[test]
fn a_node_that_was_down_catches_up_headers_first() {
    let mut sessions = 0;
    for seed in 0..5 {
        let mut scenario = network(seed, &[]);
        scenario.sync.far_blue_score = 4;
        scenario.crashes.push(Crash { node: 2, from_ms: 1_000, to_ms: 19_000 });
        sessions += outcome(scenario).sessions;
    }
    assert!(sessions >= 3, "{sessions}");
}

#[test]
fn a_larger_network_orders_what_comes_at_once() {
    let scenario = Scenario::network(&NetworkParameters {
        seed: 1,
        nodes: 16,
        voters: 10,
        rate: 10,
        slot_ms: 500,
        seconds: 5,
        latency_ms: 20,
        jitter_ms: 80,
        bandwidth: 10_000,
        links: 2,
        transactions: 20,
        payload: 50,
        delay_bound_ms: 2_000,
        k: None,
    });
    let report = outcome(scenario.expect("such a k exists"));
    assert_eq!(
        (report.reds, report.bans, report.accepted),
        (0, 0, report.acknowledged),
        "{report}"
    );
    // More blocks than heights: they come beside each other.
    assert!(report.blocks > 2 * usize::try_from(report.number).expect("few"), "{report}");
    assert!(report.acknowledged > 50 && report.ways_ms.len() > 10, "{report}");
}
