use citrate_chain::TxStatus as Place;
use citrate_chain::testing::{author, balance, genesis, transfer};
use citrate_core::{H256, OpaqueExtrinsic, key_types};
use citrate_keystore::Scheme;
use codec::Encode;
use serde_json::{Value, json};

use super::network::call;
use super::{config, eventually, start, start_on};
use crate::{Authoring, Node, Pruning, ServiceError};

async fn submit(node: &Node, extrinsic: &OpaqueExtrinsic) -> H256 {
    let encoded = format!("0x{}", hex::encode(extrinsic.encode()));
    let answer = call(node.rpc_address(), "author_submitExtrinsic", json!([encoded])).await;
    answer.as_str().expect("a hash").parse().unwrap()
}

/// The block that executed a transaction, once it is final.
async fn finalized_in(node: &Node, hash: H256) -> H256 {
    let chain = node.chain();
    let block = eventually("the transaction is executed", || {
        let record = chain.transaction(&hash).unwrap()?;
        record.accepting_block.filter(|_| record.status == Place::Accepted)
    });
    let block = block.await;
    let number = chain.header(&block).unwrap().unwrap().number;
    eventually("its block is final", || {
        let reached = chain.finalized().number >= number;
        reached.then(|| assert_eq!(chain.hash_at(number).unwrap(), Some(block)))
    })
    .await;
    block
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submitted_transfer_is_executed_and_finalised() {
    let node = start(config(None)).await.unwrap();
    let hash = submit(&node, &transfer(0, 1, 0, 100)).await;
    let next = submit(&node, &transfer(0, 2, 1, 50)).await;
    let block = finalized_in(&node, hash).await;
    finalized_in(&node, next).await;
    assert_eq!(balance(node.chain(), &block, 1), 1_100);
    assert_eq!(balance(node.chain(), &node.chain().best().hash, 0), 848);
    eventually("the pool lets go of them", || (node.pool().status().ready == 0).then_some(()))
        .await;
    let best = call(node.rpc_address(), "chain_getHeader", json!([])).await;
    assert!(best["number"].as_str().is_some_and(|number| number != "0x0"), "{best}");
    assert_eq!(call(node.rpc_address(), "system_nodeRoles", json!([])).await, json!(["Authority"]));
    assert_eq!(call(node.rpc_address(), "system_chain", json!([])).await, json!("Development"));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_goes_on_where_the_node_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let node = start(config(Some(folder.path()))).await.unwrap();
    let peer = call(node.rpc_address(), "system_localPeerId", json!([])).await;
    let hash = submit(&node, &transfer(0, 1, 0, 100)).await;
    let block = finalized_in(&node, hash).await;
    let folders = node.folders().unwrap().clone();
    assert_eq!(folders.database(), folder.path().join("chains/dev/db"));
    assert!(folders.database().is_dir() && folders.keystore().is_dir());
    let best = node.chain().best();
    node.stop().await;

    // The key is in the keystore's folder now.
    let mut again = config(Some(folder.path()));
    again.keys.seeds.clear();
    let node = start(again).await.unwrap();
    assert!(node.chain().best().number >= best.number);
    assert_eq!(node.chain().hash_at(best.number).unwrap(), Some(best.hash));
    let record = node.chain().transaction(&hash).unwrap().unwrap();
    assert_eq!(record.accepting_block, Some(block));
    assert_eq!(call(node.rpc_address(), "system_localPeerId", json!([])).await, peer);
    let (chain, number) = (node.chain(), best.number + 2);
    eventually("the chain grows", || (chain.best().number >= number).then_some(())).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_inserted_while_the_node_runs_makes_blocks() {
    let mut keyless = config(None);
    keyless.keys.seeds.clear();
    let node = start(keyless).await.unwrap();
    assert_eq!(call(node.rpc_address(), "system_nodeRoles", json!([])).await, json!(["Full"]));
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert_eq!(node.chain().best().number, 0, "nobody else makes blocks of this chain");
    let secret = format!("0x{}", "01".repeat(32));
    let public = format!("0x{}", hex::encode(author().public().0));
    call(node.rpc_address(), "author_insertKey", json!(["gdag", secret, public])).await;
    eventually("blocks", || (node.chain().best().number > 0).then_some(())).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_only_follows_makes_no_blocks() {
    let mut follower = config(None);
    follower.authoring = Authoring::Off;
    let node = start(follower).await.unwrap();
    assert_eq!(node.keystore().public_keys(key_types::PROVIDER, Scheme::Sr25519).len(), 1);
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert_eq!(node.chain().best().number, 0);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_runs_until_it_is_told_to_stop() {
    let node = start(config(None)).await.unwrap();
    let address = node.rpc_address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(node.run_until(async {
        stopped.await.unwrap();
    }));
    call(address, "system_health", json!([])).await;
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "the port is closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_said_clearly() {
    let folder = tempfile::tempdir().unwrap();
    let node = start(config(Some(folder.path()))).await.unwrap();

    let mut busy = config(None);
    busy.rpc.listen = node.rpc_address();
    let error = start(busy).await.unwrap_err();
    assert!(matches!(error, ServiceError::Rpc(_)), "{error}");
    assert!(error.to_string().contains("the port is in use"), "{error}");

    let error = start(config(Some(folder.path()))).await.unwrap_err();
    assert!(matches!(&error, ServiceError::InUse { .. }), "{error}");
    assert!(error.to_string().contains("--base-path"), "{error}");
    node.stop().await;

    let mut other = genesis();
    other.top.insert(b"another".to_vec(), vec![1]);
    let error = start_on(config(Some(folder.path())), other).await.unwrap_err();
    assert!(matches!(&error, ServiceError::WrongChain { .. }), "{error}");
    assert!(error.to_string().contains("another chain"), "{error}");

    let mut archive = config(Some(folder.path()));
    archive.database.pruning = Pruning::Archive;
    let error = start(archive).await.unwrap_err();
    assert!(matches!(&error, ServiceError::Pruning { .. }), "{error}");

    let mut outside = config(Some(folder.path()));
    outside.chain_spec.id = "../elsewhere".into();
    let error = start(outside).await.unwrap_err();
    assert!(matches!(&error, ServiceError::ChainId(_)), "{error}");

    let mut secret = config(None);
    secret.keys.seeds = vec!["no secret at all".into()];
    let shown = format!("{secret:?}");
    assert!(!shown.contains("no secret at all"), "secrets are not in logs");
    assert!(matches!(start(secret).await.unwrap_err(), ServiceError::Keystore(_)));

    // None of the attempts left anything locked.
    start(config(Some(folder.path()))).await.unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn artifacts_go_through_rpc_into_the_store() {
    let node = start(config(None)).await.unwrap();
    let content = b"a small model";
    let stored = node.artifacts().add_bytes(content, "model").unwrap();
    let answer =
        call(node.rpc_address(), "inference_getArtifact", json!([format!("{:?}", stored.hash)]))
            .await;
    assert_eq!(answer, Value::from(format!("0x{}", hex::encode(content))));
    let folder = node.artifacts().clone();
    node.stop().await;
    assert!(folder.list().is_err(), "a node without a base folder forgets its artifacts");
}
