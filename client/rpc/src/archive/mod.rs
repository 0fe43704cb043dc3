//! `archive_v1_*`: blocks of any age, by hash or height.

mod diff;

use std::sync::Arc;

use citrate_core::H256;
use codec::Encode;
use jsonrpsee::core::server::PendingSubscriptionSink;
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{self, Answer};
use crate::feed::{Ended, Feed};
use crate::params::{Args, hex_string};
use crate::query::Query;
use crate::registry::{Policy, Registry};

pub(crate) fn register(registry: &mut Registry) {
    let safe = Policy::Safe;
    registry.method(&["archive_v1_genesisHash"], safe, |context, _| {
        Ok(json!(context.backend.genesis_hash()))
    });
    registry.method(&["archive_v1_finalizedHeight"], safe, |context, _| {
        Ok(json!(context.backend.finalized().number))
    });
    registry.method(&["archive_v1_hashByHeight"], safe, hash_by_height);
    registry.method(&["archive_v1_header"], safe, |context, args| {
        let header = context.backend.header(&args.hash(0, "hash")?)?;
        Ok(header.map_or(Value::Null, |header| json!(hex_string(header.encode()))))
    });
    registry.method(&["archive_v1_body"], safe, |context, args| {
        Ok(json!(context.backend.body(&args.hash(0, "hash")?)?))
    });
    registry.method(&["archive_v1_call"], safe, |context, args| {
        let at = args.hash(0, "hash")?;
        let method = args.string(1, "function")?;
        let data = args.bytes_opt(2, "callParameters")?.unwrap_or_default();
        Ok(match context.backend.call(&at, &method, &data) {
            Ok(value) => json!({ "success": true, "value": hex_string(value) }),
            Err(error) => json!({ "success": false, "error": error.to_string() }),
        })
    });
    registry.subscription(
        &["archive_v1_storage"],
        "archive_v1_storageEvent",
        &["archive_v1_stopStorage"],
        safe,
        storage,
    );
    diff::register(registry);
}

/// The block of the selected chain, and those of other branches above the last final block.
fn hash_by_height(context: &Context, args: &Args) -> Answer {
    let number = args.number(0, "height")?;
    let Ok(number) = u32::try_from(number) else { return Ok(json!([])) };
    let mut hashes: Vec<H256> = context.backend.hash_at(number)?.into_iter().collect();
    for block in context.backend.unfinalized()? {
        if block.number == number && !hashes.contains(&block.hash) {
            hashes.push(block.hash);
        }
    }
    Ok(json!(hashes))
}

async fn storage(
    context: Arc<Context>,
    args: Args,
    pending: PendingSubscriptionSink,
) -> Result<(), Ended> {
    let parse = || {
        let items = args.json(1, "items")?;
        Ok::<_, ErrorObjectOwned>((
            args.hash(0, "hash")?,
            Query::new(items, args.bytes_opt(2, "childTrie")?)?,
        ))
    };
    let (hash, query) = match parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            pending.reject(error).await;
            return Ok(());
        }
    };
    let feed = Feed::accept(pending, &context).await?;
    match send_storage(&context, &feed, hash, query).await {
        Ok(()) => feed.send(&json!({ "event": "storageDone" })).await,
        Err(Ended::Failed(error)) => {
            feed.send(&json!({ "event": "storageError", "error": error.message() })).await
        }
        Err(ended) => Err(ended),
    }
}

async fn send_storage(
    context: &Arc<Context>,
    feed: &Feed,
    hash: H256,
    mut query: Query,
) -> Result<(), Ended> {
    let view = context.run(move |context| context.backend.state_at(&hash)).await?;
    let view = view.map_err(ErrorObjectOwned::from)?;
    let child = query.child().map(hex_string);
    loop {
        let page_view = view.clone();
        let page = context
            .run(move |_| query.next_page(&page_view).map(|page| (page, query)))
            .await?
            .map_err(error::state)?;
        let (items, rest) = page;
        query = rest;
        let Some(items) = items else { return Ok(()) };
        for mut item in items {
            item["event"] = json!("storage");
            if let Some(child) = &child {
                item["childTrieKey"] = json!(child);
            }
            feed.send(&item).await?;
        }
    }
}
