use citrate_core::{H256, hashing::blake2_256};
use citrate_trie::verify_proof;
use serde_json::{Value, json};

use super::{extrinsic, node, node_with, wire};
use crate::backend::Backend as _;
use crate::params::{decode_hex, hex_string};
use crate::{MethodPolicy, RpcConfig};

fn hex(bytes: impl AsRef<[u8]>) -> Value {
    json!(hex_string(bytes))
}

#[tokio::test]
async fn every_method_and_alias_is_listed() {
    let methods = node().ok("rpc_methods", json!([])).await;
    let methods: Vec<String> = serde_json::from_value(methods["methods"].clone()).unwrap();
    for expected in include_str!("methods.txt").lines() {
        assert!(methods.iter().any(|method| method == expected), "{expected} is missing");
    }
    let mut sorted = methods.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted, methods);
}

#[tokio::test]
async fn unsafe_methods_are_refused_but_listed() {
    let node = node_with(RpcConfig { methods: MethodPolicy::Safe, ..RpcConfig::default() });
    for method in [
        "author_rotateKeys",
        "author_insertKey",
        "system_dryRun",
        "state_getPairs",
        "inference_putArtifact",
    ] {
        let (code, message, _) = node.call(method, json!([])).await.unwrap_err();
        assert_eq!(code, -32601, "{method}");
        assert_eq!(message, "RPC call is unsafe to be called externally");
    }
    let (code, message, _) = node.call("no_such", json!([])).await.unwrap_err();
    assert_eq!((code, message.as_str()), (-32601, "Method not found"));
}

#[tokio::test]
async fn blocks_and_their_hashes() {
    let node = node();
    let genesis = node.chain.genesis_hash();
    let block = node.chain.extend(&[extrinsic(&[0, 9])], &[]);
    assert_eq!(node.ok("chain_getBlockHash", json!([])).await, json!(block));
    assert_eq!(node.ok("chain_getHead", Value::Null).await, json!(block));
    assert_eq!(node.ok("chain_getBlockHash", json!([0])).await, json!(genesis));
    assert_eq!(node.ok("chain_getBlockHash", json!(["0x00000001"])).await, json!(block));
    let list = node.ok("chain_getBlockHash", json!([[0, "0x1", 7]])).await;
    assert_eq!(list, json!([genesis, block, null]));
    assert_eq!(node.ok("chain_getFinalizedHead", json!([])).await, json!(genesis));

    let header = node.ok("chain_getHeader", json!([])).await;
    assert_eq!(header["number"], "0x1");
    assert_eq!(header["parentHash"], json!(genesis));
    assert_eq!(header["digest"]["logs"], json!([]));
    let full = node.ok("chain_getBlock", json!([block])).await;
    assert_eq!(full["block"]["header"], header);
    assert_eq!(full["block"]["extrinsics"], json!([wire(&[0, 9])]));
    assert_eq!(full["justifications"], Value::Null);
    let unknown = H256::repeat_byte(1);
    assert_eq!(node.ok("chain_getBlock", json!([unknown])).await, Value::Null);
    assert_eq!(node.ok("chain_getHeader", json!([unknown])).await, Value::Null);
}

#[tokio::test]
async fn storage_is_read_at_any_block_and_by_pages() {
    let node = node();
    let genesis = node.chain.genesis_hash();
    node.chain.extend(&[], &[(b"a", Some(b"new"))]);
    assert_eq!(node.ok("state_getStorage", json!([hex("a")])).await, hex("new"));
    assert_eq!(node.ok("state_getStorageAt", json!([hex("a"), genesis])).await, hex("1"));
    assert_eq!(node.ok("state_getStorage", json!([hex("zz")])).await, Value::Null);
    assert_eq!(node.ok("state_getStorage", json!(["0x"])).await, Value::Null, "the empty key");
    assert_eq!(node.ok("state_getStorageSize", json!([hex("a")])).await, json!(3));
    assert_eq!(node.ok("state_getStorageHash", json!([hex("a")])).await, hex(blake2_256(b"new")));

    let page = node.ok("state_getKeysPaged", json!([hex("a"), 2])).await;
    assert_eq!(page, json!([hex("a"), hex("ab")]));
    let page = node.ok("state_getKeysPaged", json!([hex("a"), 2, hex("ab")])).await;
    assert_eq!(page, json!([hex("abc")]), "strictly after the start key");
    let page = node.ok("state_getKeysPaged", json!([hex("a"), 5, hex("a"), genesis])).await;
    assert_eq!(page, json!([hex("ab"), hex("abc")]), "the start key may be the prefix");
    let page = node.ok("state_getKeysPaged", json!(["", 1, null])).await;
    assert_eq!(page, json!([hex("a")]));
    let (code, ..) = node.call("state_getKeysPaged", json!([hex("a"), 1001])).await.unwrap_err();
    assert_eq!(code, 4002);

    let sets = node.ok("state_queryStorageAt", json!([[hex("a"), hex("zz")], genesis])).await;
    let expected =
        json!([{ "block": genesis, "changes": [[hex("a"), hex("1")], [hex("zz"), null]] }]);
    assert_eq!(sets, expected);
    let sets = node.ok("state_queryStorage", json!([[hex("a"), hex("b")], genesis])).await;
    assert_eq!(sets.as_array().unwrap().len(), 2);
    assert_eq!(sets[1]["changes"], json!([[hex("a"), hex("new")]]));
    let backwards = json!([[hex("a")], node.chain.best().hash, genesis]);
    assert_eq!(node.call("state_queryStorage", backwards).await.unwrap_err().0, 4001);
}

#[tokio::test]
async fn a_read_proof_verifies_against_the_header() {
    let node = node();
    let answer = node.ok("state_getReadProof", json!([[hex("ab"), hex("none")]])).await;
    let nodes: Vec<String> = serde_json::from_value(answer["proof"].clone()).unwrap();
    let nodes: Vec<Vec<u8>> = nodes.iter().map(|node| decode_hex(node).unwrap()).collect();
    let genesis = node.chain.genesis_hash();
    assert_eq!(answer["at"], json!(genesis));
    let root = node.chain.header(&genesis).unwrap().unwrap().state_root;
    let values = verify_proof(&root, &nodes, &[&b"ab"[..], b"none"]).unwrap();
    assert_eq!(values, [Some(b"22".to_vec()), None]);
}

#[tokio::test]
async fn runtime_calls_and_their_failures() {
    let node = node();
    assert_eq!(node.ok("state_call", json!(["Test_echo", "0x0102"])).await, hex([1, 2]));
    assert_eq!(node.ok("state_call", json!(["Test_echo", "0102"])).await, hex([1, 2]));
    assert_eq!(node.ok("state_call", json!(["Test_echo", ""])).await, json!("0x"));
    assert_eq!(node.ok("state_getMetadata", json!([])).await, hex("meta"), "no outer length");

    let (code, message, _) = node.call("state_call", json!(["Nope_no", "0x"])).await.unwrap_err();
    assert_eq!(code, 4003);
    let expected = "Client error: Execution failed: Other: Exported method Nope_no is not found";
    assert_eq!(message, expected);
    let (code, message, _) = node.call("state_call", json!(["Test_trap", "0x"])).await.unwrap_err();
    assert_eq!(code, 4003);
    assert_eq!(message, "Client error: Execution failed: Runtime panicked: no");
    let unknown = json!(["Test_echo", "0x", H256::repeat_byte(9)]);
    let (code, message, _) = node.call("state_call", unknown).await.unwrap_err();
    assert_eq!(code, 4003);
    assert!(message.starts_with("Client error: UnknownBlock"), "{message}");
    let (code, ..) = node.call("state_call", json!(["Test_panic", ""])).await.unwrap_err();
    assert_eq!(code, -32603, "our own panic is an error of one call");
    assert_eq!(node.ok("state_call", json!(["Test_echo", "01"])).await, hex([1]));
}

#[tokio::test]
async fn bad_params_name_the_parameter() {
    let node = node();
    for (method, params) in [
        ("state_getStorage", json!([])),
        ("state_getStorage", json!(["0x1"])),
        ("chain_getHeader", json!(["0x01"])),
        ("state_call", json!([5, "0x"])),
        ("state_getKeysPaged", json!(["0x", "many"])),
        ("state_getStorage", json!({ "key": "0x" })),
        ("childstate_getStorage", json!(["0x01", "0x"])),
        ("author_hasKey", json!(["0x00", "toolong"])),
    ] {
        let (code, message, data) = node.call(method, params).await.unwrap_err();
        assert_eq!((code, message.as_str()), (-32602, "Invalid params"), "{method}");
        assert!(!data.as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn submissions_and_their_refusals() {
    let node = node();
    let hash = node.ok("author_submitExtrinsic", json!([wire(&[0, 1])])).await;
    assert_eq!(hash, json!(extrinsic(&[0, 1]).hash()));
    assert_eq!(node.ok("author_pendingExtrinsics", json!([])).await, json!([wire(&[0, 1])]));

    let refusal = |params: Value| node.call("author_submitExtrinsic", params);
    let (code, message, data) = refusal(json!([wire(&[0, 1])])).await.unwrap_err();
    assert_eq!((code, message.as_str()), (1013, "Transaction Already Imported"));
    assert_eq!(data, hash);
    let (code, message, data) = refusal(json!([wire(&[1])])).await.unwrap_err();
    assert_eq!((code, message.as_str()), (1010, "Invalid Transaction"));
    assert_eq!(data, "Inability to pay some fees (e.g. account balance too low)");
    let (_, _, data) = refusal(json!([wire(&[77])])).await.unwrap_err();
    assert_eq!(data, "Custom error: 77");
    assert_eq!(refusal(json!([wire(&[77])])).await.unwrap_err().0, 1012, "banned");
    assert_eq!(refusal(json!(["0xffff"])).await.unwrap_err().0, 1001);
    assert_eq!(refusal(json!([""])).await.unwrap_err().0, 1001);

    let removed = node.ok("author_removeExtrinsic", json!([[{ "hash": hash }]])).await;
    assert_eq!(removed, json!([hash]));
    assert!(node.pool.pending().is_empty());
}

#[tokio::test]
async fn a_watched_transaction_tells_its_status() {
    let node = node();
    let mut feed =
        node.subscribe("author_submitAndWatchExtrinsic", json!([wire(&[0, 5])])).await.unwrap();
    assert_eq!(feed.next_full().await, ("author_extrinsicUpdate".to_owned(), json!("ready")));
    node.pool.remove(&extrinsic(&[0, 5]).hash());
    assert_eq!(feed.next().await, json!("dropped"));
    let refused = node.subscribe("author_submitAndWatchExtrinsic", json!([wire(&[1])])).await;
    assert_eq!(refused.err().unwrap().0, 1010);
}

#[tokio::test]
async fn keys_of_the_node() {
    let node = node();
    let alice = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
    assert_eq!(node.ok("author_hasKey", json!([alice, "gdag"])).await, json!(false));
    node.ok("author_insertKey", json!(["gdag", "//Alice", alice])).await;
    assert_eq!(node.ok("author_hasKey", json!([alice, "gdag"])).await, json!(true));
    let wrong = node.call("author_insertKey", json!(["gdag", "//Secret//Words", alice])).await;
    let (code, _, data) = wrong.unwrap_err();
    assert_eq!(code, -32602);
    assert!(!data.to_string().contains("Secret"), "an error never quotes the secret");
}

#[tokio::test]
async fn heads_are_streamed() {
    let node = node();
    let genesis = node.chain.genesis_hash();
    let mut best = node.subscribe("chain_subscribeNewHead", json!([])).await.unwrap();
    let mut all = node.subscribe("chain_subscribeAllHeads", json!([])).await.unwrap();
    let mut finalized = node.subscribe("chain_subscribeFinalizedHeads", json!([])).await.unwrap();
    let (name, head) = best.next_full().await;
    assert_eq!((name.as_str(), &head["number"]), ("chain_newHead", &json!("0x0")));
    assert_eq!(all.next_full().await.0, "chain_allHead");
    assert_eq!(finalized.next_full().await.0, "chain_finalizedHead");

    let side = node.chain.import(genesis, 9, &[], &[]);
    let first = node.chain.extend(&[], &[]);
    node.chain.extend(&[], &[]);
    node.chain.finalize(2);
    assert_eq!(best.next().await["number"], "0x1");
    assert_eq!(best.next().await["number"], "0x2");
    let side_header = node.chain.header(&side).unwrap().unwrap();
    assert_eq!(all.next().await, json!(side_header), "side branches too");
    assert_eq!(all.next().await["parentHash"], json!(genesis));
    assert_eq!(all.next().await["parentHash"], json!(first));
    assert_eq!(finalized.next().await["number"], "0x1", "no gap");
    assert_eq!(finalized.next().await["number"], "0x2");
}

#[tokio::test]
async fn storage_is_streamed() {
    let node = node();
    let keys = json!([[hex("a"), hex("b")]]);
    let mut feed = node.subscribe("state_subscribeStorage", keys).await.unwrap();
    let (name, set) = feed.next_full().await;
    assert_eq!(name, "state_storage");
    assert_eq!(set["changes"], json!([[hex("a"), hex("1")], [hex("b"), hex("4")]]));
    node.chain.extend(&[], &[(b"other", Some(b"x"))]);
    let block = node.chain.extend(&[], &[(b"b", None)]);
    assert_eq!(feed.next().await, json!({ "block": block, "changes": [[hex("b"), null]] }));
    assert!(node.subscribe("state_subscribeStorage", json!([[]])).await.is_err());
}

#[tokio::test]
async fn an_upgrade_is_streamed() {
    let node = node();
    let mut feed = node.subscribe("chain_subscribeRuntimeVersion", json!([])).await.unwrap();
    let (name, version) = feed.next_full().await;
    assert_eq!((name.as_str(), &version["specVersion"]), ("state_runtimeVersion", &json!(0)));
    assert_eq!(version["apis"], json!([["0x6170696170693132", 3]]));
    node.chain.extend(&[], &[]);
    node.chain.extend(&[], &[(b"version", Some(&[2]))]);
    assert_eq!(feed.next().await["specVersion"], 2);
}

#[tokio::test]
async fn the_node_and_fees() {
    let node = node();
    assert_eq!(node.ok("system_chain", json!([])).await, "Development");
    assert_eq!(node.ok("system_properties", json!([])).await["ss58Format"], 42);
    let health = node.ok("system_health", json!([])).await;
    assert_eq!(health, json!({ "peers": 0, "isSyncing": false, "shouldHavePeers": false }));
    let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    assert_eq!(node.ok("account_nextIndex", json!([alice])).await, json!(7));
    assert!(node.call("system_accountNextIndex", json!(["5Grw"])).await.is_err());
    let info = node.ok("payment_queryInfo", json!([wire(&[0])])).await;
    assert_eq!(info["partialFee"], u128::MAX.to_string());
    assert_eq!(info["class"], "normal");
    let fees = node.ok("payment_queryFeeDetails", json!([wire(&[0])])).await;
    assert_eq!(fees["inclusionFee"]["adjustedWeightFee"], "0xff");
    node.ok("offchain_localStorageSet", json!(["PERSISTENT", "0x01", "0x02"])).await;
    assert_eq!(node.ok("offchain_localStorageGet", json!(["PERSISTENT", "0x01"])).await, hex([2]));
    node.ok("offchain_localStorageClear", json!(["PERSISTENT", "0x01"])).await;
    let gone = node.ok("offchain_localStorageGet", json!(["PERSISTENT", "0x01"])).await;
    assert_eq!(gone, Value::Null);
}
