//! `grandpa_*`, over finality in memory.

use super::{FakeChain, KEYS, Node, deps, node};
use crate::server::methods;
use crate::{FinalitySource, RpcConfig};
use citrate_core::{BlockNumber, ed25519};
use citrate_finality::{PhaseVotes, RoundReport, RoundVotes};
use jsonrpsee::core::server::ConnectionId;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::broadcast;

struct Finality {
    report: Mutex<Option<RoundReport>>,
    sender: broadcast::Sender<Vec<u8>>,
}

impl FinalitySource for Finality {
    fn round_state(&self) -> Option<RoundReport> {
        self.report.lock().clone()
    }

    fn prove_finality(&self, number: BlockNumber) -> Result<Option<Vec<u8>>, String> {
        match number {
            0..=9 => Ok(Some(vec![1, 2])),
            10..=19 => Ok(None),
            _ => Err("the disk is gone".into()),
        }
    }

    fn justifications(&self) -> broadcast::Receiver<Vec<u8>> {
        self.sender.subscribe()
    }
}

fn voting() -> (Node, Arc<Finality>) {
    let (sender, _) = broadcast::channel(2);
    let finality = Arc::new(Finality { report: Mutex::default(), sender });
    let chain = FakeChain::new(KEYS);
    let mut deps = deps(&chain);
    deps.finality = Some(finality.clone());
    let pool = deps.pool.clone();
    let mut module = methods(deps, RpcConfig::default());
    module.extensions_mut().insert(ConnectionId(0));
    (Node { chain, pool, module }, finality)
}

#[tokio::test]
async fn a_node_without_finality_says_so() {
    let node = node();
    let expected = (1, "GRANDPA RPC endpoint not ready".to_owned(), Value::Null);
    for (method, params) in
        [("grandpa_roundState", json!([])), ("grandpa_proveFinality", json!([1]))]
    {
        assert_eq!(node.call(method, params).await, Err(expected.clone()), "{method}");
    }
    let refused = node.subscribe("grandpa_subscribeJustifications", json!([])).await;
    assert_eq!(refused.map(|feed| feed.id).unwrap_err(), expected);
}

#[tokio::test]
async fn rounds_are_told_as_by_substrate() {
    let (node, finality) = voting();
    let refused = node.call("grandpa_roundState", json!([])).await.unwrap_err();
    assert_eq!(refused.0, 1, "the voter does not run yet");
    let alice = ed25519::Pair::from_suri("//Alice", None).unwrap().public();
    let votes = |round, missing: Vec<_>| RoundVotes {
        round,
        total_weight: 4,
        threshold_weight: 3,
        prevotes: PhaseVotes { current_weight: 3, missing: missing.clone() },
        precommits: PhaseVotes { current_weight: 0, missing },
    };
    *finality.report.lock() = Some(RoundReport {
        set_id: 2,
        best: votes(8, vec![alice]),
        background: vec![votes(7, vec![])],
    });
    let round = |round: u64, missing: Value| {
        json!({
            "round": round,
            "totalWeight": 4,
            "thresholdWeight": 3,
            "prevotes": { "currentWeight": 3, "missing": missing },
            "precommits": { "currentWeight": 0, "missing": missing },
        })
    };
    let missing = json!(["5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu"]);
    assert_eq!(
        node.ok("grandpa_roundState", json!([])).await,
        json!({ "setId": 2, "best": round(8, missing), "background": [round(7, json!([]))] })
    );
}

#[tokio::test]
async fn proofs_are_bytes_nothing_or_an_error() {
    let (node, _) = voting();
    assert_eq!(node.ok("grandpa_proveFinality", json!([9])).await, "0x0102");
    assert_eq!(node.ok("grandpa_proveFinality", json!([10])).await, Value::Null);
    let (code, message, _) = node.call("grandpa_proveFinality", json!([20])).await.unwrap_err();
    assert_eq!((code, &message[..]), (3, "Prove finality failed: the disk is gone"));
    let large = json!([u64::from(u32::MAX) + 1]);
    assert_eq!(node.call("grandpa_proveFinality", large).await.unwrap_err().0, -32602);
    assert_eq!(node.call("grandpa_proveFinality", json!([])).await.unwrap_err().0, -32602);
}

#[tokio::test]
async fn justifications_are_streamed_and_a_slow_reader_is_dropped() {
    let (node, finality) = voting();
    let mut feed = node.subscribe("grandpa_subscribeJustifications", json!([])).await.unwrap();
    finality.sender.send(vec![7]).unwrap();
    let (name, item) = feed.next_full().await;
    assert_eq!((&name[..], item), ("grandpa_justifications", json!("0x07")));
    // Three wait where two have room, before the task has a chance to read.
    (0..3).for_each(|n| assert!(finality.sender.send(vec![n]).is_ok()));
    let ended = feed.next().await;
    assert!(ended.to_string().contains("too slow"), "{ended}");
}
