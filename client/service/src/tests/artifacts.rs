//! Artifacts between nodes, over real sockets of the loopback address.

use std::path::Path;
use std::time::Instant;

use citrate_artifacts::{Store, StoreConfig};
use citrate_chain::testing::genesis_of;
use serde_json::{Value, json};

use super::network::call;
use super::peers::{address, member};
use super::{PATIENCE, start_on};
use crate::Node;

/// Twelve blocks and some bytes.
const BYTES: usize = 12 * 256 * 1024 + 7;

fn content() -> Vec<u8> {
    (0..BYTES).map(|at| (at % 251) as u8 ^ (at >> 18) as u8).collect()
}

async fn node(base: Option<&Path>, known: Option<&str>, upload_per_second: u64) -> Node {
    let mut config = member(None, base, known);
    config.inference.artifacts_upload_per_second = upload_per_second;
    start_on(config, genesis_of(3)).await.unwrap()
}

async fn fetch(node: &Node, hash: &str) -> Value {
    call(node.rpc_address(), "inference_fetchArtifact", json!([hash])).await
}

/// Waits until an artifact's state is one of those meant.
async fn state(node: &Node, hash: &str, is_meant: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let state = call(node.rpc_address(), "inference_artifactState", json!([hash])).await;
        if is_meant(&state) {
            return state;
        }
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {state}");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_comes_from_another_node_and_a_restart_costs_nothing_slow() {
    let folder = tempfile::tempdir().unwrap();
    // Slow enough to be stopped in between.
    let one = node(None, None, 1 << 20).await;
    let artifact = one.artifacts().add_bytes(&content(), "model").unwrap();
    let hash = format!("{:?}", artifact.hash);
    let known = address(&one).await;

    let two = node(Some(folder.path()), Some(&known), 0).await;
    assert_eq!(fetch(&two, &hash).await["type"], "fetching");
    let bytes = |state: &Value| state["bytes"].as_u64().unwrap_or(0);
    let begun = state(&two, &hash, |state| bytes(state) > 600_000).await;
    assert_eq!((&begun["type"], &begun["bytesTotal"]), (&json!("fetching"), &json!(BYTES)));
    two.stop().await;

    let two = node(Some(folder.path()), Some(&known), 0).await;
    let absent = call(two.rpc_address(), "inference_artifactState", json!([hash])).await;
    assert_eq!(absent["type"], "absent");
    fetch(&two, &hash).await;
    let resumed = state(&two, &hash, |state| bytes(state) > 0).await;
    assert!(bytes(&resumed) >= bytes(&begun), "{resumed} after {begun}");
    let stored = state(&two, &hash, |state| state["type"] != "fetching").await;
    assert_eq!(stored, json!({ "type": "stored", "bytes": BYTES }));
    let fetched = two.artifacts().about(&artifact.hash).unwrap().unwrap();
    assert!(fetched.pinned, "the operator asked for it");
    assert_eq!(fetched.cid, artifact.cid);
    two.stop().await;
    let store = Store::open(StoreConfig::new(folder.path().join("artifacts"))).unwrap();
    assert_eq!(store.read(&artifact.hash, BYTES as u64).unwrap(), content());
    one.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_damaged_where_it_comes_from_is_not_taken_and_another_node_has_it_slow() {
    let folder = tempfile::tempdir().unwrap();
    let bad = node(Some(folder.path()), None, 32 << 20).await;
    let hash = bad.artifacts().add_bytes(&content(), "").unwrap().hash;
    let hex = format!("{hash:x}");
    let blob = folder.path().join("artifacts/blobs").join(&hex[..2]).join(&hex);
    let mut damaged = content();
    damaged[BYTES / 2] ^= 1;
    std::fs::write(&blob, damaged).unwrap();
    let known = address(&bad).await;
    let good = node(None, Some(&known), 32 << 20).await;
    good.artifacts().add_bytes(&content(), "").unwrap();
    let third = node(None, Some(&known), 0).await;
    let hash = format!("{hash:?}");
    fetch(&third, &hash).await;
    let stored = state(&third, &hash, |state| state["type"] != "fetching").await;
    assert_eq!(stored["type"], "stored", "{stored}");
    let read = call(third.rpc_address(), "inference_getArtifact", json!([hash])).await;
    assert!(read == json!(format!("0x{}", hex::encode(content()))));
    for node in [third, good, bad] {
        node.stop().await;
    }
}
