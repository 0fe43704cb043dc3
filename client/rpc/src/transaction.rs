//! `transaction_v1_*` and `transactionWatch_v1_*`: sending transactions, the new spec's way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use citrate_chain::ChainEvent;
use citrate_core::{H256, OpaqueExtrinsic, TransactionSource};
use citrate_txpool::TxStatus;
use jsonrpsee::core::server::{ConnectionId, PendingSubscriptionSink};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::AbortHandle;

use crate::author::{extrinsic_of, next_status};
use crate::context::Context;
use crate::error::{Answer, invalid_params, pool};
use crate::feed::{Ended, Feed};
use crate::params::Args;
use crate::registry::{Policy, Registry, Reply};

/// LIMIT: transactions that one connection broadcasts at a time.
const BROADCASTS_MAX: usize = 16;
/// LIMIT: transactions that all connections broadcast at a time.
const BROADCASTS_TOTAL_MAX: usize = 1024;
/// LIMIT: blocks for which a transaction is sent again; clients that left cannot stop theirs.
const BROADCAST_BLOCKS_MAX: u32 = 1024;

pub(crate) fn register(registry: &mut Registry) {
    registry.connected("transaction_v1_broadcast", |context, connection, args| async move {
        Reply::from(start(&context, connection, &args))
    });
    registry.connected("transaction_v1_stop", |context, connection, args| async move {
        Reply::from(stop(&context, connection, &args))
    });
    registry.subscription(
        &["transactionWatch_v1_submitAndWatch"],
        "transactionWatch_v1_watchEvent",
        &["transactionWatch_v1_unwatch"],
        Policy::Safe,
        submit_and_watch,
    );
}

/// The broadcasts that run, by connection and id.
#[derive(Default)]
pub(crate) struct Broadcasts {
    running: Mutex<BTreeMap<(usize, String), AbortHandle>>,
    next: AtomicU64,
}

fn start(context: &Arc<Context>, connection: ConnectionId, args: &Args) -> Answer {
    let bytes = args.bytes(0, "transaction")?;
    let mut running = context.broadcasts.running.lock();
    let own = running.keys().filter(|(owner, _)| *owner == connection.0).count();
    if own >= BROADCASTS_MAX || running.len() >= BROADCASTS_TOTAL_MAX {
        return Ok(Value::Null);
    }
    let id = context.broadcasts.next.fetch_add(1, Ordering::Relaxed).to_string();
    let key = (connection.0, id.clone());
    let task_context = context.clone();
    let task_key = key.clone();
    let task = tokio::spawn(async move {
        // Bytes that are no extrinsic get an id as well; nothing comes of them.
        if let Ok(extrinsic) = extrinsic_of(&bytes) {
            broadcast(&task_context, extrinsic).await;
        }
        task_context.broadcasts.running.lock().remove(&task_key);
    });
    running.insert(key, task.abort_handle());
    Ok(json!(id))
}

fn stop(context: &Context, connection: ConnectionId, args: &Args) -> Answer {
    let id = args.string(0, "operationId")?;
    // A broadcast that ended by itself can still be stopped, but an id that never was cannot.
    let made = context.broadcasts.next.load(Ordering::Relaxed);
    if !id.parse::<u64>().is_ok_and(|number| number < made) {
        return Err(invalid_params("Invalid operation id"));
    }
    if let Some(task) = context.broadcasts.running.lock().remove(&(connection.0, id)) {
        task.abort();
    }
    Ok(Value::Null)
}

/// Keeps a transaction in the pool until it is final, or for a bounded number of blocks.
async fn broadcast(context: &Arc<Context>, extrinsic: OpaqueExtrinsic) {
    let hash = extrinsic.hash();
    let mut events = context.backend.subscribe();
    let first = context.backend.best().number;
    loop {
        let extrinsic = extrinsic.clone();
        let submit = move |context: &Context| {
            let accepting = accepting_block(context, &hash);
            if accepting.is_none() && context.pool.get(&hash).is_none() {
                // An invalid transaction may become valid, so that errors mean to try again.
                let _ = context.pool.submit(TransactionSource::External, extrinsic);
            }
            accepting
        };
        let Ok(accepting) = context.run(submit).await else { return };
        loop {
            match events.recv().await {
                Ok(ChainEvent::Finalized { blocks, .. }) => {
                    if accepting.is_some_and(|block| blocks.contains(&block)) {
                        return;
                    }
                }
                Ok(ChainEvent::NewBest { block, .. }) => {
                    if block.number.saturating_sub(first) > BROADCAST_BLOCKS_MAX {
                        return;
                    }
                    break;
                }
                Ok(ChainEvent::Added { .. } | ChainEvent::Imported { .. }) => {}
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return,
            }
        }
    }
}

fn accepting_block(context: &Context, hash: &H256) -> Option<H256> {
    let record = context.backend.transaction(hash).ok().flatten()?;
    let accepted = record.status == citrate_chain::TxStatus::Accepted;
    record.accepting_block.filter(|_| accepted)
}

async fn submit_and_watch(
    context: Arc<Context>,
    args: Args,
    pending: PendingSubscriptionSink,
) -> Result<(), Ended> {
    let bytes = match args.bytes(0, "transaction") {
        Ok(bytes) => bytes,
        Err(error) => {
            pending.reject(error).await;
            return Ok(());
        }
    };
    // The spec reports a transaction that is refused as an event, not as an error.
    let feed = Feed::accept(pending, &context).await?;
    let submitted = async {
        let extrinsic = extrinsic_of(&bytes)?;
        let submit = move |context: &Context| {
            context.pool.submit_and_watch(TransactionSource::External, extrinsic)
        };
        context.run(submit).await?.map_err(|error| pool(&error))
    };
    let mut stream = match submitted.await {
        Ok((_, stream)) => stream,
        Err(error) => {
            let reason = error.data().map_or(error.message(), |data| data.get());
            let event = json!({ "event": "invalid", "error": reason.trim_matches('"') });
            return feed.send(&event).await;
        }
    };
    let mut validated = false;
    loop {
        let status = tokio::select! {
            status = next_status(&mut stream) => status,
            () = feed.closed() => return Ok(()),
        };
        let Some(status) = status else { return Ok(()) };
        if let Some(event) = watch_event(&status, &mut validated) {
            feed.send(&event).await?;
        }
    }
}

fn watch_event(status: &TxStatus, validated: &mut bool) -> Option<Value> {
    let block = |hash: &H256, index: &u32| json!({ "hash": hash, "index": index });
    Some(match status {
        TxStatus::Future | TxStatus::Broadcast(_) => return None,
        TxStatus::Ready => {
            if std::mem::replace(validated, true) {
                return None;
            }
            json!({ "event": "validated" })
        }
        TxStatus::InBlock { block: hash, index } => {
            json!({ "event": "bestChainBlockIncluded", "block": block(hash, index) })
        }
        TxStatus::Retracted(_) => json!({ "event": "bestChainBlockIncluded", "block": null }),
        TxStatus::Finalized { block: hash, index } => {
            json!({ "event": "finalized", "block": block(hash, index) })
        }
        TxStatus::FinalityTimeout(_) => {
            json!({ "event": "dropped", "error": "Maximum number of finality watchers reached" })
        }
        TxStatus::Usurped(by) => json!({
            "event": "invalid",
            "error": format!("Extrinsic was rendered invalid by another extrinsic: {by:?}"),
        }),
        TxStatus::Dropped => json!({
            "event": "dropped",
            "error": "Extrinsic dropped from the pool due to exceeding limits",
        }),
        TxStatus::Invalid => {
            json!({ "event": "invalid", "error": "Extrinsic marked as invalid" })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_the_specs_events() {
        let hash = H256::repeat_byte(7);
        let mut validated = false;
        let mut event = |status| watch_event(&status, &mut validated);
        assert_eq!(event(TxStatus::Future), None);
        assert_eq!(event(TxStatus::Ready), Some(json!({ "event": "validated" })));
        assert_eq!(event(TxStatus::Ready), None, "validated is told once");
        let included = event(TxStatus::InBlock { block: hash, index: 2 }).unwrap();
        assert_eq!(included["event"], "bestChainBlockIncluded");
        assert_eq!(included["block"], json!({ "hash": hash, "index": 2 }));
        assert_eq!(event(TxStatus::Retracted(hash)).unwrap()["block"], Value::Null);
        let last = event(TxStatus::Finalized { block: hash, index: 2 }).unwrap();
        assert_eq!(last["event"], "finalized");
        assert_eq!(event(TxStatus::Dropped).unwrap()["event"], "dropped");
        assert_eq!(event(TxStatus::Invalid).unwrap()["event"], "invalid");
    }
}
