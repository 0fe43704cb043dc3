//! `chainHead_v1_*`: following the head of the chain, with pinned blocks.

mod follow;
mod operations;
mod render;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use citrate_core::H256;
use jsonrpsee::core::server::{ConnectionId, PendingSubscriptionSink};
use jsonrpsee::types::ErrorObjectOwned;
use parking_lot::Mutex;
use serde_json::json;
use tokio::task::AbortHandle;

use crate::backend::BackendError;
use crate::context::Context;
use crate::error::too_many_follows;
use crate::feed::{Ended, Feed};
use crate::params::Args;
use crate::registry::{Policy, Registry};
use follow::{Follow, FollowEvent, Snapshot};

pub(crate) fn register(registry: &mut Registry) {
    registry.subscription(
        &["chainHead_v1_follow"],
        "chainHead_v1_followEvent",
        &["chainHead_v1_unfollow"],
        Policy::Safe,
        run,
    );
    operations::register(registry);
}

/// A connection's subscriptions by id; a place is taken before the subscription runs.
type Places = BTreeMap<String, Option<Arc<Following>>>;

/// The subscriptions of every connection.
#[derive(Default)]
pub(crate) struct Follows(Mutex<BTreeMap<usize, Places>>);

/// A subscription that runs.
pub(crate) struct Following {
    machine: Mutex<Follow>,
    feed: Feed,
    with_runtime: bool,
    operations: Mutex<BTreeMap<String, AbortHandle>>,
    next_operation: AtomicU64,
}

impl Follows {
    /// Takes one of the connection's places.
    fn reserve(&self, connection: ConnectionId, id: &str, max: usize) -> bool {
        let mut connections = self.0.lock();
        let follows = connections.entry(connection.0).or_default();
        let free = follows.len() < max;
        if free {
            follows.insert(id.to_owned(), None);
        }
        free
    }

    fn set(&self, connection: ConnectionId, id: &str, following: Arc<Following>) {
        let mut connections = self.0.lock();
        if let Some(place) = connections.get_mut(&connection.0).and_then(|all| all.get_mut(id)) {
            *place = Some(following);
        }
    }

    /// A connection's subscription; others cannot reach it.
    fn get(&self, connection: ConnectionId, id: &str) -> Option<Arc<Following>> {
        self.0.lock().get(&connection.0)?.get(id)?.clone()
    }

    fn remove(&self, connection: ConnectionId, id: &str) {
        let mut connections = self.0.lock();
        let Some(follows) = connections.get_mut(&connection.0) else { return };
        let removed = follows.remove(id).flatten();
        if follows.is_empty() {
            connections.remove(&connection.0);
        }
        if let Some(following) = removed {
            for operation in std::mem::take(&mut *following.operations.lock()).into_values() {
                operation.abort();
            }
        }
    }
}

/// Frees the place and ends the operations when the subscription ends, however it does.
struct Place {
    context: Arc<Context>,
    connection: ConnectionId,
    id: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.context.follows.remove(self.connection, &self.id);
    }
}

async fn run(
    context: Arc<Context>,
    args: Args,
    pending: PendingSubscriptionSink,
) -> Result<(), Ended> {
    let with_runtime = match args.json_opt::<bool>(0, "withRuntime") {
        Ok(with_runtime) => with_runtime.unwrap_or(false),
        Err(error) => {
            pending.reject(error).await;
            return Ok(());
        }
    };
    let connection = pending.connection_id();
    let id = match pending.subscription_id() {
        jsonrpsee::types::SubscriptionId::Str(id) => id.into_owned(),
        jsonrpsee::types::SubscriptionId::Num(id) => id.to_string(),
    };
    let limits = context.config.chain_head;
    if !context.follows.reserve(connection, &id, limits.follows_max) {
        pending.reject(too_many_follows()).await;
        return Ok(());
    }
    let place = Place { context: context.clone(), connection, id };
    let feed = Feed::accept(pending, &context).await?;
    // Events from before the snapshot may repeat what it shows; none is missing.
    let mut events = context.backend.subscribe();
    let snapshot = context.run(snapshot).await?.map_err(ErrorObjectOwned::from)?;
    let (machine, first) = Follow::start(limits, snapshot);
    let following = Arc::new(Following {
        machine: Mutex::new(machine),
        feed: feed.clone(),
        with_runtime,
        operations: Mutex::default(),
        next_operation: AtomicU64::new(0),
    });
    context.follows.set(connection, &place.id, following.clone());

    let mut outputs = first;
    loop {
        for output in outputs {
            let ends = output == FollowEvent::Stop;
            let message =
                context.run(move |context| render::event(context, &output, with_runtime)).await?;
            feed.send(&message).await?;
            if ends {
                return Ok(());
            }
        }
        outputs = match feed.next_event(&mut events).await {
            Ok(event) => following.machine.lock().on_event(&event),
            // Events were lost. The subscriber may start anew.
            Err(Ended::Slow) => vec![FollowEvent::Stop],
            Err(ended) => return Err(ended),
        };
    }
}

fn snapshot(context: &Context) -> Result<Snapshot, BackendError> {
    let backend = &context.backend;
    // Finality may move between the reads; then they are made again.
    loop {
        let last = backend.finalized();
        let unfinalized = backend.unfinalized()?;
        let best = backend.best();
        let mut finalized = vec![last.hash];
        let mut current = last;
        while finalized.len() < context.config.chain_head.finalized_initial && current.number > 0 {
            let Some(header) = backend.header(&current.hash)? else { break };
            current.hash = header.parent_hash;
            current.number -= 1;
            finalized.push(current.hash);
        }
        finalized.reverse();
        let mut live = Vec::with_capacity(unfinalized.len());
        for block in unfinalized {
            if let Some(header) = backend.header(&block.hash)? {
                live.push((block.hash, header.parent_hash));
            }
        }
        if backend.finalized() == last {
            return Ok(Snapshot {
                finalized,
                live,
                best: best.hash,
                finalized_number: last.number,
            });
        }
    }
}

impl Following {
    fn is_pinned(&self, block: &H256) -> bool {
        self.machine.lock().is_pinned(block)
    }

    /// Starts `work` unless as many operations run as may; the answer to the client.
    fn start<F>(self: &Arc<Self>, max: usize, work: impl FnOnce(String) -> F) -> operations::Started
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut operations = self.operations.lock();
        if operations.len() >= max {
            return operations::Started::LimitReached;
        }
        let id = self.next_operation.fetch_add(1, Ordering::Relaxed).to_string();
        let work = work(id.clone());
        let this = self.clone();
        let own = id.clone();
        // The lock is held until the handle is in the map, so that the task finds it there.
        let task = tokio::spawn(async move {
            work.await;
            this.operations.lock().remove(&own);
        });
        operations.insert(id.clone(), task.abort_handle());
        operations::Started::Operation(id)
    }

    /// Whether the operation ran.
    fn stop_operation(&self, id: &str) -> bool {
        let operation = self.operations.lock().remove(id);
        operation.map(|operation| operation.abort()).is_some()
    }

    fn has_operation(&self, id: &str) -> bool {
        self.operations.lock().contains_key(id)
    }

    async fn tell(&self, event: &str, id: &str, mut fields: serde_json::Value) -> bool {
        fields["event"] = json!(event);
        fields["operationId"] = json!(id);
        self.feed.send(&fields).await.is_ok()
    }
}
