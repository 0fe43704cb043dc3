//! Peers that have forgotten old blocks.

use super::net::Net;
use super::random_dag;
use crate::testing::TestRules;
use crate::{SyncChain, SyncConfig};
use citrate_dag::testing::{Random, for_seeds};

fn net(seed: u64, count: usize) -> (Net, u32) {
    let rules = TestRules::small();
    let blocks = random_dag(&mut Random(seed), rules, 300);
    let config = SyncConfig { far_blue_score: 12, ..SyncConfig::default() };
    let mut net = Net::new(seed, rules, config, count);
    for node in 1..count {
        net.give(node, &blocks);
    }
    let half = net.nodes[1].chain.status().best.number / 2;
    (net, half)
}

#[test]
fn a_pruned_peer_is_neither_asked_for_what_it_has_not_nor_blamed() {
    for_seeds(8, |&mut Random(seed)| {
        let (mut net, half) = net(seed, 4);
        for node in 2..4 {
            net.nodes[node].chain.serve_from(half);
        }
        net.connect_all();
        assert!(net.run_until_same(&[0, 1, 2, 3], 600_000));
        assert_eq!(net.offences, []);
    });
}

#[test]
fn with_pruned_peers_only_a_node_waits_and_knows_why() {
    for_seeds(4, |&mut Random(seed)| {
        let (mut net, half) = net(seed, 3);
        for node in 1..3 {
            net.nodes[node].chain.serve_from(half);
        }
        net.connect_all();
        net.run(200_000);
        assert_eq!(net.nodes[0].chain.blocks().len(), 1);
        assert_eq!(net.nodes[0].core.state().claimed_oldest, Some(half));
        assert_eq!(net.offences, []);
        // An archive comes along.
        net.nodes[2].chain.serve_from(1);
        assert!(net.run_until_same(&[0, 1, 2], 600_000));
        assert_eq!(net.offences, []);
    });
}
