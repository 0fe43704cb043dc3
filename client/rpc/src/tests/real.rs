//! Over the node's own chain, with a small native runtime.

use std::sync::Arc;

use citrate_chain::{Chain, ChainConfig, testing};
use citrate_core::{H256, OpaqueExtrinsic};
use citrate_db::DbConfig;
use citrate_trie::verify_proof;
use citrate_txpool::{PoolConfig, TxPool};
use jsonrpsee::core::server::ConnectionId;
use serde_json::{Value, json};

use super::{Node, deps};
use crate::backend::fake::FakeChain;
use crate::params::{decode_hex, hex_string};
use crate::server::methods;
use crate::{MethodPolicy, RpcConfig, RpcDeps};

fn real_node() -> (Arc<Chain>, Node) {
    let chain = testing::open(&DbConfig::in_memory()).unwrap();
    let node = node_of(&chain);
    (chain, node)
}

fn node_of(chain: &Arc<Chain>) -> Node {
    let fake = FakeChain::new(&[]);
    let other = deps(&fake);
    let pool = TxPool::new(chain.clone(), PoolConfig::default());
    let deps =
        RpcDeps::new(chain.clone(), pool.clone(), other.keystore, other.artifacts, other.info);
    let config = RpcConfig { methods: MethodPolicy::Unsafe, ..RpcConfig::default() };
    let mut module = methods(deps, config);
    module.extensions_mut().insert(ConnectionId(0));
    Node { chain: fake, pool, module }
}

fn grow(chain: &Chain, slot: u64, payload: Vec<OpaqueExtrinsic>) -> H256 {
    let block = testing::block(chain, chain.best().hash, slot, payload).unwrap();
    let hash = block.header.hash();
    chain.import(block).unwrap();
    hash
}

#[tokio::test]
async fn a_transfer_goes_from_the_pool_through_a_payload_into_an_accepted_list() {
    let (chain, node) = real_node();
    let mut follow = node.subscribe("chainHead_v1_follow", json!([true])).await.unwrap();
    assert_eq!(follow.next().await["event"], "initialized");
    assert_eq!(follow.next().await["event"], "bestBlockChanged");
    let transfer = testing::transfer(0, 1, 0, 100);
    let stale = testing::transfer(0, 1, 0, 7);
    let hash = node.ok("author_submitExtrinsic", json!([transfer])).await;
    assert_eq!(hash, json!(transfer.hash()));

    let proposing = grow(&chain, 1, vec![transfer.clone(), stale.clone()]);
    let record = node.ok("dag_getTransaction", json!([hash])).await;
    assert_eq!(
        (&record["status"], &record["payloadBlock"]),
        (&json!("pending"), &json!(proposing))
    );
    assert_eq!(node.ok("dag_getPayload", json!([proposing])).await[0], json!(transfer));
    let accepting = grow(&chain, 2, Vec::new());
    let record = node.ok("dag_getTransaction", json!([hash])).await;
    assert_eq!(record["status"], "accepted");
    assert_eq!((&record["acceptingBlock"], &record["index"]), (&json!(accepting), &json!(1)));
    let skipped = node.ok("dag_getTransaction", json!([stale.hash()])).await;
    assert_eq!((&skipped["status"], &skipped["index"]), (&json!("skipped"), &Value::Null));
    assert_eq!(skipped["reason"], "Transaction is outdated");

    let block = node.ok("chain_getBlock", json!([accepting])).await;
    assert_eq!(block["block"]["extrinsics"].as_array().unwrap().len(), 2, "with the inherent");
    assert_eq!(block["block"]["extrinsics"][1], json!(transfer));
    let dag = node.ok("dag_getBlock", json!([accepting])).await;
    assert_eq!(dag["dag"]["slot"], 2);
    assert_eq!(dag["dag"]["selectedParent"], json!(proposing));
    let page = node.ok("dag_acceptedTransactions", json!([0])).await;
    assert_eq!(page["transactions"].as_array().unwrap().len(), 3);
    assert_eq!(page["transactions"][2]["payloadBlock"], json!(proposing));

    // The importer finalises a block when its child comes.
    let mut events = Vec::new();
    while events.last() != Some(&json!("finalized")) {
        events.push(follow.next().await["event"].clone());
    }
    assert_eq!(
        events,
        ["newBlock", "bestBlockChanged", "newBlock", "bestBlockChanged", "finalized"]
    );
    assert_eq!(node.ok("chain_getFinalizedHead", json!([])).await, json!(proposing));
}

#[tokio::test]
async fn states_proofs_and_errors_are_those_of_the_chain() {
    let (chain, node) = real_node();
    let genesis = chain.genesis_hash();
    let block = grow(&chain, 1, Vec::new());
    let version = node.ok("state_getRuntimeVersion", json!([block])).await;
    assert_eq!((&version["specVersion"], &version["stateVersion"]), (&json!(1), &json!(1)));
    assert_eq!(node.ok("state_getStorage", json!([hex_string(":code")])).await, "0x01");
    let key = [b"balance".as_slice(), &[0]].concat();
    let proof = node.ok("state_getReadProof", json!([[hex_string(&key)], genesis])).await;
    let nodes: Vec<String> = serde_json::from_value(proof["proof"].clone()).unwrap();
    let nodes: Vec<Vec<u8>> = nodes.iter().map(|node| decode_hex(node).unwrap()).collect();
    let root = chain.header(&genesis).unwrap().unwrap().state_root;
    let values = verify_proof(&root, &nodes, &[&key]).unwrap();
    assert_eq!(values, [Some(1000u64.to_le_bytes().to_vec())]);

    let (code, message, _) = node.call("state_call", json!(["No_such", "0x"])).await.unwrap_err();
    assert_eq!(code, 4003);
    let expected = "Client error: Execution failed: Other: Exported method No_such is not found";
    assert_eq!(message, expected);
    let unknown = json!([hex_string(":code"), H256::repeat_byte(3)]);
    let (code, message, _) = node.call("state_getStorage", unknown).await.unwrap_err();
    assert_eq!(code, 4003);
    assert!(message.starts_with("Client error: UnknownBlock: "), "{message}");
    let stale = testing::transfer(0, 1, 0, 1);
    let far = testing::transfer(9, 1, 0, 1);
    grow(&chain, 2, vec![stale.clone()]);
    grow(&chain, 3, Vec::new());
    for (extrinsic, reason) in [
        (stale, "Transaction is outdated"),
        (far, "Inability to pay some fees (e.g. account balance too low)"),
    ] {
        let refused = node.call("author_submitExtrinsic", json!([extrinsic])).await;
        let (code, message, data) = refused.unwrap_err();
        assert_eq!((code, message.as_str(), data), (1010, "Invalid Transaction", json!(reason)));
    }
}

#[tokio::test]
async fn what_pruned_blocks_merged_and_accepted_is_discarded() {
    let (chain, _) = real_node();
    for slot in 1..=8 {
        grow(&chain, slot, Vec::new());
    }
    let hashes: Vec<H256> = (0..=8).map(|n| chain.hash_at(n).unwrap().unwrap()).collect();
    let db = chain.db().clone();
    db.prune_dag(&hashes[5], &hashes[..5]).unwrap();
    db.forget_bodies(4).unwrap();
    drop(chain);
    let machine = Arc::new(testing::TestRuntime);
    let chain = Chain::open(db, machine, &testing::genesis(), ChainConfig::default()).unwrap();
    let node = node_of(&chain);
    let discarded = format!("Body already discarded for {:?}", hashes[1]);
    for (method, params) in [
        ("dag_orderedSince", json!([0])),
        ("dag_orderedSince", json!([1, 1])),
        ("dag_acceptedTransactions", json!([0])),
        ("dag_getMergeset", json!([hashes[1]])),
    ] {
        let (code, message, _) = node.call(method, params).await.unwrap_err();
        assert_eq!(code, 4003, "{method}");
        assert!(message.contains(&discarded), "{method}: {message}");
    }
    let page = node.ok("dag_orderedSince", json!([6])).await;
    assert_eq!(page["blocks"].as_array().unwrap().len(), 3);
}
