//! Nodes that start at a final block, over real sockets.

use std::net::SocketAddr;

use citrate_chain::testing::{balance, genesis_of, transfer};
use citrate_core::TransactionSource;
use serde_json::{Value, json};

use super::network::{answer, call};
use super::peers::{address, agree, member};
use super::{eventually, start_on};
use crate::{Pruning, ServiceError, SyncMode};

#[tokio::test(flavor = "multi_thread")]
async fn a_node_starts_at_a_block_that_is_trusted_and_goes_on_slow() {
    let folder = tempfile::tempdir().unwrap();
    let alice = start_on(member(Some(0), None, None), genesis_of(1)).await.unwrap();
    let known = address(&alice).await;
    alice.pool().submit(TransactionSource::External, transfer(0, 3, 0, 100)).unwrap();
    let trusted = eventually("a transfer that is final", || {
        let last = alice.chain().finalized();
        (balance(alice.chain(), &last.hash, 3) == 1_100 && last.number > 4).then_some(last)
    })
    .await;
    let config = |sync| {
        let mut config = member(None, Some(folder.path()), Some(&known));
        config.sync = sync;
        config
    };
    let late = SyncMode::Warp(Some(trusted.hash));
    let late = start_on(config(late), genesis_of(1)).await.unwrap();
    assert!(late.chain().finalized().number >= trusted.number);
    assert_eq!(late.chain().bodies_from(), trusted.number + 1);
    assert_eq!(balance(late.chain(), &trusted.hash, 3), 1_100, "the state is here");
    agree("what comes later", &[&alice, &late], trusted.number + 6).await;
    // What is made here is executed there, on the state that was downloaded.
    late.pool().submit(TransactionSource::External, transfer(1, 2, 0, 50)).unwrap();
    for node in [&alice, &late] {
        eventually("a transfer", || {
            (balance(node.chain(), &node.chain().best().hash, 2) == 1_050).then_some(())
        })
        .await;
    }
    let (rpc, next) = (late.rpc_address(), trusted.number + 1);
    let hash = call(rpc, "chain_getBlockHash", json!([next])).await;
    assert_eq!(hash, json!(alice.chain().hash_at(next).unwrap()));
    assert!(call(rpc, "chain_getBlock", json!([hash])).await["block"].is_object());
    let error = fails(rpc, "chain_getBlock", json!([trusted.hash])).await;
    assert!(error.contains("Body already discarded"), "{error}");
    let before = alice.chain().hash_at(2).unwrap();
    let error = fails(rpc, "state_getMetadata", json!([before])).await;
    assert!(error.contains("UnknownBlock"), "{error}");
    late.stop().await;
    // It goes on as any node, whatever it is told.
    let back = start_on(config(SyncMode::Full), genesis_of(1)).await.unwrap();
    assert_eq!(back.chain().bodies_from(), trusted.number + 1);
    let number = alice.chain().best().number + 2;
    agree("after a restart", &[&alice, &back], number).await;
    for node in [back, alice] {
        node.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_at_a_later_block_says_so() {
    let mut archive = member(None, None, None);
    archive.sync = SyncMode::Warp(None);
    archive.database.pruning = Pruning::Archive;
    let mut alone = member(None, None, None);
    (alone.sync, alone.network) = (SyncMode::Warp(None), None);
    let mut unproven = member(None, None, None);
    unproven.sync = SyncMode::Warp(None);
    for (config, reason) in
        [(archive, "an archive"), (alone, "no network"), (unproven, "nobody votes")]
    {
        let error = start_on(config, genesis_of(1)).await.unwrap_err();
        assert!(matches!(&error, ServiceError::Failed { .. }));
        assert!(error.to_string().contains(reason), "{error}");
    }
}

/// Why a method fails.
async fn fails(address: SocketAddr, method: &str, params: Value) -> String {
    let body = answer(address, method, params).await;
    body["error"]["message"].as_str().unwrap_or_else(|| panic!("{method}: {body}")).to_owned()
}
