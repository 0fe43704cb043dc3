//! JSON-RPC: lines of text, each a request, on a chain with a few blocks.
//!
//! A line that begins with `{` is a whole request; any other is a method's name and its parameters in JSON. `$block`,
//! `$extrinsic` and `$subscription` stand for what cannot be written down beforehand. Each request gets one answer, an
//! answer is JSON-RPC's, nothing of ours fails inside, and no method moves the chain.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use citrate_chain::Chain;
use citrate_chain::testing::{block, open, transfer};
use citrate_core::H256;
use citrate_db::DbConfig;
use citrate_inference_types::content_hash;
use citrate_keystore::LocalKeystore;
use citrate_rpc::{
    ArtifactError, ArtifactSource, ArtifactState, ChainInfo, LocalRpc, MethodPolicy, RpcConfig,
    RpcDeps,
};
use citrate_txpool::{PoolConfig, TxPool};
use serde_json::{Value, json};

use crate::Outcome;

/// LIMIT: requests of one input.
const REQUESTS_MAX: usize = 8;
/// What the server says when something inside has panicked.
const PANICKED: &str = "Internal error: the call failed";

#[derive(Default)]
struct Artifacts(Mutex<BTreeMap<H256, Vec<u8>>>);

impl ArtifactSource for Artifacts {
    fn get(&self, hash: &H256, bytes_max: usize) -> Result<Option<Vec<u8>>, ArtifactError> {
        let stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match stored.get(hash) {
            Some(content) if content.len() > bytes_max => Err(ArtifactError("too long".into())),
            found => Ok(found.cloned()),
        }
    }

    fn put(&self, content: &[u8]) -> Result<H256, ArtifactError> {
        let hash = content_hash(content);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(hash, content.to_vec());
        Ok(hash)
    }

    fn fetch(&self, _: &H256, _: u64) -> Result<(), ArtifactError> {
        Err(ArtifactError("no network".into()))
    }

    fn state(&self, hash: &H256) -> Result<ArtifactState, ArtifactError> {
        let stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = stored.get(hash).map(|content| content.len() as u64);
        Ok(found.map_or(ArtifactState::Absent, |bytes| ArtifactState::Stored { bytes }))
    }
}

/// A chain of a few blocks. Requests do not move it, so that all inputs share it.
fn chain() -> Arc<Chain> {
    static CHAIN: OnceLock<Arc<Chain>> = OnceLock::new();
    let chain = CHAIN.get_or_init(|| {
        let chain = open(&DbConfig::in_memory()).expect("a chain in memory");
        for slot in 1..6 {
            let nonce = u32::try_from(slot - 1).unwrap_or_default();
            let payload = vec![transfer(0, 1, nonce, 5), transfer(9, 1, 0, 5)];
            let block =
                block(&chain, chain.best().hash, slot, payload).expect("a block on the tip");
            chain.import(block).expect("it was built just now");
        }
        chain
    });
    chain.clone()
}

fn rpc() -> LocalRpc {
    let chain = chain();
    let pool = TxPool::new(chain.clone(), PoolConfig::default());
    let properties = json!({ "ss58Format": 42, "tokenDecimals": 12, "tokenSymbol": "CIT" });
    let info = ChainInfo {
        chain_name: "Fuzz".into(),
        chain_type: json!("Development"),
        properties: properties.as_object().cloned().unwrap_or_default(),
        impl_name: "fuzz".into(),
        impl_version: "0".into(),
        node_roles: vec!["Full".into()],
        local_peer_id: "nobody".into(),
        should_have_peers: false,
    };
    let keystore = Arc::new(LocalKeystore::in_memory());
    let deps = RpcDeps::new(chain, pool, keystore, Arc::new(Artifacts::default()), info);
    let config = RpcConfig { methods: MethodPolicy::Unsafe, ..RpcConfig::default() };
    LocalRpc::new(deps, config)
}

pub(crate) fn run(bytes: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(bytes);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime of one thread");
    let before = (chain().best(), chain().finalized());
    let answered = runtime.block_on(answer(&text));
    assert_eq!((chain().best(), chain().finalized()), before, "a request moves the chain");
    Outcome::taken(answered)
}

/// Asks line by line, and says whether one of them was answered with a result.
async fn answer(text: &str) -> bool {
    let rpc = rpc();
    // A subscription lives as long as its answer.
    let mut answers = Vec::new();
    let mut subscription = String::new();
    let mut answered = false;
    for line in text.lines().take(REQUESTS_MAX) {
        let line = filled_in(line, &subscription);
        let request = match line.split_once(' ') {
            _ if line.starts_with('{') => line.clone(),
            Some((method, params)) => request(method, params),
            None => request(&line, "[]"),
        };
        let Ok(answer) = rpc.request(&request).await else { continue };
        let response: Value = serde_json::from_str(&answer.text).expect("an answer is JSON");
        let (result, error) = (response.get("result"), response.get("error"));
        assert!(result.is_some() != error.is_some(), "{response} to {request}");
        assert_eq!(response.get("jsonrpc"), Some(&json!("2.0")), "{response}");
        if let Some(error) = error {
            assert!(error.get("code").is_some_and(Value::is_i64), "{response}");
            let message = error.get("message").and_then(Value::as_str);
            assert!(message.is_some_and(|text| text != PANICKED), "{response} to {request}");
        }
        answered |= result.is_some();
        if let Some(Value::String(id)) = result {
            subscription.clone_from(id);
        } else if let Some(Value::Number(id)) = result {
            subscription = id.to_string();
        }
        answers.push(answer);
    }
    answered
}

fn request(method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":{},"params":{params}}}"#, json!(method))
}

fn filled_in(line: &str, subscription: &str) -> String {
    if !line.contains('$') {
        return line.to_owned();
    }
    let hash = format!("{:?}", chain().best().hash);
    let extrinsic = json!(transfer(0, 1, 9, 5));
    line.replace("$block", &hash)
        .replace("$extrinsic", extrinsic.as_str().unwrap_or_default())
        .replace("$subscription", subscription)
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds: Vec<(String, Vec<u8>)> = [
        ("ok-chain", "chain_getHeader\nchain_getBlock [\"$block\"]\nchain_getBlockHash [[0, \"0x1\", 99]]"),
        ("ok-storage", "state_getStorage [\"0x3a636f6465\"]\nstate_getKeysPaged [\"0x\", 3, \"0x\", \"$block\"]\nstate_getPairs [\"0x62\"]"),
        ("ok-proof", "state_getReadProof [[\"0x3a636f6465\", \"0x01\"], \"$block\"]\nstate_queryStorageAt [[\"0x3a636f6465\"]]"),
        ("ok-call", "state_call [\"AccountNonceApi_account_nonce\", \"0x00\"]\nstate_call [\"DagApi_configuration\", \"0x\", \"$block\"]"),
        ("ok-submit", "author_submitExtrinsic [\"$extrinsic\"]\nauthor_pendingExtrinsics\nauthor_removeExtrinsic [[{\"extrinsic\":\"$extrinsic\"}]]"),
        ("ok-watch", "author_submitAndWatchExtrinsic [\"$extrinsic\"]\nauthor_unwatchExtrinsic [\"$subscription\"]"),
        ("ok-follow", "chainHead_v1_follow [true]\nchainHead_v1_header [\"$subscription\", \"$block\"]\nchainHead_v1_unfollow [\"$subscription\"]"),
        ("ok-head-storage", "chainHead_v1_follow [false]\nchainHead_v1_storage [\"$subscription\", \"$block\", [{\"key\":\"0x62\",\"type\":\"descendantsValues\"}], null]"),
        ("ok-head-call", "chainHead_v1_follow [false]\nchainHead_v1_call [\"$subscription\", \"$block\", \"Core_version\", \"0x\"]"),
        ("ok-archive", "archive_v1_hashByHeight [3]\narchive_v1_header [\"$block\"]\narchive_v1_storage [\"$block\", [{\"key\":\"0x62\",\"type\":\"hash\"}]]"),
        ("ok-dag", "dag_tips\ndag_getBlock [\"$block\"]\ndag_getPayload [\"$block\"]\ndag_acceptedTransactions [0]\ndag_acceptedTransactions [4294967295, 1000]"),
        ("ok-artifact", "inference_putArtifact [\"0x0102\"]\ninference_getArtifact [\"$subscription\"]"),
        ("ok-keys", "author_rotateKeys\nauthor_insertKey [\"gran\", \"//Alice\", \"0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee\"]\nauthor_hasKey [\"0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee\", \"gran\"]"),
        ("ok-offchain", "offchain_localStorageSet [\"PERSISTENT\", \"0x01\", \"0x02\"]\noffchain_localStorageGet [\"PERSISTENT\", \"0x01\"]"),
        ("no-request", "{\"jsonrpc\":\"2.0\""),
        ("no-method", "no_such [1]"),
        ("bad-params", "state_getStorage [\"0x1\"]\nchain_getBlock [{}]\nstate_getKeysPaged [\"0x\", -1]"),
        ("deep", "state_call [[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]"),
    ]
    .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
    .to_vec();
    // Every method with no parameter, and with one.
    for names in rpc().method_names().chunks(REQUESTS_MAX / 2) {
        let lines: Vec<String> = names
            .iter()
            .flat_map(|name| [(*name).to_owned(), format!("{name} [\"$block\"]")])
            .collect();
        let first = names.first().copied().unwrap_or_default();
        seeds.push((format!("from-{first}"), lines.join("\n").into_bytes()));
    }
    seeds
}
