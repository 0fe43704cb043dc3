use serde_json::{Value, json};

use super::{extrinsic, node, wire};
use crate::backend::Backend as _;

#[tokio::test]
async fn a_transaction_is_found_by_its_hash() {
    let node = node();
    let hash = extrinsic(&[0, 4]).hash();
    assert_eq!(node.ok("dag_getTransaction", json!([hash])).await, Value::Null);
    node.ok("author_submitExtrinsic", json!([wire(&[0, 4])])).await;
    assert_eq!(node.ok("dag_getTransaction", json!([hash])).await["status"], "pooled");
    let block = node.chain.extend(&[extrinsic(&[0, 1]), extrinsic(&[0, 4])], &[]);
    let found = node.ok("dag_getTransaction", json!([hash])).await;
    let expected = json!({
        "hash": hash, "payloadBlock": node.chain.genesis_hash(), "acceptingBlock": block,
        "index": 1, "status": "accepted", "reason": null,
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn blocks_and_payloads() {
    let node = node();
    let genesis = node.chain.genesis_hash();
    let side = node.chain.import(genesis, 9, &[], &[]);
    let block = node.chain.extend(&[extrinsic(&[0, 4])], &[]);
    let answer = node.ok("dag_getBlock", json!([block])).await;
    assert_eq!(answer["accepted"], json!([extrinsic(&[0, 4]).hash()]));
    assert_eq!((&answer["onSelectedChain"], &answer["finalized"]), (&json!(true), &json!(false)));
    assert_eq!(node.ok("dag_getBlock", json!([side])).await["onSelectedChain"], false);
    assert_eq!(node.ok("dag_getPayload", json!([block])).await, json!([wire(&[0, 4])]));
    let tips = node.ok("dag_tips", json!([])).await;
    assert_eq!(tips.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn accepted_transactions_go_on_where_the_page_ended() {
    let node = node();
    let bodies: [&[&[u8]]; 3] = [&[&[0, 1], &[0, 2], &[0, 3]], &[], &[&[0, 4]]];
    for body in bodies {
        let body: Vec<_> = body.iter().map(|bytes| extrinsic(bytes)).collect();
        node.chain.extend(&body, &[]);
    }
    let mut position = json!({ "height": 0, "index": 0 });
    let mut seen = Vec::new();
    for _ in 0..3 {
        let params = json!([position["height"], position["index"], 2]);
        let page = node.ok("dag_acceptedTransactions", params).await;
        let transactions = page["transactions"].as_array().unwrap();
        assert!(transactions.len() <= 2);
        seen.extend(transactions.iter().map(|tx| (tx["number"].clone(), tx["index"].clone())));
        position = page["next"].clone();
    }
    let expected: Vec<(Value, Value)> =
        [(1, 0), (1, 1), (1, 2), (3, 0)].map(|(n, i)| (json!(n), json!(i))).into();
    assert_eq!(seen, expected);
    assert_eq!(position, json!({ "height": 4, "index": 0 }), "the next block will be there");
    let (code, ..) = node.call("dag_acceptedTransactions", json!([0, 0, 1001])).await.unwrap_err();
    assert_eq!(code, 4002);
}

#[tokio::test]
async fn a_page_of_accepted_transactions_is_bounded_by_bytes() {
    let node = node();
    let long = |id: u8, mib: usize| extrinsic(&vec![id; mib << 20]);
    node.chain.extend(&[long(1, 2), long(2, 2), long(3, 1)], &[]);
    node.chain.extend(&[long(4, 5), long(5, 1)], &[]);
    let mut position = json!({ "height": 0, "index": 0 });
    let mut pages = Vec::new();
    for _ in 0..4 {
        let params = json!([position["height"], position["index"]]);
        let page = node.ok("dag_acceptedTransactions", params).await;
        let transactions = page["transactions"].as_array().unwrap();
        let bytes = transactions.iter().map(|tx| tx["extrinsic"].as_str().unwrap().len() >> 21);
        pages.push(bytes.collect::<Vec<_>>());
        position = page["next"].clone();
    }
    // One that is longer than a page is a page of its own.
    assert_eq!(pages, [vec![2, 2], vec![1], vec![5], vec![1]]);
    assert_eq!(position, json!({ "height": 3, "index": 0 }));
}

#[tokio::test]
async fn accepted_transactions_are_streamed_with_retractions() {
    let node = node();
    let genesis = node.chain.genesis_hash();
    let mut feed = node.subscribe("dag_subscribeAcceptedTransactions", json!([])).await.unwrap();
    let first = node.chain.extend(&[extrinsic(&[0, 1])], &[]);
    let event = feed.next().await;
    assert_eq!((&event["event"], &event["block"]), (&json!("accepted"), &json!(first)));
    assert_eq!(event["transactions"][0]["hash"], json!(extrinsic(&[0, 1]).hash()));
    let other = node.chain.import(genesis, 5, &[], &[]);
    let tip = node.chain.import(other, 5, &[extrinsic(&[0, 1])], &[]);
    node.chain.set_best(tip);
    node.chain.finalize(2);
    assert_eq!(feed.next().await, json!({ "event": "retracted", "block": first }));
    assert_eq!(feed.next().await["block"], json!(other));
    let event = feed.next().await;
    assert_eq!((&event["block"], &event["number"]), (&json!(tip), &json!(2)));
    assert_eq!(feed.next().await, json!({ "event": "finalized", "blocks": [other, tip] }));
}

#[tokio::test]
async fn artifacts_are_kept_by_their_hash() {
    let node = node();
    let hash = node.ok("inference_putArtifact", json!(["0x010203"])).await;
    assert_eq!(node.ok("inference_getArtifact", json!([hash])).await, "0x010203");
    let none = format!("0x{}", "00".repeat(32));
    assert_eq!(node.ok("inference_getArtifact", json!([none])).await, Value::Null);
    let long = format!("0x{}", "00".repeat(4 * 1024 * 1024 + 1));
    assert_eq!(node.call("inference_putArtifact", json!([long])).await.unwrap_err().0, -32602);
}

#[tokio::test]
async fn artifacts_are_fetched_and_their_state_is_told() {
    let node = node();
    let hash = |byte: u8| format!("0x{}", hex::encode([byte; 32]));
    let stored = json!({ "type": "stored", "bytes": 100 });
    assert_eq!(node.ok("inference_artifactState", json!([hash(0)])).await["type"], "absent");
    let refused = node.call("inference_fetchArtifact", json!([hash(0), 99])).await.unwrap_err();
    assert!(refused.1.contains("too long") || refused.2.to_string().contains("too long"));
    assert_eq!(node.ok("inference_fetchArtifact", json!([hash(0), 100])).await, stored);
    assert_eq!(node.ok("inference_artifactState", json!([hash(0)])).await, stored);
    let fetching = json!({ "type": "fetching", "bytes": 3, "bytesTotal": 9 });
    assert_eq!(node.ok("inference_fetchArtifact", json!([hash(1)])).await, fetching);
    let failed = json!({ "type": "failed", "reason": "no peer has it" });
    assert_eq!(node.ok("inference_artifactState", json!([hash(2)])).await, failed);
}

#[tokio::test]
async fn a_runtime_without_inference_says_so() {
    let node = node();
    let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    for (method, params) in [
        ("inference_models", json!([])),
        ("inference_job", json!([node.chain.genesis_hash()])),
        ("inference_providers", json!([null, 5])),
        ("inference_income", json!([alice])),
        ("inference_attestation", json!([node.chain.genesis_hash()])),
        ("inference_quote", json!([node.chain.genesis_hash(), 3])),
    ] {
        let (code, message, _) = node.call(method, params).await.unwrap_err();
        assert_eq!(code, 4003);
        assert!(message.contains("Exported method InferenceApi_"), "{message}");
    }
    assert_eq!(node.call("inference_jobs", json!([null, 257])).await.unwrap_err().0, 4002);
}

#[tokio::test]
async fn blocks_are_listed_in_consensus_order() {
    let node = node();
    let genesis = node.chain.genesis_hash();
    let blocks = [(); 3].map(|()| node.chain.extend(&[], &[]));
    assert_eq!(node.ok("dag_getBlueScore", json!([genesis])).await, 0);
    assert_eq!(node.ok("dag_getMergeset", json!([genesis])).await, json!([]));
    let merged = json!([{ "hash": blocks[1], "colour": "blue", "executed": true }]);
    assert_eq!(node.ok("dag_getMergeset", json!([blocks[2]])).await, merged);
    assert_eq!(node.ok("dag_getMergeset", json!([])).await, merged, "of the best block");
    let unknown = format!("0x{}", "11".repeat(32));
    assert_eq!(node.ok("dag_getMergeset", json!([unknown])).await, Value::Null);
    assert_eq!(node.ok("dag_getBlueScore", json!([unknown])).await, Value::Null);
    let mut height = json!(0);
    let mut seen = Vec::new();
    for expected in [2, 1, 0] {
        let page = node.ok("dag_orderedSince", json!([height, 2])).await;
        let page_blocks = page["blocks"].as_array().unwrap();
        assert_eq!(page_blocks.len(), expected);
        seen.extend(page_blocks.iter().map(|b| (b["hash"].clone(), b["mergedBy"].clone())));
        height = page["next"].clone();
    }
    let pairs = [(genesis, blocks[0]), (blocks[0], blocks[1]), (blocks[1], blocks[2])];
    assert_eq!(seen, pairs.map(|(hash, by)| (json!(hash), json!(by))));
    assert_eq!(node.call("dag_orderedSince", json!([0, 1001])).await.unwrap_err().0, 4002);
}

#[tokio::test]
async fn a_page_of_the_order_looks_at_a_bounded_number_of_heights() {
    let node = node();
    let mut tip = node.chain.genesis_hash();
    for _ in 0..4_100 {
        tip = node.chain.import(tip, 0, &[], &[]);
    }
    node.chain.set_best(tip);
    node.chain.merge_nothing();
    let page = node.ok("dag_orderedSince", json!([0])).await;
    assert_eq!((&page["blocks"], &page["next"]), (&json!([]), &json!(4_096)));
    let page = node.ok("dag_orderedSince", json!([4_096])).await;
    assert_eq!((&page["blocks"], &page["next"]), (&json!([]), &json!(4_101)));
}

#[tokio::test]
async fn new_blocks_and_reorganisations_are_streamed() {
    let node = node();
    let genesis = node.chain.genesis_hash();
    let mut blocks = node.subscribe("dag_subscribeBlocks", json!([])).await.unwrap();
    let mut reorgs = node.subscribe("dag_subscribeReorgs", json!([])).await.unwrap();
    let first = node.chain.extend(&[], &[]);
    let other = node.chain.import(genesis, 5, &[], &[]);
    let tip = node.chain.import(other, 5, &[], &[]);
    node.chain.set_best(tip);
    for block in [first, other, tip] {
        assert_eq!(blocks.next().await["hash"], json!(block));
    }
    let reorg = json!({
        "best": { "hash": tip, "number": 2 }, "retracted": [first], "enacted": [other, tip],
    });
    assert_eq!(reorgs.next().await, reorg, "growth alone is none");
}
