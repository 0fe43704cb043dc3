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
const UPLOAD_BYTES_MAX: usize = 7 << 20;

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
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    let json = std::fs::read(card).with_context(|| card.display().to_string())?;
    let card: ModelCard =
        serde_json::from_slice(&json).with_context(|| card.display().to_string())?;
    card.validate().context("the model's card")?;
    ensure!(
        card.bytes == bytes.len() as u64,
        "the card says {} bytes, the file has {}",
        card.bytes,
        bytes.len()
    );
    let model = content_hash(&bytes);
    if bytes.len() <= UPLOAD_BYTES_MAX {
        let upload = json!([format!("0x{}", hex::encode(&bytes))]);
        session.node.call("inference_putArtifact", &upload)?;
    }
    let arguments = (model, &card, Compact(price)).encode();
    let call = session.runtime.call("ModelRegistry", "register", &arguments)?;
    let accepted = session.signer.send(&session.node, &session.runtime, &call)?;
    let name = format!("{} {}", card.name.as_str(), card.version.as_str());
    row("model registered", &format!("{name}, {model:?}, block {}", accepted.number));
    Ok(model)
}
