use codec::Encode;
use serde_json::{Value, json};

use super::{Feed, Node, extrinsic, node, node_with, wire};
use crate::backend::Backend as _;
use crate::params::hex_string;
use crate::{ChainHeadLimits, RpcConfig};

fn hex(bytes: impl AsRef<[u8]>) -> Value {
    json!(hex_string(bytes))
}

async fn follow(node: &Node, with_runtime: bool) -> Feed {
    let feed = node.subscribe("chainHead_v1_follow", json!([with_runtime])).await;
    let mut feed = feed.unwrap_or_else(|error| panic!("{error:?}"));
    let first = feed.next().await;
    assert_eq!(first["event"], "initialized");
    assert_eq!(first.get("finalizedBlockRuntime").is_some(), with_runtime);
    assert_eq!(feed.next().await["event"], "bestBlockChanged");
    feed
}

#[tokio::test]
async fn a_follower_is_told_everything_in_order() {
    let node = node();
    let genesis = node.chain.genesis_hash();
    let mut feed = node.subscribe("chainHead_v1_follow", json!([true])).await.unwrap();
    let (name, first) = feed.next_full().await;
    assert_eq!(name, "chainHead_v1_followEvent");
    let spec = json!({
        "specName": "fake", "implName": "", "specVersion": 0, "implVersion": 0,
        "transactionVersion": 0, "apis": { "0x6170696170693132": 3 },
    });
    let expected = json!({
        "event": "initialized",
        "finalizedBlockHashes": [genesis],
        "finalizedBlockRuntime": { "type": "valid", "spec": spec },
    });
    assert_eq!(first, expected);
    assert_eq!(feed.next().await["event"], "bestBlockChanged");

    let block = node.chain.extend(&[], &[]);
    let expected = json!({
        "event": "newBlock", "blockHash": block, "parentBlockHash": genesis, "newRuntime": null,
    });
    assert_eq!(feed.next().await, expected);
    let expected = json!({ "event": "bestBlockChanged", "bestBlockHash": block });
    assert_eq!(feed.next().await, expected);
    let upgraded = node.chain.extend(&[], &[(b"version", Some(&[2]))]);
    assert_eq!(feed.next().await["newRuntime"]["spec"]["specVersion"], 2);
    assert_eq!(feed.next().await["bestBlockHash"], json!(upgraded));
    node.chain.finalize(1);
    let expected = json!({
        "event": "finalized", "finalizedBlockHashes": [block], "prunedBlockHashes": [],
    });
    assert_eq!(feed.next().await, expected);
}

#[tokio::test]
async fn headers_come_at_once_and_bodies_and_calls_as_operations() {
    let node = node();
    let mut feed = follow(&node, true).await;
    let block = node.chain.extend(&[extrinsic(&[0, 3])], &[]);
    feed.next().await;
    feed.next().await;
    let header = node.ok("chainHead_v1_header", json!([feed.id(), block])).await;
    assert_eq!(header, hex(node.chain.header(&block).unwrap().unwrap().encode()));

    let started = node.ok("chainHead_v1_body", json!([feed.id(), block])).await;
    assert_eq!(started["result"], "started");
    let done = feed.next().await;
    assert_eq!(done["event"], "operationBodyDone");
    assert_eq!(done["operationId"], started["operationId"]);
    assert_eq!(done["value"], json!([wire(&[0, 3])]));

    node.ok("chainHead_v1_call", json!([feed.id(), block, "Test_echo", "0x05"])).await;
    let done = feed.next().await;
    assert_eq!((&done["event"], &done["output"]), (&json!("operationCallDone"), &json!("0x05")));
    node.ok("chainHead_v1_call", json!([feed.id(), block, "Test_echo", ""])).await;
    assert_eq!(feed.next().await["output"], "0x");
    node.ok("chainHead_v1_call", json!([feed.id(), block, "Test_trap", "0x"])).await;
    let failed = feed.next().await;
    assert_eq!(failed["event"], "operationError");
    assert_eq!(failed["error"], "Execution failed: Runtime panicked: no");
}

#[tokio::test]
async fn storage_is_an_operation() {
    let node = node();
    let mut feed = follow(&node, false).await;
    let genesis = node.chain.genesis_hash();
    let items = json!([
        { "key": hex("a"), "type": "value" },
        { "key": hex("none"), "type": "value" },
        { "key": hex("ab"), "type": "descendantsValues" },
        { "key": hex("b"), "type": "hash" },
        { "key": hex("a"), "type": "closestDescendantMerkleValue" },
    ]);
    let started = node.ok("chainHead_v1_storage", json!([feed.id(), genesis, items])).await;
    assert_eq!(started["discardedItems"], 0);
    let page = feed.next().await;
    assert_eq!(page["event"], "operationStorageItems");
    let items = page["items"].as_array().unwrap();
    assert_eq!(items[0], json!({ "key": hex("a"), "value": hex("1") }));
    assert_eq!(items[1], json!({ "key": hex("ab"), "value": hex("22") }));
    assert_eq!(items[2], json!({ "key": hex("abc"), "value": hex("333") }));
    assert!(items[3]["hash"].is_string() && items[4]["closestDescendantMerkleValue"].is_string());
    assert_eq!(items.len(), 5);
    assert_eq!(feed.next().await["event"], "operationStorageDone");

    node.chain.prune_state(genesis);
    let items = json!([{ "key": hex("a"), "type": "value" }]);
    node.ok("chainHead_v1_storage", json!([feed.id(), genesis, items])).await;
    assert_eq!(feed.next().await["event"], "operationInaccessible");
    let bad = json!([feed.id(), genesis, [{ "key": "0x", "type": "everything" }]]);
    assert_eq!(node.call("chainHead_v1_storage", bad).await.unwrap_err().0, -32602);
}

#[tokio::test]
async fn many_descendants_come_in_pages() {
    let node = node();
    let keys: Vec<Vec<u8>> = (0..600u16).map(|n| [b"k", &n.to_be_bytes()[..]].concat()).collect();
    let changes: Vec<(&[u8], Option<&[u8]>)> =
        keys.iter().map(|key| (&key[..], Some(&b"v"[..]))).collect();
    let block = node.chain.extend(&[], &changes);
    node.chain.finalize(1);
    let mut feed = follow(&node, false).await;
    let items = json!([{ "key": hex("k"), "type": "descendantsHashes" }]);
    node.ok("chainHead_v1_storage", json!([feed.id(), block, items])).await;
    let mut found = Vec::new();
    loop {
        let event = feed.next().await;
        if event["event"] == "operationStorageDone" {
            break;
        }
        let items = event["items"].as_array().unwrap();
        assert!(items.len() <= 256);
        found.extend(items.iter().map(|item| item["key"].clone()));
    }
    assert_eq!(found, keys.iter().map(hex).collect::<Vec<_>>());
}

#[tokio::test]
async fn only_pinned_blocks_of_the_own_subscription_can_be_asked_about() {
    let node = node();
    let feed = follow(&node, false).await;
    let genesis = node.chain.genesis_hash();
    let error =
        |params: Value| async { node.call("chainHead_v1_unpin", params).await.unwrap_err().0 };
    assert_eq!(error(json!([feed.id(), [genesis, genesis]])).await, -32804);
    let call = json!([feed.id(), genesis, "Test_echo", "0x"]);
    assert_eq!(node.call("chainHead_v1_call", call).await.unwrap_err().0, -32802);
    assert_eq!(node.ok("chainHead_v1_unpin", json!([feed.id(), genesis])).await, Value::Null);
    assert_eq!(error(json!([feed.id(), [genesis]])).await, -32801);
    for method in ["chainHead_v1_header", "chainHead_v1_body"] {
        let error = node.call(method, json!([feed.id(), genesis])).await.unwrap_err();
        assert_eq!(error.0, -32801, "{method}");
        // A subscription that is over is no error.
        let dead = node.ok(method, json!(["dead", genesis])).await;
        assert!(dead == Value::Null || dead == json!({ "result": "limitReached" }), "{dead}");
    }
    assert_eq!(node.ok("chainHead_v1_continue", json!([feed.id(), "0"])).await, Value::Null);
    assert_eq!(node.ok("chainHead_v1_stopOperation", json!([feed.id(), "0"])).await, Value::Null);
}

#[tokio::test]
async fn follows_and_pins_have_limits() {
    let chain_head = ChainHeadLimits { pinned_max: 3, follows_max: 2, ..Default::default() };
    let node = node_with(RpcConfig { chain_head, ..RpcConfig::default() });
    let mut first = follow(&node, false).await;
    let second = follow(&node, false).await;
    let third = node.subscribe("chainHead_v1_follow", json!([false])).await;
    assert_eq!(third.err().unwrap().0, -32800);
    node.ok("chainHead_v1_unfollow", json!([second.id])).await;
    for _ in 0..3 {
        node.chain.extend(&[], &[]);
    }
    let mut names = Vec::new();
    while names.last() != Some(&json!("stop")) {
        names.push(first.next().await["event"].clone());
    }
    assert_eq!(names.len(), 5, "{names:?}");
    // Both places are free again, one as soon as its task has seen the end.
    let mut freed = None;
    for _ in 0..100 {
        freed = node.subscribe("chainHead_v1_follow", json!([false])).await.ok();
        if freed.is_some() {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert!(freed.is_some());
}

#[tokio::test]
async fn a_broadcast_submits_until_it_is_stopped() {
    let node = node();
    let hash = extrinsic(&[0, 8]).hash();
    let id = node.ok("transaction_v1_broadcast", json!([wire(&[0, 8])])).await;
    let submitted = || async {
        for _ in 0..1000 {
            if node.pool.get(&hash).is_some() {
                return true;
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        false
    };
    assert!(submitted().await);
    node.pool.remove(&hash);
    node.chain.extend(&[], &[]);
    assert!(node.pool.get(&hash).is_some() || !submitted().await || node.pool.get(&hash).is_some());
    assert_eq!(node.ok("transaction_v1_stop", json!([id])).await, Value::Null);
    assert_eq!(node.call("transaction_v1_stop", json!(["77"])).await.unwrap_err().0, -32602);
    // What is no extrinsic gets an id all the same; there are 16 places.
    assert!(node.ok("transaction_v1_broadcast", json!(["0xff"])).await.is_string());
    let mut ids = Vec::new();
    for n in 0..17 {
        ids.push(node.ok("transaction_v1_broadcast", json!([wire(&[0, 100 + n])])).await);
    }
    assert!(ids[14].is_string());
    assert_eq!(ids[16], Value::Null);
}

#[tokio::test]
async fn a_refused_transaction_is_an_event() {
    let node = node();
    let method = "transactionWatch_v1_submitAndWatch";
    let mut feed = node.subscribe(method, json!([wire(&[1])])).await.unwrap();
    let (name, event) = feed.next_full().await;
    assert_eq!(name, "transactionWatch_v1_watchEvent");
    assert_eq!(event["event"], "invalid");
    assert_eq!(event["error"], "Inability to pay some fees (e.g. account balance too low)");
    let mut feed = node.subscribe(method, json!([wire(&[0, 6])])).await.unwrap();
    assert_eq!(feed.next().await, json!({ "event": "validated" }));
}

#[tokio::test]
async fn the_archive_answers_for_any_block() {
    let node = node();
    let genesis = node.chain.genesis_hash();
    let side = node.chain.import(genesis, 9, &[], &[]);
    let block = node
        .chain
        .extend(&[extrinsic(&[0])], &[(b"a", Some(b"2")), (b"b", None), (b"c", Some(b"3"))]);
    assert_eq!(node.ok("archive_v1_genesisHash", json!([])).await, json!(genesis));
    assert_eq!(node.ok("archive_v1_finalizedHeight", json!([])).await, json!(0));
    assert_eq!(node.ok("archive_v1_hashByHeight", json!([1])).await, json!([block, side]));
    assert_eq!(node.ok("archive_v1_hashByHeight", json!([5])).await, json!([]));
    assert_eq!(node.ok("archive_v1_body", json!([block])).await, json!([wire(&[0])]));
    let unknown = hex([7; 32]);
    assert_eq!(node.ok("archive_v1_header", json!([unknown])).await, Value::Null);
    let call = node.ok("archive_v1_call", json!([block, "Test_echo", "0x01"])).await;
    assert_eq!(call, json!({ "success": true, "value": "0x01" }));
    let call = node.ok("archive_v1_call", json!([unknown, "Test_echo", "0x01"])).await;
    assert_eq!(call["success"], false);

    let items =
        json!([{ "key": hex("ab"), "type": "descendantsValues", "paginationStartKey": hex("ab") }]);
    let mut feed = node.subscribe("archive_v1_storage", json!([block, items])).await.unwrap();
    let (name, event) = feed.next_full().await;
    assert_eq!(name, "archive_v1_storageEvent");
    assert_eq!(event, json!({ "event": "storage", "key": hex("abc"), "value": hex("333") }));
    assert_eq!(feed.next().await, json!({ "event": "storageDone" }));
    let mut feed = node.subscribe("archive_v1_storage", json!([unknown, []])).await.unwrap();
    assert_eq!(feed.next().await["event"], "storageError");

    let items = json!([{ "key": "0x", "returnType": "value" }]);
    let mut feed = node.subscribe("archive_v1_storageDiff", json!([block, items])).await.unwrap();
    let mut kinds = Vec::new();
    loop {
        let event = feed.next().await;
        if event["event"] == "storageDiffDone" {
            break;
        }
        kinds.push((event["key"].clone(), event["type"].clone(), event.get("value").cloned()));
    }
    let expected = [
        (hex("a"), json!("modified"), Some(hex("2"))),
        (hex("b"), json!("deleted"), None),
        (hex("c"), json!("added"), Some(hex("3"))),
    ];
    assert_eq!(kinds, expected);
}
