//! Each liar has the same DAG as the honest nodes and claims to be further, so that it is asked first.

use super::net::{Lie, Net};
use super::{chain_of, payload};
use crate::testing::TestRules;
use crate::{Offence, SyncConfig};

fn config() -> SyncConfig {
    SyncConfig {
        headers_per_request: 32,
        bodies_per_request: 8,
        far_blue_score: 12,
        request_timeout_ms: 1_000,
        ..SyncConfig::default()
    }
}

/// A node that syncs from two honest ones and a liar: it has all at last, and blames the liar alone.
fn judged(lie: Lie) -> Vec<Offence> {
    let rules = TestRules::small();
    let mut net = Net::new(1, rules, config(), 4);
    let blocks = chain_of(200);
    for node in 1..4 {
        net.give(node, &blocks);
    }
    net.nodes[3].lie = lie;
    net.connect(0, 3);
    net.run(500);
    net.connect(0, 1);
    net.connect(0, 2);
    assert!(net.run_until_same(&[0, 1, 2], 300_000), "{lie:?}: {:?}", net.offences);
    // Liars may only be found out later.
    net.run(120_000);
    for (by, whom, _) in &net.offences {
        assert_eq!((*by, *whom), (0, 3), "{lie:?}: {:?}", net.offences);
    }
    net.offences.iter().map(|(_, _, offence)| *offence).collect()
}

#[test]
fn every_liar_is_found_out_and_does_not_keep_a_node_from_syncing() {
    let cases = [
        (Lie::Garbage, Offence::Undecodable),
        (Lie::FalseStatus, Offence::FalseStatus),
        (Lie::OtherGenesis, Offence::OtherGenesis),
        (Lie::WrongPayload, Offence::InvalidPayload),
        (Lie::Unconnected, Offence::Unconnected),
        (Lie::ForgedHeader, Offence::InvalidHeader),
        (Lie::Drip, Offence::Stalls),
        (Lie::OtherCommon, Offence::Unrequested),
        (Lie::TooMuch, Offence::Unrequested),
        (Lie::OtherKind, Offence::Unrequested),
    ];
    for (lie, offence) in cases {
        assert_eq!(judged(lie).first(), Some(&offence), "{lie:?}");
    }
}

#[test]
fn who_serves_headers_without_payloads_is_banned_if_nobody_has_them() {
    let rules = TestRules::small();
    let mut net = Net::new(1, rules, config(), 2);
    net.give(1, &chain_of(50));
    net.nodes[1].lie = Lie::NoPayload;
    net.connect(0, 1);
    net.run(20_000);
    assert_eq!(net.offences, [(0, 1, Offence::Withholds)]);
}

#[test]
fn who_only_has_no_payloads_is_no_obstacle() {
    judged(Lie::NoPayload);
}

#[test]
fn who_does_not_answer_is_replaced_and_disconnected_when_it_goes_on() {
    judged(Lie::Silence);
    judged(Lie::Busy);
    for lie in [Lie::Silence, Lie::Busy] {
        let mut net = Net::new(1, TestRules::small(), config(), 2);
        net.give(1, &chain_of(50));
        net.nodes[1].lie = lie;
        net.connect(0, 1);
        net.run(600_000);
        assert!(!net.offences.is_empty(), "{lie:?}");
        assert!(
            net.offences
                .iter()
                .all(|(by, peer, offence)| { (*by, *peer, *offence) == (0, 1, Offence::Stalls) })
        );
    }
}

#[test]
fn who_serves_another_block_than_the_one_asked_for_is_banned() {
    let rules = TestRules::small();
    let mut net = Net::new(1, rules, SyncConfig::default(), 3);
    let blocks = chain_of(6);
    net.give(1, &blocks);
    net.give(2, &blocks);
    net.nodes[2].lie = Lie::OtherBlock;
    net.connect(0, 2);
    net.run(1_000);
    // It claims 1000 more than it has, so that a session is tried, with nothing new in the end.
    let slot = net.now / rules.slot_ms;
    let block = net.nodes[2].chain.build(2, slot, payload(slot)).unwrap();
    net.author(2, block);
    net.connect(0, 1);
    assert!(net.run_until_same(&[0, 1], 60_000));
}
