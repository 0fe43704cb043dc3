//! `dag_*`: payloads, and transactions in consensus order.

use std::sync::Arc;

use citrate_chain::{ChainEvent, TxStatus};
use citrate_core::{H256, Header, OpaqueExtrinsic};
use citrate_dag_types::{Colour, DagDigest, Merged};
use jsonrpsee::core::server::PendingSubscriptionSink;
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{Answer, bad_count, validity_reason};
use crate::feed::{Ended, Feed};
use crate::params::{Args, hex_string};
use crate::registry::{Policy, Registry};

/// LIMIT: transactions in one page.
const PAGE_MAX: u64 = 1000;
/// LIMIT: blocks that one page looks through, most of which may be empty.
const PAGE_BLOCKS_MAX: u32 = 4096;
/// LIMIT: bytes of the extrinsics in one page, unless it is a single longer one.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

pub(crate) fn register(registry: &mut Registry) {
    let safe = Policy::Safe;
    registry.method(&["dag_getBlock"], safe, get_block);
    registry.method(&["dag_getPayload"], safe, |context, args| {
        Ok(json!(context.backend.payload(&args.hash(0, "hash")?)?))
    });
    registry.method(&["dag_getTransaction"], safe, get_transaction);
    registry.method(&["dag_acceptedTransactions"], safe, accepted_transactions);
    registry.subscription(
        &["dag_subscribeAcceptedTransactions"],
        "dag_acceptedTransactions",
        &["dag_unsubscribeAcceptedTransactions"],
        safe,
        subscribe_accepted,
    );
}

fn get_block(context: &Context, args: &Args) -> Answer {
    let hash = context.block_or_best(args.hash_opt(0, "hash")?);
    let Some(header) = context.backend.header(&hash)? else { return Ok(Value::Null) };
    let hashes = |extrinsics: Vec<OpaqueExtrinsic>| -> Vec<H256> {
        extrinsics.iter().map(OpaqueExtrinsic::hash).collect()
    };
    let on_selected_chain = context.backend.hash_at(header.number)? == Some(hash);
    Ok(json!({
        "hash": hash,
        "dag": digest(&header),
        "onSelectedChain": on_selected_chain,
        "finalized": on_selected_chain && header.number <= context.backend.finalized().number,
        "payload": context.backend.payload(&hash)?.map(hashes),
        "accepted": context.backend.body(&hash)?.map(hashes),
        "header": header,
    }))
}

pub(crate) fn colour_name(colour: Colour) -> &'static str {
    match colour {
        Colour::Blue => "blue",
        Colour::Red => "red",
    }
}

/// Null for the genesis block and for blocks of other engines' tools.
pub(crate) fn digest(header: &Header) -> Value {
    let Ok(digest) = DagDigest::from_header(header) else { return Value::Null };
    let merged = match &digest.merged {
        Merged::List(blocks) => blocks
            .iter()
            .map(|block| {
                let colour = colour_name(block.colour);
                json!({ "author": block.author, "slot": block.slot.0, "colour": colour })
            })
            .collect(),
        Merged::Hash(hash) => json!(hash),
    };
    json!({
        "slot": digest.slot.0,
        "author": digest.author,
        "selectedParent": header.parent_hash,
        "otherParents": digest.other_parents,
        "blueScore": digest.blue_score,
        "merged": merged,
        "payloadRoot": digest.payload_root,
        "vrfOutput": hex_string(digest.vrf.pre_output),
    })
}

fn get_transaction(context: &Context, args: &Args) -> Answer {
    let hash = args.hash(0, "hash")?;
    let record = context.backend.transaction(&hash)?;
    let Some(record) = record else {
        // It may wait in the pool, where no block has it yet.
        let pooled = context.pool.get(&hash).is_some();
        return Ok(if pooled { json!({ "hash": hash, "status": "pooled" }) } else { Value::Null });
    };
    let (status, reason) = match record.status {
        TxStatus::Pending => ("pending", None),
        TxStatus::Accepted => ("accepted", None),
        TxStatus::Skipped(reason) => ("skipped", Some(validity_reason(reason))),
    };
    Ok(json!({
        "hash": hash,
        "payloadBlock": record.payload_block,
        "acceptingBlock": record.accepting_block,
        "index": record.index,
        "status": status,
        "reason": reason,
    }))
}

/// Accepted transactions in consensus order from (height, index) on, and where to go on.
fn accepted_transactions(context: &Context, args: &Args) -> Answer {
    let from = u32::try_from(args.number(0, "height")?).unwrap_or(u32::MAX);
    let mut first =
        usize::try_from(args.number_opt(1, "index")?.unwrap_or(0)).unwrap_or(usize::MAX);
    let limit = args.number_opt(2, "limit")?.unwrap_or(PAGE_MAX);
    if limit > PAGE_MAX {
        return Err(bad_count(limit, PAGE_MAX));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut transactions, mut bytes) = (Vec::new(), 0);
    let mut number = from;
    'page: while number.saturating_sub(from) < PAGE_BLOCKS_MAX {
        let Some(block) = context.backend.hash_at(number)? else { break };
        let body = context.backend.body(&block)?.unwrap_or_default();
        for (index, extrinsic) in body.iter().enumerate().skip(first) {
            bytes += extrinsic.0.len();
            let is_too_long = bytes > PAGE_BYTES_MAX && !transactions.is_empty();
            if transactions.len() == limit || is_too_long {
                first = index;
                break 'page;
            }
            transactions.push(accepted(context, block, number, index, extrinsic)?);
        }
        first = 0;
        number = number.saturating_add(1);
    }
    Ok(json!({
        "transactions": transactions,
        "next": { "height": number, "index": first },
        "finalizedHeight": context.backend.finalized().number,
    }))
}

/// An extrinsic of the accepted list of a block of the selected chain.
fn accepted(
    context: &Context,
    block: H256,
    number: u32,
    index: usize,
    extrinsic: &OpaqueExtrinsic,
) -> Answer {
    let hash = extrinsic.hash();
    let record = context.backend.transaction(&hash)?;
    Ok(json!({
        "hash": hash,
        "acceptingBlock": block,
        "number": number,
        "index": index,
        // Inherents are in no payload.
        "payloadBlock": record.map(|record| record.payload_block),
        "extrinsic": extrinsic,
    }))
}

/// From the current best block on: `accepted` per block of the selected chain, parents first;
/// `retracted` when one leaves it; `finalized` when it can no longer leave. An event has one block's
/// accepted list, whose bytes the runtime limits.
async fn subscribe_accepted(
    context: Arc<Context>,
    _args: Args,
    pending: PendingSubscriptionSink,
) -> Result<(), Ended> {
    let feed = Feed::accept(pending, &context).await?;
    let mut events = context.backend.subscribe();
    loop {
        match feed.next_event(&mut events).await? {
            ChainEvent::NewBest { retracted, enacted, .. } => {
                for block in retracted {
                    feed.send(&json!({ "event": "retracted", "block": block })).await?;
                }
                for block in enacted {
                    let event = move |context: &Context| -> Result<_, ErrorObjectOwned> {
                        let Some(header) = context.backend.header(&block)? else { return Ok(None) };
                        let body = context.backend.body(&block)?.unwrap_or_default();
                        let items = body.iter().enumerate().map(|(index, extrinsic)| {
                            accepted(context, block, header.number, index, extrinsic)
                        });
                        let transactions = items.collect::<Result<Vec<_>, _>>()?;
                        Ok(Some(json!({
                            "event": "accepted",
                            "block": block,
                            "number": header.number,
                            "transactions": transactions,
                        })))
                    };
                    if let Some(event) = context.run(event).await?? {
                        feed.send(&event).await?;
                    }
                }
            }
            ChainEvent::Finalized { blocks, .. } => {
                feed.send(&json!({ "event": "finalized", "blocks": blocks })).await?;
            }
            ChainEvent::Added { .. } | ChainEvent::Imported { .. } => {}
        }
    }
}
