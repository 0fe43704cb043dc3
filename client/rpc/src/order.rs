//! `dag_*`: the blocks of the DAG and their order.

use std::sync::Arc;

use citrate_chain::{ChainEvent, MergedInfo};
use citrate_core::H256;
use citrate_dag_types::DagDigest;
use jsonrpsee::core::server::PendingSubscriptionSink;
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};

use crate::context::Context;
use crate::dag::{colour_name, digest};
use crate::error::{Answer, bad_count};
use crate::feed::{Ended, Feed};
use crate::params::Args;
use crate::registry::{Policy, Registry};

/// LIMIT: blocks in one page, but that what one chain block merges is never split.
const PAGE_MAX: u64 = 1000;
/// LIMIT: heights that one page looks at. Each has a block at least, its selected parent, but genesis.
const PAGE_HEIGHTS_MAX: u32 = 4096;

pub(crate) fn register(registry: &mut Registry) {
    let safe = Policy::Safe;
    registry.method(&["dag_getTips", "dag_tips"], safe, |context, _| {
        let mut tips = Vec::new();
        for hash in context.backend.tips() {
            let number = context.backend.header(&hash)?.map(|header| header.number);
            tips.push(json!({ "hash": hash, "number": number }));
        }
        Ok(tips.into())
    });
    registry.method(&["dag_getMergeset"], safe, |context, args| {
        let hash = context.block_or_best(args.hash_opt(0, "hash")?);
        let mergeset = context.backend.mergeset(&hash)?;
        Ok(mergeset.map_or(Value::Null, |merged| merged.iter().map(merged_block).collect()))
    });
    registry.method(&["dag_getBlueScore"], safe, |context, args| {
        let hash = context.block_or_best(args.hash_opt(0, "hash")?);
        let Some(header) = context.backend.header(&hash)? else { return Ok(Value::Null) };
        Ok(json!(DagDigest::from_header(&header).map_or(0, |digest| digest.blue_score)))
    });
    registry.method(&["dag_orderedSince"], safe, ordered_since);
    registry.subscription(
        &["dag_subscribeBlocks"],
        "dag_block",
        &["dag_unsubscribeBlocks"],
        safe,
        subscribe_blocks,
    );
    registry.subscription(
        &["dag_subscribeReorgs"],
        "dag_reorg",
        &["dag_unsubscribeReorgs"],
        safe,
        subscribe_reorgs,
    );
}

fn merged_block(block: &MergedInfo) -> Value {
    json!({
        "hash": block.hash,
        "colour": block.colour.map(colour_name),
        "executed": block.is_executed,
    })
}

/// The blocks of the DAG in consensus order, from what the selected chain's block of a height merges
/// on, and the height to go on at. Only what is final stays as it is.
fn ordered_since(context: &Context, args: &Args) -> Answer {
    let from = u32::try_from(args.number(0, "height")?).unwrap_or(u32::MAX);
    let limit = args.number_opt(1, "limit")?.unwrap_or(PAGE_MAX);
    if limit > PAGE_MAX {
        return Err(bad_count(limit, PAGE_MAX));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut blocks: Vec<Value> = Vec::new();
    let mut height = from;
    while height.saturating_sub(from) < PAGE_HEIGHTS_MAX {
        let Some(chain_block) = context.backend.hash_at(height)? else { break };
        let merged = context.backend.mergeset(&chain_block)?.unwrap_or_default();
        if !blocks.is_empty() && blocks.len().saturating_add(merged.len()) > limit {
            break;
        }
        for block in &merged {
            let mut item = merged_block(block);
            item["mergedBy"] = json!(chain_block);
            item["height"] = json!(height);
            blocks.push(item);
        }
        height = height.saturating_add(1);
        if blocks.len() >= limit {
            break;
        }
    }
    Ok(json!({
        "blocks": blocks,
        "next": height,
        "finalizedHeight": context.backend.finalized().number,
    }))
}

/// Every block that comes into the DAG from now on, executed or not.
async fn subscribe_blocks(
    context: Arc<Context>,
    _args: Args,
    pending: PendingSubscriptionSink,
) -> Result<(), Ended> {
    let feed = Feed::accept(pending, &context).await?;
    let mut events = context.backend.subscribe();
    loop {
        let ChainEvent::Added { hash } = feed.next_event(&mut events).await? else { continue };
        let event = move |context: &Context| -> Result<_, ErrorObjectOwned> {
            let Some(header) = context.backend.header(&hash)? else { return Ok(None) };
            let dag = digest(&header);
            Ok(Some(json!({ "hash": hash, "number": header.number, "dag": dag })))
        };
        if let Some(event) = context.run(event).await?? {
            feed.send(&event).await?;
        }
    }
}

/// Each time that blocks leave the selected chain: which, newest first, and which came instead.
async fn subscribe_reorgs(
    context: Arc<Context>,
    _args: Args,
    pending: PendingSubscriptionSink,
) -> Result<(), Ended> {
    let feed = Feed::accept(pending, &context).await?;
    let mut events = context.backend.subscribe();
    loop {
        let event = feed.next_event(&mut events).await?;
        let ChainEvent::NewBest { block, retracted, enacted } = event else { continue };
        if retracted.is_empty() {
            continue;
        }
        let best: (H256, u32) = (block.hash, block.number);
        feed.send(&json!({
            "best": { "hash": best.0, "number": best.1 },
            "retracted": retracted,
            "enacted": enacted,
        }))
        .await?;
    }
}
