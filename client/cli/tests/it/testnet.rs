//! Four validators in processes of their own, on the loopback address.

use std::path::Path;

use serde_json::{Value, json};

use crate::command::citrate;
use crate::node::{Node, eventually};

const NAMES: [&str; 4] = ["alice", "bob", "charlie", "dave"];
const FREE: &str = "/ip4/127.0.0.1/tcp/0";

/// A validator of the local chain that knows another node, if any.
fn start(name: &str, base: &Path, known: Option<&str>) -> Node {
    let port = ["--rpc-port", "0", "--no-inference", "--pruning", "256"];
    let mut command = citrate(["--chain", "local", "--validator", "--listen-addr", FREE]);
    command.args(port).arg(format!("--{name}")).arg("--base-path").arg(base.join(name));
    if let Some(known) = known {
        command.args(["--bootnodes", known]);
    }
    Node::start(command)
}

/// The address that others reach a node at.
pub(crate) fn address(node: &Node) -> String {
    eventually("an address", || {
        let addresses = node.call("system_localListenAddresses", json!([]));
        addresses[0].as_str().map(str::to_owned)
    })
}

pub(crate) fn final_number(node: &Node) -> u32 {
    let head = node.call("chain_getFinalizedHead", json!([]));
    let header = node.call("chain_getHeader", json!([head]));
    let digits = header["number"].as_str().expect("a number").trim_start_matches("0x");
    u32::from_str_radix(digits, 16).expect("a number")
}

pub(crate) fn wait_for_final(what: &str, nodes: &[&Node], number: u32) {
    for node in nodes {
        eventually(what, || (final_number(node) >= number).then_some(()));
    }
}

pub(crate) fn block_at(node: &Node, number: u32) -> Value {
    node.call("chain_getBlockHash", json!([number]))
}

/// One of four may fail, and everything goes on; with two of four nothing becomes final, and the DAG
/// goes on; when one comes back, finality does too, and it catches up.
#[test]
fn four_validators_bear_the_loss_of_one_slow() {
    let base = tempfile::tempdir().expect("a folder");
    let alice = start(NAMES[0], base.path(), None);
    let known = address(&alice);
    let others = [1, 2, 3].map(|index| start(NAMES[index], base.path(), Some(&known)));
    let [bob, charlie, dave] = others;
    wait_for_final("finality of four", &[&alice, &bob, &charlie, &dave], 4);
    dave.stop();
    let reached = final_number(&alice);
    wait_for_final("finality of three", &[&alice, &bob, &charlie], reached + 6);
    charlie.kill();
    // What was under way may still become final.
    let best = alice.best();
    alice.wait_for_block(best + 6);
    let stalled = final_number(&alice);
    let best = alice.best();
    alice.wait_for_block(best + 6);
    bob.wait_for_block(best + 6);
    assert_eq!(final_number(&alice), stalled, "two of four finalise nothing");
    let charlie = start(NAMES[2], base.path(), Some(&known));
    let number = alice.best() + 2;
    wait_for_final("finality again", &[&alice, &bob, &charlie], number);
    for height in [1, stalled, number] {
        let expected = block_at(&alice, height);
        assert!(expected.is_string());
        assert_eq!(block_at(&bob, height), expected, "block {height}");
        assert_eq!(block_at(&charlie, height), expected, "block {height}");
    }
    let round = alice.call("grandpa_roundState", json!([]));
    assert_eq!(round["best"]["totalWeight"].as_u64().map(|weight| weight % 4), Some(0), "{round}");
    let proof = bob.call("grandpa_proveFinality", json!([stalled]));
    assert!(proof.as_str().is_some_and(|proof| proof.len() > 200), "{proof}");
    charlie.stop();
    bob.stop();
    alice.stop();
}
