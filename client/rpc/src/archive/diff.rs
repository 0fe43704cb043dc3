//! `archive_v1_storageDiff`: what a block changed.

use std::sync::Arc;

use citrate_core::{H256, hashing::blake2_256, well_known_keys::DEFAULT_CHILD_STORAGE_KEY_PREFIX};
use citrate_trie::{StateView, TrieError};
use jsonrpsee::core::server::PendingSubscriptionSink;
use jsonrpsee::types::ErrorObjectOwned;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{self, invalid_params};
use crate::feed::{Ended, Feed};
use crate::params::{Args, decode_hex, hex_string};
use crate::query::ITEMS_MAX;
use crate::registry::{Policy, Registry};

/// Keys that one step compares.
const STEP_KEYS: usize = 256;

pub(super) fn register(registry: &mut Registry) {
    registry.subscription(
        &["archive_v1_storageDiff"],
        "archive_v1_storageDiffEvent",
        &["archive_v1_storageDiff_stopStorageDiff"],
        Policy::Safe,
        run,
    );
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ReturnType {
    Value,
    Hash,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemParam {
    key: String,
    return_type: ReturnType,
    #[serde(default)]
    child_trie_key: Option<String>,
}

/// A prefix to compare, and how far it has come.
#[derive(Clone, Debug)]
struct Item {
    prefix: Vec<u8>,
    child: Option<Vec<u8>>,
    returns: ReturnType,
    after: Option<Vec<u8>>,
}

impl Item {
    fn parse(param: &ItemParam) -> Result<Self, ErrorObjectOwned> {
        let hex = |text: &str| decode_hex(text).map_err(invalid_params);
        let child = param.child_trie_key.as_deref().map(hex).transpose()?;
        let bare = |key: Vec<u8>| {
            key.strip_prefix(DEFAULT_CHILD_STORAGE_KEY_PREFIX).map(<[u8]>::to_vec).unwrap_or(key)
        };
        Ok(Self {
            prefix: hex(&param.key)?,
            child: child.map(bare),
            returns: param.return_type,
            after: None,
        })
    }

    fn keys(&self, state: &StateView) -> Result<Vec<Vec<u8>>, TrieError> {
        let after = self.after.as_deref();
        match &self.child {
            Some(child) => state.child_keys_with_prefix(child, &self.prefix, after, STEP_KEYS),
            None => state.keys_with_prefix(&self.prefix, after, STEP_KEYS),
        }
    }

    fn value(&self, state: &StateView, key: &[u8]) -> Result<Option<Vec<u8>>, TrieError> {
        match &self.child {
            Some(child) => state.child_get(child, key),
            None => state.get(key),
        }
    }

    /// The next changes; `None` when the prefix is done.
    fn step(&mut self, new: &StateView, old: &StateView) -> Result<Option<Vec<Value>>, TrieError> {
        let mut keys = self.keys(new)?;
        keys.extend(self.keys(old)?);
        keys.sort_unstable();
        keys.dedup();
        // Beyond this many, one of the two lists may be incomplete.
        keys.truncate(STEP_KEYS);
        let Some(last) = keys.last().cloned() else { return Ok(None) };
        let mut changes = Vec::new();
        for key in &keys {
            let (old, new) = (self.value(old, key)?, self.value(new, key)?);
            if old == new {
                continue;
            }
            let kind = match (&old, &new) {
                (None, _) => "added",
                (Some(_), Some(_)) => "modified",
                (Some(_), None) => "deleted",
            };
            let mut change =
                json!({ "event": "storageDiff", "key": hex_string(key), "type": kind });
            if let Some(value) = new {
                match self.returns {
                    ReturnType::Value => change["value"] = json!(hex_string(value)),
                    ReturnType::Hash => change["hash"] = json!(hex_string(blake2_256(&value))),
                }
            }
            if let Some(child) = &self.child {
                change["childTrieKey"] = json!(hex_string(child));
            }
            changes.push(change);
        }
        self.after = Some(last);
        Ok(Some(changes))
    }
}

async fn run(
    context: Arc<Context>,
    args: Args,
    pending: PendingSubscriptionSink,
) -> Result<(), Ended> {
    let parse = || {
        let items: Vec<ItemParam> = args.json(1, "items")?;
        if items.len() > ITEMS_MAX {
            return Err(invalid_params(format!("at most {ITEMS_MAX} items")));
        }
        let items = items.iter().map(Item::parse).collect::<Result<Vec<_>, _>>()?;
        Ok((args.hash(0, "hash")?, items, args.hash_opt(2, "previousHash")?))
    };
    let (hash, items, previous) = match parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            pending.reject(error).await;
            return Ok(());
        }
    };
    let feed = Feed::accept(pending, &context).await?;
    match send(&context, &feed, hash, items, previous).await {
        Ok(()) => feed.send(&json!({ "event": "storageDiffDone" })).await,
        Err(Ended::Failed(error)) => {
            feed.send(&json!({ "event": "storageDiffError", "error": error.message() })).await
        }
        Err(ended) => Err(ended),
    }
}

async fn send(
    context: &Arc<Context>,
    feed: &Feed,
    hash: H256,
    items: Vec<Item>,
    previous: Option<H256>,
) -> Result<(), Ended> {
    let views = move |context: &Context| -> Result<_, ErrorObjectOwned> {
        let previous = match previous {
            Some(previous) => previous,
            None => context
                .backend
                .header(&hash)?
                .filter(|header| header.number > 0)
                .map(|header| header.parent_hash)
                .ok_or_else(|| invalid_params("the block has no parent to compare with"))?,
        };
        Ok((context.backend.state_at(&hash)?, context.backend.state_at(&previous)?))
    };
    let (new, old) = context.run(views).await??;
    for mut item in items {
        loop {
            let (new, old) = (new.clone(), old.clone());
            let (changes, rest) = context
                .run(move |_| item.step(&new, &old).map(|changes| (changes, item)))
                .await?
                .map_err(error::state)?;
            item = rest;
            let Some(changes) = changes else { break };
            for change in changes {
                feed.send(&change).await?;
            }
        }
    }
    Ok(())
}
