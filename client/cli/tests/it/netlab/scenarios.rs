//! What may happen to a network, one after the other on the same one: starting it is what takes
//! time.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use citrate_core::{Weight, sr25519};
use citrate_wasm_builder::WasmBuilder;
use codec::{Decode, Encode};
use serde_json::{Value, json};

use super::lab::Lab;
use crate::node::{Node, PATIENCE, eventually, number};
use crate::testnet::{address, block_at, final_number, wait_for_final};
use crate::transaction::{UNIT, Wallet, account, funds, nonce, stored};
use crate::websocket::Subscription;

/// Namespaces: four validators, one who comes late, one with a validator's keys.
const PLACES: usize = 6;
/// Blocks that are compared; those below are their ancestors.
const COMPARED: u32 = 500;
/// Blocks within which what was under way has arrived.
const SOME_BLOCKS: u32 = 6;
/// Seconds that the network stays split, twice. Epochs take two minutes, after two of which both sides have authors and
/// randomness of their own: 300 is a run by hand.
const PARTED: &str = "NETLAB_PARTED_SECONDS";

pub(super) fn run() {
    let code = upgraded();
    let base = tempfile::tempdir().expect("a folder");
    let mut lab = Lab::new(PLACES);
    lab.set(&json!({ "delay_ms": 100, "jitter_ms": 30, "loss": 0.01 }));
    let begun = Instant::now();
    let done = |what: &str| eprintln!("{:4} s: {what}", begun.elapsed().as_secs());
    let alice = lab.start(1, &base.path().join("alice"), &["--validator", "--alice"], None);
    let known = address(&alice);
    let validator = |lab: &Lab, number: usize, name: &str| {
        let key = format!("--{name}");
        lab.start(number, &base.path().join(name), &["--validator", &key], Some(&known))
    };
    let [bob, charlie, dave] = std::thread::scope(|scope| {
        let lab = &lab;
        let others = [(2, "bob"), (3, "charlie"), (4, "dave")];
        let started =
            others.map(|(number, name)| scope.spawn(move || validator(lab, number, name)));
        started.map(|node| node.join().expect("starts"))
    });
    let four = [&alice, &bob, &charlie, &dave];
    wait_for_final("finality of four", &four, 3);
    done("four validators agree");
    transfer(&four);
    done("a transfer is final");
    partition(&mut lab, &four);
    done("a partition has healed");
    if let Some(time) = parted() {
        cut_off(&mut lab, &four, time);
        done("who was cut off is back");
    }

    charlie.kill();
    upgrade(&code, &[&alice, &bob, &dave]);
    done("the runtime is upgraded");
    let charlie = validator(&lab, 3, "charlie");
    let eve = lab.start(5, &base.path().join("eve"), &[], Some(&known));
    let five = [&alice, &bob, &charlie, &dave, &eve];
    agree("who was away or is new", &five);
    assert!(five.iter().all(|node| version(node) == 101), "they followed the upgrade");
    done("who was away or is new has followed");

    let stake = bond(&alice, &final_head(&alice));
    assert!(!stake.chilled);
    let twin = lab.start(6, &base.path().join("twin"), &["--validator", "--bob"], Some(&known));
    punish(stake.active, &[&alice, &charlie, &dave, &eve, &bob, &twin]);
    agree("three of four", &[&alice, &charlie, &dave, &eve]);
    done("an equivocator is punished");
    let nodes = [eve, dave, charlie, bob, twin, alice];
    let stopping = nodes.map(|node| std::thread::spawn(move || node.stop()));
    for node in stopping {
        node.join().expect("stops in order");
    }
    done("all have stopped");
}

/// The runtime of the next version, as the clients' tests install it.
fn upgraded() -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // The folder where build scripts put it too.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let builder = WasmBuilder::new(root.join("runtime/Cargo.toml")).target_dir(target);
    std::fs::read(builder.feature("upgraded").build().unwrap().compressed).unwrap()
}

fn final_head(node: &Node) -> Value {
    node.call("chain_getFinalizedHead", json!([]))
}

fn version(node: &Node) -> u64 {
    let version = node.call("state_getRuntimeVersion", json!([final_head(node)]));
    version["specVersion"].as_u64().expect("a version")
}

/// Waits until all have made final what is the best block of any now, and checks that they have the
/// same chain up to there.
fn agree(what: &str, nodes: &[&Node]) {
    let number = nodes.iter().map(|node| node.best()).max().expect("nodes") + 1;
    wait_for_final(what, nodes, number);
    let first = number.saturating_sub(COMPARED).max(1);
    let chain = |node: &Node| {
        node.call("chain_getBlockHash", json!([(first..=number).collect::<Vec<u32>>()]))
    };
    let expected = chain(nodes[0]);
    assert!(expected.as_array().expect("a list").iter().all(Value::is_string));
    for node in nodes {
        assert_eq!(chain(node), expected, "{what}: from block {first} at {}", node.address);
    }
}

/// What one node is given becomes final on all.
fn transfer(nodes: &[&Node]) {
    let before = funds(nodes[0], "//Ferdie", &final_head(nodes[0])).1;
    let transfer = Wallet::new(nodes[1]).transfer("//Eve", "//Ferdie", UNIT, nonce(0));
    nodes[1].call("author_submitExtrinsic", json!([transfer]));
    for node in nodes {
        eventually("the transfer", || {
            (funds(node, "//Ferdie", &final_head(node)).1 == before + UNIT).then_some(())
        });
    }
    agree("four validators", nodes);
}

/// Two on each side finalise nothing, and both sides go on; afterwards there is one chain, and of two
/// transactions that exclude each other it has one.
fn partition(lab: &mut Lab, nodes: &[&Node; 4]) {
    lab.set(&json!({ "groups": [[1, 2], [3, 4]] }));
    let wallet = Wallet::new(nodes[0]);
    let before = funds(nodes[0], "//Ferdie", &final_head(nodes[0])).1;
    let sides = [
        ([0, 1], 3 * UNIT, "author_submitAndWatchExtrinsic"),
        ([2, 3], 5 * UNIT, "transactionWatch_v1_submitAndWatch"),
    ];
    let mut watches = Vec::new();
    for (side, amount, method) in sides {
        let transfer = wallet.transfer("//Eve", "//Ferdie", amount, nonce(1));
        let watch = Subscription::open(nodes[side[0]].address, method, &json!([transfer]));
        watches.push(watch.expect("valid"));
        for index in side {
            eventually("the transfer on one side", || {
                let best = nodes[index].call("chain_getBlockHash", json!([]));
                (funds(nodes[index], "//Ferdie", &best).1 == before + amount).then_some(())
            });
        }
    }
    // What was under way may still become final, however slowly.
    let begun = Instant::now();
    loop {
        let finals = nodes.map(final_number);
        let bests = nodes.map(Node::best);
        nodes.iter().zip(bests).for_each(|(node, best)| node.wait_for_block(best + SOME_BLOCKS));
        if nodes.map(final_number) == finals {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "two of four still finalise");
    }
    sleep(parted().unwrap_or_default());
    let tips = [nodes[0], nodes[3]].map(|node| node.call("chain_getBlockHash", json!([])));
    assert_ne!(tips[0], tips[1]);
    lab.set(&json!({ "groups": [] }));
    agree("one chain again", nodes);
    let after: Vec<_> =
        nodes.iter().map(|node| funds(node, "//Ferdie", &final_head(node)).1).collect();
    assert!(after.iter().all(|funds| *funds == after[0]), "{after:?}");
    if parted().is_some() {
        // Nobody answered the server's pings meanwhile.
        return;
    }
    let got = after[0] - before;
    // One is said to be final, and is; the other one is said to be refused.
    let ends: Vec<_> = watches.iter_mut().map(follow).collect();
    assert_eq!([ends[0].is_some(), ends[1].is_some()], [got == 3 * UNIT, got == 5 * UNIT]);
    let block = ends.into_iter().flatten().next().expect("one of two transfers is final");
    let number = number(&nodes[3].call("chain_getHeader", json!([block])));
    assert_eq!(block_at(nodes[3], number), block, "it is final where it was said to be");
    assert_eq!(funds(nodes[0], "//Eve", &final_head(nodes[0])).0, 2);
}

fn parted() -> Option<Duration> {
    let seconds = std::env::var(PARTED).ok()?;
    Some(Duration::from_secs(seconds.parse().expect("a number of seconds")))
}

/// One of four is alone for epochs, and makes blocks that nobody will ever merge, while the others finalise theirs.
fn cut_off(lab: &mut Lab, nodes: &[&Node; 4], time: Duration) {
    lab.set(&json!({ "groups": [[1, 2, 3], [4]] }));
    let before = nodes.map(final_number);
    sleep(time);
    let (finals, bests) = (nodes.map(final_number), nodes.map(Node::best));
    assert!(finals[0] > before[0] + SOME_BLOCKS && finals[3] < before[3] + SOME_BLOCKS);
    assert!(bests[3] > finals[3] + SOME_BLOCKS, "it went on by itself");
    lab.set(&json!({ "groups": [] }));
    agree("who was cut off", nodes);
    // Nobody was banned for what was right on its side.
    for node in nodes {
        let peers = node.call("system_health", json!([]))["peers"].as_u64();
        assert_eq!(peers, Some(3), "{}", node.address);
    }
}

/// Follows a watched transaction to its end; the block in which it is final, if any. Whatever happens to
/// the chain, it is told to be in one block at a time, and final in the last.
fn follow(watch: &mut Subscription) -> Option<Value> {
    let mut place = None;
    loop {
        let status = watch.next().expect("the last status is the end");
        // The same by the names of the old methods and of the new ones.
        let event = status["event"].as_str();
        let block = |name: &str| status.get(name).or(status["block"].get("hash")).cloned();
        if event == Some("bestChainBlockIncluded") && !status["block"].is_null()
            || status.get("inBlock").is_some()
        {
            let was = place.replace(block("inBlock").expect("a block"));
            // The new methods may leave out that it was in no block for a moment.
            assert!(was.is_none() || event.is_some(), "{status} after {was:?}");
        } else if event == Some("bestChainBlockIncluded") {
            assert!(place.take().is_some(), "{status}");
        } else if let Some(block) = status.get("retracted") {
            assert_eq!(place.take().as_ref(), Some(block), "{status}");
        } else if event == Some("finalized") || status.get("finalized").is_some() {
            assert_eq!(place, block("finalized"), "{status}");
            return place;
        } else if ["invalid", "dropped"].iter().any(|end| status == *end || event == Some(*end))
            || status.get("usurped").is_some()
        {
            assert_eq!(place, None, "{status}");
            return None;
        }
    }
}

/// Installs the next runtime while blocks are made in parallel.
fn upgrade(code: &[u8], nodes: &[&Node]) {
    assert!(nodes.iter().all(|node| version(node) == 100));
    let merged = |node: &Node| {
        let score = node.call("dag_getBlueScore", json!([])).as_u64().expect("a score");
        score - u64::from(node.best())
    };
    let before = merged(nodes[0]);
    // Sudo.sudo_unchecked_weight of System.set_code.
    let call = ((4u8, 1u8), (0u8, 2u8, code), Weight::from_parts(0, 0)).encode();
    let install = Wallet::new(nodes[1]).sign("//Alice", &call, nonce(0));
    nodes[1].call("author_submitExtrinsic", json!([install]));
    for node in nodes {
        eventually("the next runtime", || (version(node) == 101).then_some(()));
    }
    eventually("parallel blocks", || (merged(nodes[0]) > before).then_some(()));
    agree("after the upgrade", nodes);
}

/// What Bob has at stake.
struct Bond {
    active: u128,
    /// Whether he is elected no more.
    chilled: bool,
}

fn bond(node: &Node, at: &Value) -> Bond {
    let ledger = stored(node, ["Staking", "Ledgers"], &account("//Bob").encode(), at);
    // Role, active stake, what is unbonding, chilled.
    let (_, active, _, chilled) =
        <(u8, u128, Vec<(u128, u32)>, bool)>::decode(&mut &*ledger.expect("a bond"))
            .expect("a ledger");
    Bond { active, chilled }
}

/// Two nodes with the keys of one validator seal two blocks of a slot: it loses stake, is elected no
/// more, and all know it.
fn punish(stake: u128, nodes: &[&Node]) {
    let bob = sr25519::Pair::from_suri("//Bob", None).unwrap().public();
    for node in nodes {
        let at = eventually("a punishment", || {
            let head = final_head(node);
            stored(node, ["Dag", "Offences"], &bob.0, &head).map(|_slots| head)
        });
        let Bond { active, chilled } = bond(node, &at);
        assert!(active < stake, "{active} of {stake}");
        assert!(chilled, "Bob is elected no more");
    }
}
