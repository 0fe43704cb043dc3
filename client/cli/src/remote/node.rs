//! JSON-RPC over HTTP.

use anyhow::{Context, Result, bail};
use citrate_api::RuntimeCaller;
use citrate_core::H256;
use codec::Decode;
use serde_json::{Value, json};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(60);
/// LIMIT: bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// A node that answers at a URL.
#[derive(Debug)]
pub(crate) struct Node {
    url: String,
    agent: ureq::Agent,
}

impl Node {
    /// The node at `url`, which need not answer yet. One port serves HTTP and WebSocket: either is understood.
    pub(crate) fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build();
        Self { url: over_http(url), agent: config.into() }
    }

    /// Calls a method.
    pub(crate) fn call(&self, method: &str, params: &Value) -> Result<Value> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut response = self
            .agent
            .post(&self.url)
            .send_json(request)
            .with_context(|| format!("no node answers at {}", self.url))?;
        let mut answer: Value =
            response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_json()?;
        if let Some(error) = answer.get("error") {
            let reason = error["data"].as_str().map(|data| format!(": {data}"));
            let message = error["message"].as_str().unwrap_or("error without a message");
            bail!("{method}: {message}{}", reason.unwrap_or_default());
        }
        Ok(answer["result"].take())
    }

    /// Calls a method whose result is hex.
    pub(crate) fn call_bytes(&self, method: &str, params: &Value) -> Result<Vec<u8>> {
        let result = self.call(method, params)?;
        let text = result.as_str().with_context(|| format!("{method} answered {result}"))?;
        Ok(hex::decode(text.trim_start_matches("0x"))?)
    }

    /// The hash of the block at `number`, or of the best block.
    pub(crate) fn block_hash(&self, number: Option<u32>) -> Result<H256> {
        let bytes = self.call_bytes("chain_getBlockHash", &json!([number]))?;
        Ok(H256::decode(&mut &bytes[..])?)
    }
}

/// The URL by which an address for WebSocket is reached over HTTP.
fn over_http(url: &str) -> String {
    match url.strip_prefix("ws") {
        Some(rest) if rest.starts_with("://") || rest.starts_with("s://") => format!("http{rest}"),
        _ => url.to_owned(),
    }
}

/// Why a call of the runtime gave no result.
#[derive(Debug)]
pub(crate) struct CallError(anyhow::Error);

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for CallError {}

impl RuntimeCaller for Node {
    type Error = CallError;

    fn call(&self, method: &str, data: &[u8]) -> Result<Vec<u8>, CallError> {
        self.call_bytes("state_call", &json!([method, format!("0x{}", hex::encode(data))]))
            .map_err(CallError)
    }
}
