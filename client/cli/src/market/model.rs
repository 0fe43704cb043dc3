//! `citrate model`.

use super::{LIST_MAX, Session, row, tokens};
use crate::args::{ModelCommand, RemoteArgs};
use anyhow::{Context, Result, ensure};
use citrate_api::inference_api;
use citrate_core::H256;
use citrate_inference_types::{ModelCard, content_hash};
use codec::{Compact, Encode};
use std::path::{Path, PathBuf};

pub(crate) fn execute(remote: &RemoteArgs, command: ModelCommand) -> Result<()> {
    let session = Session::open(&remote.node, &remote.signer)?;
    match command {
        ModelCommand::Register { file, card, price, asset } => {
            register(&session, &file, &card, price)?;
            assets(&session, &card, &asset)?;
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
    let card = read(card)?;
    card.validate().context("the model's card")?;
    let about = || file.display().to_string();
    let length = std::fs::metadata(file).with_context(about)?.len();
    ensure!(card.bytes == length, "the card says {} bytes, the file has {length}", card.bytes);
    let bytes = std::fs::read(file).with_context(about)?;
    let model = content_hash(&bytes);
    if let Err(reason) = session.upload(&bytes) {
        row("model not stored", &format!("{reason:#}"));
        row("", "store it with `citrate artifact add` on every machine that serves it");
    }
    let arguments = (model, &card, Compact(price)).encode();
    let call = session.runtime.call("ModelRegistry", "register", &arguments)?;
    let accepted = session.signer.send(&session.node, &session.runtime, &call)?;
    registered(&card, &model, accepted.number);
    Ok(model)
}

/// Gives the node files that the card names.
fn assets(session: &Session, card: &Path, files: &[PathBuf]) -> Result<()> {
    for path in files {
        let about = || path.display().to_string();
        let bytes = std::fs::read(path).with_context(about)?;
        let hash = content_hash(&bytes);
        let card = read(card)?;
        let named = card.assets.iter().find(|asset| asset.hash == hash);
        let named = named.with_context(|| format!("{}: the card names no such file", about()))?;
        session.upload(&bytes).with_context(about)?;
        row("asset stored", &format!("{}, {} bytes", named.name, bytes.len()));
    }
    Ok(())
}

/// A card from its file.
fn read(card: &Path) -> Result<ModelCard> {
    let about = || card.display().to_string();
    let json = std::fs::read(card).with_context(about)?;
    serde_json::from_slice(&json).with_context(about)
}

/// Tells of a registered model.
pub(super) fn registered(card: &ModelCard, hash: &H256, block: u32) {
    let (name, version, bytes) = (&card.name, &card.version, card.bytes);
    row("model registered", &format!("{name} {version}, {bytes} bytes, block {block}"));
    row("", &format!("{hash:?}"));
}
