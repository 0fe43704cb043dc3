//! `state_subscribeStorage` and `state_subscribeRuntimeVersion`.

use std::sync::Arc;

use citrate_core::H256;
use jsonrpsee::core::server::PendingSubscriptionSink;
use jsonrpsee::types::ErrorObjectOwned;

use super::{change_set, read_all};
use crate::context::Context;
use crate::error::invalid_params;
use crate::feed::{Ended, Feed};
use crate::params::Args;
use crate::registry::{Policy, Registry};
use citrate_chain::ChainEvent;

/// LIMIT: keys of one subscription; their values are read at every new best block.
const SUBSCRIBED_KEYS_MAX: usize = 1024;

pub(super) fn register(registry: &mut Registry) {
    registry.subscription(
        &["state_subscribeStorage"],
        "state_storage",
        &["state_unsubscribeStorage"],
        Policy::Safe,
        storage,
    );
    registry.subscription(
        &["state_subscribeRuntimeVersion", "chain_subscribeRuntimeVersion"],
        "state_runtimeVersion",
        &["state_unsubscribeRuntimeVersion", "chain_unsubscribeRuntimeVersion"],
        Policy::Safe,
        runtime_version,
    );
}

async fn storage(
    context: Arc<Context>,
    args: Args,
    pending: PendingSubscriptionSink,
) -> Result<(), Ended> {
    // Without keys Substrate watches the whole state, which no node can afford to offer.
    let keys = match args.bytes_list(0, "keys", SUBSCRIBED_KEYS_MAX) {
        Ok(keys) if !keys.is_empty() => keys,
        Ok(_) => {
            pending.reject(invalid_params("`keys` is empty")).await;
            return Ok(());
        }
        Err(error) => {
            pending.reject(error).await;
            return Ok(());
        }
    };
    let feed = Feed::accept(pending, &context).await?;
    let mut events = context.backend.subscribe();
    let keys = Arc::new(keys);
    let mut block = context.backend.best().hash;
    let mut known: Option<Vec<Option<Vec<u8>>>> = None;
    loop {
        let values = values(&context, keys.clone(), block).await?;
        let set = match &known {
            None => Some(change_set(&block, keys.iter().zip(&values))),
            Some(known) => {
                let pairs = keys.iter().zip(&values).zip(known);
                let changed: Vec<_> =
                    pairs.filter(|((_, new), old)| new != old).map(|(pair, _)| pair).collect();
                (!changed.is_empty()).then(|| change_set(&block, changed))
            }
        };
        if let Some(set) = set {
            feed.send(&set).await?;
        }
        known = Some(values);
        block = next_best(&feed, &mut events, block).await?;
    }
}

async fn values(
    context: &Arc<Context>,
    keys: Arc<Vec<Vec<u8>>>,
    block: H256,
) -> Result<Vec<Option<Vec<u8>>>, Ended> {
    let read = move |context: &Context| -> Result<_, ErrorObjectOwned> {
        read_all(&context.backend.state_at(&block)?, &keys)
    };
    Ok(context.run(read).await??)
}

async fn runtime_version(
    context: Arc<Context>,
    _args: Args,
    pending: PendingSubscriptionSink,
) -> Result<(), Ended> {
    let feed = Feed::accept(pending, &context).await?;
    let mut events = context.backend.subscribe();
    let mut block = context.backend.best().hash;
    let mut known = None;
    loop {
        let version = context.run(move |context| context.backend.runtime_version(&block)).await?;
        let version = version.map_err(ErrorObjectOwned::from)?;
        if known.as_ref() != Some(&version) {
            feed.send(&*version).await?;
            known = Some(version);
        }
        block = next_best(&feed, &mut events, block).await?;
    }
}

/// The next best block that is not `current`.
pub(crate) async fn next_best(
    feed: &Feed,
    events: &mut tokio::sync::broadcast::Receiver<ChainEvent>,
    current: H256,
) -> Result<H256, Ended> {
    loop {
        if let ChainEvent::NewBest { block, .. } = feed.next_event(events).await?
            && block.hash != current
        {
            return Ok(block.hash);
        }
    }
}
