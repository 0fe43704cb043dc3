//! Several nodes in one process, over real sockets of the loopback address.

use std::path::Path;
use std::time::{Duration, Instant};

use citrate_chain::testing::{balance, genesis_of, transfer};
use citrate_core::{H256, TransactionSource};
use serde_json::json;

use super::network::call;
use super::{PATIENCE, config, eventually, start_on};
use crate::{Authoring, Node, NodeConfig, Scope};

const AUTHORS: u8 = 3;

/// A node of a chain with three authors; it is the one with this index, or none of them.
pub(super) fn member(
    author: Option<u8>,
    base: Option<&Path>,
    bootnode: Option<&str>,
) -> NodeConfig {
    let mut config = config(base);
    config.keys.seeds.clear();
    match author {
        Some(index) => {
            let byte = format!("{:02x}", index + 1);
            config.keys.seeds.push(format!("0x{}", byte.repeat(32)).into());
        }
        None => config.authoring = Authoring::Off,
    }
    let mut network = crate::NetworkOptions { scope: Scope::Local, ..Default::default() };
    network.listen.push("/ip4/127.0.0.1/tcp/0".parse().unwrap());
    network.bootnodes.extend(bootnode.map(|address| address.parse().unwrap()));
    config.network = Some(network);
    config
}

async fn node(author: Option<u8>, base: Option<&Path>, bootnode: Option<&str>) -> Node {
    start_on(member(author, base, bootnode), genesis_of(AUTHORS)).await.unwrap()
}

/// The address that others reach a node at.
pub(super) async fn address(node: &Node) -> String {
    let begun = Instant::now();
    loop {
        let addresses = call(node.rpc_address(), "system_localListenAddresses", json!([])).await;
        if let Some(address) = addresses.as_array().unwrap().first() {
            return address.as_str().unwrap().to_owned();
        }
        assert!(begun.elapsed() < PATIENCE, "no address within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn score(node: &Node) -> u64 {
    node.chain().with_dag(|dag| dag.block(&dag.sink()).unwrap().blue_score)
}

/// Waits until all nodes have the same block at a number that the first one has reached.
pub(super) async fn agree(what: &str, nodes: &[&Node], number: u32) -> H256 {
    eventually(what, || {
        let hashes: Vec<Option<H256>> =
            nodes.iter().map(|node| node.chain().hash_at(number).unwrap()).collect();
        let first = hashes[0]?;
        hashes.iter().all(|hash| *hash == Some(first)).then_some(first)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn authors_in_parallel_make_one_chain_slow() {
    let alice = node(Some(0), None, None).await;
    let known = address(&alice).await;
    let bob = node(Some(1), None, Some(&known)).await;
    let charlie = node(Some(2), None, Some(&known)).await;
    let nodes = [&alice, &bob, &charlie];
    // Three blocks a slot, and one of them on the selected chain.
    eventually("parallel blocks", || {
        let parallel = |node: &&Node| score(node) > u64::from(node.chain().best().number) + 3;
        nodes.iter().all(parallel).then_some(())
    })
    .await;
    // What one node is given, all execute.
    let tx = transfer(0, 3, 0, 100);
    bob.pool().submit(TransactionSource::External, tx.clone()).unwrap();
    for node in nodes {
        eventually("the transfer", || {
            let best = node.chain().best().hash;
            (balance(node.chain(), &best, 3) == 1_100).then_some(())
        })
        .await;
    }
    agree("the chain", &nodes, alice.chain().best().number).await;
    let health = call(charlie.rpc_address(), "system_health", json!([])).await;
    assert!(health["peers"].as_u64().unwrap() >= 1);
    let peers = call(alice.rpc_address(), "system_peers", json!([])).await;
    assert!(!peers[0]["peerId"].as_str().unwrap().is_empty());
    for node in [charlie, bob, alice] {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_late_or_comes_back_catches_up_slow() {
    let folder = tempfile::tempdir().unwrap();
    let alice = node(Some(0), None, None).await;
    let known = address(&alice).await;
    let bob = node(Some(1), None, Some(&known)).await;
    eventually("a history", || (score(&bob) > 30).then_some(())).await;
    let number = alice.chain().best().number;
    let late = node(None, Some(folder.path()), Some(&known)).await;
    agree("the late node", &[&alice, &bob, &late], number).await;
    late.stop().await;
    let before = alice.chain().best().number;
    eventually("more history", || (alice.chain().best().number > before + 10).then_some(())).await;
    let number = alice.chain().best().number;
    let back = node(None, Some(folder.path()), Some(&known)).await;
    assert!(back.chain().best().number >= 1, "it kept what it had");
    agree("the node that came back", &[&alice, &bob, &back], number).await;
    // And goes on with what is new.
    let number = alice.chain().best().number + 3;
    agree("the node that is in step", &[&alice, &bob, &back], number).await;
    for node in [back, bob, alice] {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_of_other_chains_are_not_talked_to_slow() {
    let alice = node(Some(0), None, None).await;
    let known = address(&alice).await;
    let other = start_on(member(Some(0), None, Some(&known)), genesis_of(2)).await.unwrap();
    eventually("blocks on both", || {
        (alice.chain().best().number > 3 && other.chain().best().number > 3).then_some(())
    })
    .await;
    let health = call(other.rpc_address(), "system_health", json!([])).await;
    assert_eq!(health["peers"], 0);
    assert_ne!(alice.chain().hash_at(2).unwrap(), other.chain().hash_at(2).unwrap());
    other.stop().await;
    alice.stop().await;
}
