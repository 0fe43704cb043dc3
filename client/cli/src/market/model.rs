//! `citrate model`.

use super::{LIST_MAX, Session, row, tokens};
use crate::args::{ModelCommand, RemoteArgs};
use anyhow::{Context, Result, ensure};
use citrate_api::inference_api;
use citrate_core::H256;
use citrate_inference_types::{ModelCard, content_hash};
use codec::{Compact, Encode};
use serde_json::json;
use std::path::Path;

/// LIMIT: bytes of a model that goes to the node through RPC.
const UPLOAD_BYTES_MAX: usize = 4 << 20;

pub(crate) fn execute(remote: &RemoteArgs, command: ModelCommand) -> Result<()> {
    let session = Session::open(&remote.node, &remote.signer)?;
    match command {
        ModelCommand::Register { file, card, price } => {
            register(&session, &file, &card, price)?;
        }
        ModelCommand::Ls => {
            for model in inference_api::models(&session.node, None::<H256>, LIST_MAX)? {
                let card = &model.card;
                let about = format!(
                    "{} {}  {}  {:?}",
                    card.name.as_str(),
                    card.version.as_str(),
                    tokens(model.price),
                    model.status
                );
                row(&format!("{:?}", model.hash), &format!("  {about}"));
            }
        }
    }
    Ok(())
}

/// Gives the node the file and registers it; returns the model's hash.
pub(crate) fn register(session: &Session, file: &Path, card: &Path, price: u128) -> Result<H256> {
    let json = std::fs::read(card).with_context(|| card.display().to_string())?;
    let card: ModelCard =
        serde_json::from_slice(&json).with_context(|| card.display().to_string())?;
    card.validate().context("the model's card")?;
    let about = || file.display().to_string();
    let length = std::fs::metadata(file).with_context(about)?.len();
    ensure!(card.bytes == length, "the card says {} bytes, the file has {length}", card.bytes);
    let bytes = std::fs::read(file).with_context(about)?;
    let model = content_hash(&bytes);
    if let Err(reason) = upload(session, &bytes) {
        row("model not stored", &format!("{reason:#}"));
        row("", "store it with `citrate artifact add` on every machine that serves it");
    }
    let arguments = (model, &card, Compact(price)).encode();
    let call = session.runtime.call("ModelRegistry", "register", &arguments)?;
    let accepted = session.signer.send(&session.node, &session.runtime, &call)?;
    registered(&card, &model, accepted.number);
    Ok(model)
}

/// Gives the node a model's file.
fn upload(session: &Session, file: &[u8]) -> Result<()> {
    ensure!(
        file.len() <= UPLOAD_BYTES_MAX,
        "larger than the {UPLOAD_BYTES_MAX} bytes that RPC takes"
    );
    let content = json!([format!("0x{}", hex::encode(file))]);
    session.node.call("inference_putArtifact", &content).map(drop)
}

/// Tells of a registered model.
pub(super) fn registered(card: &ModelCard, hash: &H256, block: u32) {
    let (name, version, bytes) = (&card.name, &card.version, card.bytes);
    row("model registered", &format!("{name} {version}, {bytes} bytes, block {block}"));
    row("", &format!("{hash:?}"));
}
