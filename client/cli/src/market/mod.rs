//! `citrate model`, `provider`, `referee`, `infer`, `attestation` and `demo`: the inference market from the command line.

mod attestation;
mod demo;
mod examples;
mod infer;
mod input;
mod model;
mod provider;
mod referee;

pub(crate) use attestation::{AttestationArgs, execute as attestation};
pub(crate) use demo::execute as demo;
pub(crate) use infer::execute as infer;
pub(crate) use model::{ModelCommand, execute as model};
pub(crate) use provider::execute as provider;
pub(crate) use referee::{RefereeArgs, RefereeCommand, execute as referee};

use crate::remote::{Node, Runtime, Signer};
use anyhow::{Context, Result, bail, ensure};
use citrate_api::inference_api;
use citrate_core::{AccountId32, H256};
use citrate_inference_types::{ModelInfo, ModelStatus, content_hash};
use serde_json::json;

/// Characters of a table's first column.
const NAME_WIDTH: usize = 18;
/// Characters of its second one: a hash with its prefix, and some more.
const VALUE_WIDTH: usize = 78;
/// LIMIT: bytes of a file that goes to the node through RPC.
const UPLOAD_BYTES_MAX: usize = 4 << 20;
/// LIMIT: entries that one listing shows.
const LIST_MAX: u32 = 100;

/// A chain and an account on it.
pub(crate) struct Session {
    pub(crate) node: Node,
    pub(crate) runtime: Runtime,
    pub(crate) signer: Signer,
}

impl Session {
    pub(crate) fn open(url: &str, suri: &str) -> Result<Self> {
        let node = Node::new(url);
        let runtime = Runtime::fetch(&node)?;
        Ok(Self { node, runtime, signer: Signer::new(suri)? })
    }

    /// The model of this hash, or the newest of this name.
    pub(crate) fn find_model(&self, name: &str) -> Result<ModelInfo> {
        self.find(name, |model| (false, model.registered_at))
    }

    /// The model of this hash, or the newest of this name that takes jobs; if none does, the newest.
    pub(crate) fn find_usable(&self, name: &str) -> Result<ModelInfo> {
        self.find(name, |model| (model.status == ModelStatus::Active, model.registered_at))
    }

    fn find(&self, name: &str, better: impl Fn(&ModelInfo) -> (bool, u32)) -> Result<ModelInfo> {
        if let Some(digits) = name.strip_prefix("0x") {
            let mut hash = H256::zero();
            hex::decode_to_slice(digits, hash.as_bytes_mut()).context("the model's hash")?;
            let found = inference_api::model(&self.node, hash)?;
            return found.with_context(|| format!("no model {name} on this chain"));
        }
        let models = inference_api::models(&self.node, None::<H256>, LIST_MAX)?;
        let named = models.into_iter().filter(|model| model.card.name.as_str() == name);
        match named.max_by_key(better) {
            Some(model) => Ok(model),
            None => bail!("no model called {name} on this chain"),
        }
    }

    /// An artifact from the node, which is not trusted to give the right one.
    pub(crate) fn artifact(&self, hash: H256) -> Result<Vec<u8>> {
        let content = self.node.call_bytes("inference_getArtifact", &json!([hash]))?;
        ensure!(content_hash(&content) == hash, "the node gave something else than {hash:?}");
        Ok(content)
    }

    /// Gives the node a file to store; its hash.
    pub(crate) fn upload(&self, content: &[u8]) -> Result<H256> {
        ensure!(
            content.len() <= UPLOAD_BYTES_MAX,
            "larger than the {UPLOAD_BYTES_MAX} bytes that RPC takes"
        );
        let arguments = json!([format!("0x{}", hex::encode(content))]);
        self.node.call("inference_putArtifact", &arguments)?;
        Ok(content_hash(content))
    }
}

/// An account as an argument.
pub(crate) fn account(text: &str) -> Result<AccountId32, String> {
    text.parse().map_err(|_invalid| "not an SS58 address".into())
}

/// `1.5 CIT` for 1,500,000,000,000.
pub(crate) fn tokens(amount: u128) -> String {
    const UNIT: u128 = 1_000_000_000_000;
    let fraction = format!("{:012}", amount % UNIT);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction} CIT", amount / UNIT)
}

/// The head of a table whose lines come one by one.
pub(crate) fn heading() {
    row("step", "what came of it");
    row(&"-".repeat(NAME_WIDTH - 2), &"-".repeat(VALUE_WIDTH));
}

/// A line of a table: a step's name, and what came of it.
pub(crate) fn row(name: &str, value: &str) {
    crate::output::line(&format!("{name:<NAME_WIDTH$}{value}"));
}
