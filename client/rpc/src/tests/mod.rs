mod finality;
mod head;
mod legacy;
mod ours;
mod real;
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use citrate_core::{H256, OpaqueExtrinsic};
use citrate_keystore::LocalKeystore;
use citrate_txpool::{PoolConfig, TxPool};
use codec::Encode;
use jsonrpsee::RpcModule;
use jsonrpsee::core::server::ConnectionId;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::backend::fake::FakeChain;
use crate::context::Context;
use crate::deps::{ArtifactError, ArtifactSource, ArtifactState, ChainInfo, NoNetwork};
use crate::params::hex_string;
use crate::server::methods;
use crate::{MethodPolicy, RpcConfig, RpcDeps};

const KEYS: &[(&[u8], &[u8])] = &[(b"a", b"1"), (b"ab", b"22"), (b"abc", b"333"), (b"b", b"4")];

#[derive(Default)]
struct MemoryArtifacts(Mutex<BTreeMap<H256, Vec<u8>>>);

impl ArtifactSource for MemoryArtifacts {
    fn get(&self, hash: &H256, bytes_max: usize) -> Result<Option<Vec<u8>>, ArtifactError> {
        let found = self.0.lock().get(hash).cloned();
        match found {
            Some(content) if content.len() > bytes_max => Err(ArtifactError("too long".into())),
            found => Ok(found),
        }
    }

    fn put(&self, content: &[u8]) -> Result<H256, ArtifactError> {
        let hash = citrate_inference_types::content_hash(content);
        self.0.lock().insert(hash, content.to_vec());
        Ok(hash)
    }

    /// Others have what begins with a zero, and what is longer than a hundred bytes too.
    fn fetch(&self, hash: &H256, bytes_max: u64) -> Result<(), ArtifactError> {
        match hash.0[0] {
            0 if bytes_max >= 100 => {
                self.0.lock().insert(*hash, vec![7; 100]);
                Ok(())
            }
            0 => Err(ArtifactError("too long".into())),
            _ => Ok(()),
        }
    }

    fn state(&self, hash: &H256) -> Result<ArtifactState, ArtifactError> {
        Ok(match (self.0.lock().get(hash), hash.0[0]) {
            (Some(content), _) => ArtifactState::Stored { bytes: content.len() as u64 },
            (None, 1) => ArtifactState::Fetching { bytes: 3, bytes_total: Some(9) },
            (None, 2) => ArtifactState::Failed { reason: "no peer has it".into() },
            _ => ArtifactState::Absent,
        })
    }
}

struct Node {
    chain: Arc<FakeChain>,
    pool: Arc<TxPool>,
    module: RpcModule<Context>,
}

type Failure = (i64, String, Value);

fn deps(chain: &Arc<FakeChain>) -> RpcDeps {
    let properties = json!({ "ss58Format": 42, "tokenDecimals": 12, "tokenSymbol": "CIT" });
    RpcDeps {
        backend: chain.clone(),
        pool: TxPool::new(chain.clone(), PoolConfig::default()),
        keystore: Arc::new(LocalKeystore::in_memory()),
        artifacts: Arc::new(MemoryArtifacts::default()),
        network: Arc::new(NoNetwork),
        info: ChainInfo {
            chain_name: "Development".to_owned(),
            chain_type: json!("Development"),
            properties: properties.as_object().unwrap().clone(),
            impl_name: "Citrate Node".to_owned(),
            impl_version: "0.1.0".to_owned(),
            node_roles: vec!["Authority".to_owned()],
            local_peer_id: "peer".to_owned(),
            should_have_peers: false,
        },
        finality: None,
    }
}

fn node_with(config: RpcConfig) -> Node {
    let chain = FakeChain::new(KEYS);
    let deps = deps(&chain);
    let pool = deps.pool.clone();
    let mut module = methods(deps, config);
    module.extensions_mut().insert(ConnectionId(0));
    Node { chain, pool, module }
}

fn node() -> Node {
    node_with(RpcConfig { methods: MethodPolicy::Unsafe, ..RpcConfig::default() })
}

fn response(text: &str) -> Result<Value, Failure> {
    let response: Value = serde_json::from_str(text).unwrap();
    match response.get("error") {
        None => Ok(response["result"].clone()),
        Some(error) => Err((
            error["code"].as_i64().unwrap(),
            error["message"].as_str().unwrap().to_owned(),
            error["data"].clone(),
        )),
    }
}

impl Node {
    async fn call(&self, method: &str, params: Value) -> Result<Value, Failure> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let (text, _) = self.module.raw_json_request(&request.to_string(), 64).await.unwrap();
        response(text.get())
    }

    async fn ok(&self, method: &str, params: Value) -> Value {
        self.call(method, params).await.unwrap_or_else(|error| panic!("{method}: {error:?}"))
    }

    async fn subscribe(&self, method: &str, params: Value) -> Result<Feed, Failure> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let (text, events) =
            self.module.raw_json_request(&request.to_string(), 1024).await.unwrap();
        response(text.get()).map(|id| Feed { id, events })
    }
}

struct Feed {
    id: Value,
    events: mpsc::Receiver<Box<serde_json::value::RawValue>>,
}

impl Feed {
    /// The next notification: its name and what it carries.
    async fn next_full(&mut self) -> (String, Value) {
        let message = tokio::time::timeout(Duration::from_secs(10), self.events.recv());
        let text = message.await.expect("a notification within ten seconds").expect("open");
        let message: Value = serde_json::from_str(text.get()).unwrap();
        assert_eq!(message["params"]["subscription"], self.id);
        let name = message["method"].as_str().unwrap().to_owned();
        let params = &message["params"];
        (name, params.get("result").or(params.get("error")).unwrap().clone())
    }

    async fn next(&mut self) -> Value {
        self.next_full().await.1
    }

    /// The subscription's id as the methods take it.
    fn id(&self) -> Value {
        match &self.id {
            Value::String(id) => json!(id),
            other => json!(other.to_string()),
        }
    }
}

/// An extrinsic whose first byte tells the fake chain what to think of it.
fn extrinsic(bytes: &[u8]) -> OpaqueExtrinsic {
    OpaqueExtrinsic(bytes.to_vec())
}

fn wire(bytes: &[u8]) -> Value {
    json!(hex_string(extrinsic(bytes).encode()))
}
