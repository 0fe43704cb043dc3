//! Four validators in processes of their own, on the loopback address.

use std::path::Path;

use serde_json::{Value, json};

use crate::command::citrate;
use crate::node::{Node, alone, eventually};

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

/// A node that makes no blocks, and starts at a final one.
fn start_late(base: &Path, known: &str) -> Node {
    let port = ["--rpc-port", "0", "--no-inference", "--pruning", "256", "--blocks-pruning", "64"];
    let mut command = citrate(["--chain", "local", "--sync", "warp", "--listen-addr", FREE]);
    command.args(port).arg("--base-path").arg(base.join("late")).args(["--bootnodes", known]);
    Node::start(command)
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
    let _alone = alone();
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

/// A node that comes late takes a final block's state over, proven by the votes, and goes on from there.
#[test]
fn a_node_that_comes_late_starts_at_a_final_block_slow() {
    let _alone = alone();
    let base = tempfile::tempdir().expect("a folder");
    let alice = start(NAMES[0], base.path(), None);
    let known = address(&alice);
    let others = [1, 2, 3].map(|index| start(NAMES[index], base.path(), Some(&known)));
    wait_for_final("finality", &[&alice], 12);
    let late = start_late(base.path(), &known);
    assert!(late.log().contains("warp sync is over"), "{}", late.log());
    let first = final_number(&late);
    assert!(first >= 12, "it starts at a block that was final: {first}");
    wait_for_final("what comes later", &[&alice, &late], first + 8);
    for number in [first + 1, first + 8] {
        assert_eq!(block_at(&late, number), block_at(&alice, number), "block {number}");
    }
    let above = block_at(&late, first + 8);
    let root = |node: &Node| {
        let pairs = node.call("state_getKeysPaged", json!(["0x", 1000, null, above]));
        (pairs, node.call("chain_getHeader", json!([above]))["stateRoot"].clone())
    };
    assert_eq!(root(&late), root(&alice));
    assert!(late.call("chain_getBlock", json!([above]))["block"].is_object());
    let old = block_at(&alice, 3);
    let error = late.try_call("chain_getBlock", json!([old])).expect_err("no body");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("discarded")), "{error}");
    let error = late.try_call("state_getRuntimeVersion", json!([old])).expect_err("no state");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("UnknownBlock")), "{error}");
    late.stop();
    for node in others {
        node.stop();
    }
    alice.stop();
}
