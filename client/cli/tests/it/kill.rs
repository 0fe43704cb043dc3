//! `kill -9` while blocks are made: what a subscriber has seen is there afterwards, and the chain
//! goes on.
//!
//! `client/db` kills a process that only writes; here it is the whole node, with transfers in its
//! pool, and all that was told over RPC is asked for again. A failing seed is printed and replays
//! with `CITRATE_SEED=`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use citrate_core::hashing::blake2_256;
use serde_json::{Value, json};

use crate::node::{Node, dev, eventually, number};
use crate::transaction::{UNIT, Wallet, funds, nonce};
use crate::websocket::Subscription;

const KILLS: u64 = 6;

/// What was told before a kill.
#[derive(Default)]
struct Told {
    /// Hash of each block that was the best one.
    blocks: BTreeMap<u32, Value>,
    /// Number of the highest block that was said to be final.
    finalized: u32,
    /// Transfers that were said to be in a block.
    included: u32,
}

#[test]
fn a_killed_node_has_all_that_it_told_slow() {
    let seed: u64 = std::env::var("CITRATE_SEED")
        .map_or_else(|_| u64::from(std::process::id()), |seed| seed.parse().expect("a number"));
    let folder = tempfile::tempdir().unwrap();
    let mut told = Told::default();
    for kill in 0..KILLS {
        let random = blake2_256(format!("{seed} {kill}").as_bytes());
        let node = Node::start(dev(folder.path()));
        let what = format!("CITRATE_SEED={seed}, start {kill}");
        check(&node, &told, &what);
        listen(&node, &mut told, usize::from(random[0] % 5) + 1, kill.is_multiple_of(2));
        // Somewhere within a slot of half a second.
        let longer = u64::from(u16::from_le_bytes([random[1], random[2]])) * 8;
        let until = Instant::now() + Duration::from_micros(longer);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        node.kill();
    }
    let node = Node::start(dev(folder.path()));
    check(&node, &told, &format!("CITRATE_SEED={seed}, the end"));
    let best = node.best();
    assert!(best >= *told.blocks.keys().next_back().unwrap());
    node.wait_for_block(best + 2);
    node.stop();
    assert!(
        told.blocks.len() >= usize::try_from(KILLS).unwrap(),
        "too few blocks to show anything"
    );
    assert!(told.included > 1, "too few transfers to show anything");
}

/// Follows the chain for so many best blocks, with a transfer on the way, and until that is
/// included if asked to.
fn listen(node: &Node, told: &mut Told, heads: usize, included: bool) {
    let mut best =
        Subscription::open(node.address, "chain_subscribeNewHeads", &json!([])).expect("allowed");
    let wallet = Wallet::new(node);
    let (next, mut watch) = eventually("a transfer", || {
        let at = node.call("chain_getBlockHash", json!([]));
        let (next, _) = funds(node, "//Bob", &at);
        let transfer = json!([wallet.transfer("//Bob", "//Charlie", UNIT, nonce(next))]);
        let method = "author_submitAndWatchExtrinsic";
        // Refused when one from before the kill was executed just now: it sat in a payload.
        Some((next, Subscription::open(node.address, method, &transfer).ok()?))
    });
    for _ in 0..heads {
        let Some(header) = best.next() else { return };
        let number = number(&header);
        told.blocks.insert(number, node.call("chain_getBlockHash", json!([number])));
        let last = node.call("chain_getFinalizedHead", json!([]));
        told.finalized = self::number(&node.call("chain_getHeader", json!([last])));
    }
    if included {
        while let Some(status) = watch.next() {
            if status.get("inBlock").is_some() {
                told.included = told.included.max(next + 1);
                return;
            }
            assert!(status == "ready" || status == "future", "{status}");
        }
    }
}

fn check(node: &Node, told: &Told, what: &str) {
    for (number, hash) in &told.blocks {
        let found = node.call("chain_getBlockHash", json!([number]));
        assert_eq!(&found, hash, "{what}: block {number} is another");
        let block = node.call("chain_getBlock", json!([hash]));
        assert_eq!(self::number(&block["block"]["header"]), *number, "{what}");
        // The state is there, down to its leaves.
        funds(node, "//Alice", hash);
        let keys = json!(["0x", 1_000, "0x", hash]);
        let keys = node.call("state_getKeysPaged", keys);
        assert!(keys.as_array().is_some_and(|keys| keys.len() > 10), "{what}: {keys}");
    }
    let Some((number, _)) = told.blocks.last_key_value() else { return };
    assert!(node.best() >= *number, "{what}: block {number} is lost");
    let last = node.call("chain_getFinalizedHead", json!([]));
    let finalized = self::number(&node.call("chain_getHeader", json!([last])));
    assert!(finalized >= told.finalized, "{what}: what was final is not");
    let (sent, _) = funds(node, "//Bob", &node.call("chain_getBlockHash", json!([])));
    assert!(sent >= told.included, "{what}: a transfer that was in a block is not");
    eventually("the chain goes on", || (node.best() > *number).then_some(()));
}
