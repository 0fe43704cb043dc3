//! `chain_*`: blocks of the selected chain and their headers.

use std::sync::Arc;

use citrate_core::H256;
use jsonrpsee::core::server::PendingSubscriptionSink;
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{Answer, invalid_params};
use crate::feed::{Ended, Feed};
use crate::params::{Args, number_of};
use crate::registry::{Policy, Registry};
use citrate_chain::ChainEvent;

/// LIMIT: numbers in one `chain_getBlockHash`.
const NUMBERS_MAX: usize = 1024;

pub(crate) fn register(registry: &mut Registry) {
    registry.method(&["chain_getHeader"], Policy::Safe, |context, args| {
        header(context, &context.block_or_best(args.hash_opt(0, "hash")?))
    });
    registry.method(&["chain_getBlock"], Policy::Safe, get_block);
    registry.method(&["chain_getBlockHash", "chain_getHead"], Policy::Safe, get_block_hash);
    registry.method(
        &["chain_getFinalizedHead", "chain_getFinalisedHead"],
        Policy::Safe,
        |context, _| Ok(json!(context.backend.finalized().hash)),
    );
    registry.subscription(
        &["chain_subscribeNewHeads", "chain_subscribeNewHead", "subscribe_newHead"],
        "chain_newHead",
        &["chain_unsubscribeNewHeads", "chain_unsubscribeNewHead", "unsubscribe_newHead"],
        Policy::Safe,
        |context, _, pending| heads(context, pending, Heads::Best),
    );
    registry.subscription(
        &["chain_subscribeFinalizedHeads", "chain_subscribeFinalisedHeads"],
        "chain_finalizedHead",
        &["chain_unsubscribeFinalizedHeads", "chain_unsubscribeFinalisedHeads"],
        Policy::Safe,
        |context, _, pending| heads(context, pending, Heads::Finalized),
    );
    registry.subscription(
        &["chain_subscribeAllHeads"],
        "chain_allHead",
        &["chain_unsubscribeAllHeads"],
        Policy::Safe,
        |context, _, pending| heads(context, pending, Heads::All),
    );
}

fn header(context: &Context, hash: &H256) -> Answer {
    Ok(context.backend.header(hash)?.map_or(Value::Null, |header| json!(header)))
}

fn get_block(context: &Context, args: &Args) -> Answer {
    let hash = context.block_or_best(args.hash_opt(0, "hash")?);
    let Some(header) = context.backend.header(&hash)? else { return Ok(Value::Null) };
    let Some(extrinsics) = context.backend.body(&hash)? else { return Ok(Value::Null) };
    Ok(json!({
        "block": { "header": header, "extrinsics": extrinsics },
        "justifications": null,
    }))
}

fn get_block_hash(context: &Context, args: &Args) -> Answer {
    let at = |value: &Value| -> Answer {
        let number = number_of(value, "number")?;
        // No block has such a number, which is no error.
        let Ok(number) = u32::try_from(number) else { return Ok(Value::Null) };
        Ok(json!(context.backend.hash_at(number)?))
    };
    match args.get(0) {
        None => Ok(json!(context.backend.best().hash)),
        Some(Value::Array(numbers)) if numbers.len() > NUMBERS_MAX => {
            Err(invalid_params(format!("at most {NUMBERS_MAX} numbers")))
        }
        Some(Value::Array(numbers)) => {
            Ok(Value::Array(numbers.iter().map(at).collect::<Result<_, _>>()?))
        }
        Some(number) => at(number),
    }
}

#[derive(Clone, Copy)]
enum Heads {
    Best,
    Finalized,
    All,
}

/// Sends the current head, then those that events bring.
async fn heads(
    context: Arc<Context>,
    pending: PendingSubscriptionSink,
    kind: Heads,
) -> Result<(), Ended> {
    let feed = Feed::accept(pending, &context).await?;
    let mut events = context.backend.subscribe();
    let mut last = match kind {
        Heads::Best | Heads::All => context.backend.best(),
        Heads::Finalized => context.backend.finalized(),
    };
    send_header(&context, &feed, last.hash).await?;
    loop {
        let hashes = match (kind, feed.next_event(&mut events).await?) {
            (Heads::Best, ChainEvent::NewBest { block, .. }) => vec![block.hash],
            (Heads::All, ChainEvent::Imported { hash, .. }) => vec![hash],
            (Heads::Finalized, ChainEvent::Finalized { blocks, .. }) => blocks,
            (
                _,
                ChainEvent::Added { .. }
                | ChainEvent::Imported { .. }
                | ChainEvent::NewBest { .. }
                | ChainEvent::Finalized { .. },
            ) => continue,
        };
        for hash in hashes {
            // An event may tell again of what was current when the subscription began.
            if hash == last.hash {
                continue;
            }
            last.hash = hash;
            send_header(&context, &feed, hash).await?;
        }
    }
}

async fn send_header(context: &Arc<Context>, feed: &Feed, hash: H256) -> Result<(), Ended> {
    let header = context.run(move |context| context.backend.header(&hash)).await?;
    match header.map_err(ErrorObjectOwned::from)? {
        Some(header) => feed.send(&header).await,
        None => Ok(()),
    }
}
