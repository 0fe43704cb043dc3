//! What may be asked about a pinned block.

use std::sync::Arc;

use citrate_core::H256;
use codec::Encode;
use jsonrpsee::core::server::{ConnectionId, MethodResponseFuture};
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::Following;
use super::follow::UnpinError;
use crate::backend::BackendError;
use crate::context::Context;
use crate::error::{
    Answer, bad_continue, block_not_pinned, duplicate_hashes, follow_without_runtime,
    invalid_params, state,
};
use crate::params::{Args, hash_of, hex_string};
use crate::query::Query;
use crate::registry::{Registry, Reply};

/// LIMIT: blocks in one `chainHead_v1_unpin`.
const UNPIN_MAX: usize = 4096;

/// Whether an operation started.
pub(super) enum Started {
    Operation(String),
    LimitReached,
}

pub(super) fn register(registry: &mut Registry) {
    registry.connected("chainHead_v1_header", |context, connection, args| async move {
        Reply::from(header(&context, connection, &args).await)
    });
    registry.connected("chainHead_v1_body", |context, connection, args| async move {
        operation(&context, connection, &args, Needs::Nothing, |_| Ok(Work::Body))
    });
    registry.connected("chainHead_v1_call", |context, connection, args| async move {
        operation(&context, connection, &args, Needs::Runtime, |args| {
            let method = args.string(2, "function")?;
            let data = args.bytes_opt(3, "callParameters")?.unwrap_or_default();
            Ok(Work::Call(method, data))
        })
    });
    registry.connected("chainHead_v1_storage", |context, connection, args| async move {
        operation(&context, connection, &args, Needs::Nothing, |args| {
            let items = args.json(2, "items")?;
            Ok(Work::Storage(Query::new(items, args.bytes_opt(3, "childTrie")?)?))
        })
    });
    registry.connected("chainHead_v1_unpin", |context, connection, args| async move {
        Reply::from(unpin(&context, connection, &args))
    });
    registry.connected("chainHead_v1_continue", |context, connection, args| async move {
        // Operations go on as fast as the client reads and never wait to be told so.
        let known = follow_of(&context, connection, &args)
            .and_then(|follow| Ok((follow, args.string(1, "operationId")?)));
        Reply::from(match known {
            Ok((Some(follow), id)) if follow.has_operation(&id) => Err(bad_continue()),
            Ok(_) => Ok(Value::Null),
            Err(error) => Err(error),
        })
    });
    registry.connected("chainHead_v1_stopOperation", |context, connection, args| async move {
        let follow = follow_of(&context, connection, &args);
        Reply::from(follow.and_then(|follow| {
            let id = args.string(1, "operationId")?;
            if let Some(follow) = follow {
                follow.stop_operation(&id);
            }
            Ok(Value::Null)
        }))
    });
}

/// The subscription that a call names; a dead one is no error.
fn follow_of(
    context: &Context,
    connection: ConnectionId,
    args: &Args,
) -> Result<Option<Arc<Following>>, ErrorObjectOwned> {
    let id = args.string(0, "followSubscription")?;
    Ok(context.follows.get(connection, &id))
}

async fn header(context: &Arc<Context>, connection: ConnectionId, args: &Args) -> Answer {
    let follow = follow_of(context, connection, args)?;
    let hash = args.hash(1, "hash")?;
    let Some(follow) = follow else { return Ok(Value::Null) };
    if !follow.is_pinned(&hash) {
        return Err(block_not_pinned());
    }
    let header = context.run(move |context| context.backend.header(&hash)).await??;
    Ok(header.map_or(Value::Null, |header| json!(hex_string(header.encode()))))
}

fn unpin(context: &Context, connection: ConnectionId, args: &Args) -> Answer {
    let follow = follow_of(context, connection, args)?;
    let hashes: Vec<H256> = match args.get(1) {
        Some(Value::Array(hashes)) if hashes.len() > UNPIN_MAX => {
            return Err(invalid_params(format!("at most {UNPIN_MAX} hashes")));
        }
        Some(Value::Array(hashes)) => {
            hashes.iter().map(|hash| hash_of(hash, "hash")).collect::<Result<_, _>>()?
        }
        _ => vec![args.hash(1, "hashOrHashes")?],
    };
    let Some(follow) = follow else { return Ok(Value::Null) };
    let unpinned = follow.machine.lock().unpin(&hashes);
    unpinned.map_err(|error| match error {
        UnpinError::Duplicate => duplicate_hashes(),
        UnpinError::NotPinned => block_not_pinned(),
    })?;
    Ok(Value::Null)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    Runtime,
}

enum Work {
    Body,
    Call(String, Vec<u8>),
    Storage(Query),
}

/// Starts an operation on a pinned block. Its events follow the answer.
fn operation(
    context: &Arc<Context>,
    connection: ConnectionId,
    args: &Args,
    needs: Needs,
    work: impl FnOnce(&Args) -> Result<Work, ErrorObjectOwned>,
) -> Reply {
    let prepared = || {
        let follow = follow_of(context, connection, args)?;
        Ok::<_, ErrorObjectOwned>((follow, args.hash(1, "hash")?, work(args)?))
    };
    let (follow, hash, work) = match prepared() {
        Ok(prepared) => prepared,
        Err(error) => return error.into(),
    };
    // The spec answers so for a subscription that has ended.
    let limit_reached = json!({ "result": "limitReached" });
    let Some(follow) = follow else { return Reply::from(Ok(limit_reached)) };
    if !follow.is_pinned(&hash) {
        return block_not_pinned().into();
    }
    if needs == Needs::Runtime && !follow.with_runtime {
        return follow_without_runtime().into();
    }
    let is_storage = matches!(work, Work::Storage(_));
    let (answered, wait) = oneshot::channel::<MethodResponseFuture>();
    let task_context = context.clone();
    let task_follow = follow.clone();
    let started = follow.start(context.config.chain_head.operations_max, |id| async move {
        // The answer with the operation's id goes first. In a batch nobody tells when it has gone.
        if let Ok(sent) = wait.await {
            let _ = sent.await;
        }
        perform(&task_context, &task_follow, &id, hash, work).await;
    });
    match started {
        Started::LimitReached => Reply::from(Ok(limit_reached)),
        Started::Operation(id) => {
            let mut answer = json!({ "result": "started", "operationId": id });
            if is_storage {
                answer["discardedItems"] = json!(0);
            }
            let (reply, sent) = Reply::notifying(answer);
            // The receiver is gone only if the operation was stopped.
            let _ = answered.send(sent);
            reply
        }
    }
}

async fn perform(context: &Arc<Context>, follow: &Following, id: &str, hash: H256, work: Work) {
    let result = match work {
        Work::Body => body(context, follow, id, hash).await,
        Work::Call(method, data) => call(context, follow, id, hash, method, data).await,
        Work::Storage(query) => storage(context, follow, id, hash, query).await,
    };
    match result {
        Ok(()) => {}
        Err(Failure::Inaccessible) => {
            follow.tell("operationInaccessible", id, json!({})).await;
        }
        Err(Failure::Error(error)) => {
            follow.tell("operationError", id, json!({ "error": error })).await;
        }
    }
}

enum Failure {
    /// The block's body or state is no longer kept.
    Inaccessible,
    Error(String),
}

impl From<BackendError> for Failure {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::UnknownBlock(_)
            | BackendError::Pruned(_)
            | BackendError::BodyPruned(_)
            | BackendError::BeforeStart(_) => Self::Inaccessible,
            other => Self::Error(other.to_string()),
        }
    }
}

impl From<ErrorObjectOwned> for Failure {
    fn from(error: ErrorObjectOwned) -> Self {
        Self::Error(error.message().to_owned())
    }
}

async fn body(
    context: &Arc<Context>,
    follow: &Following,
    id: &str,
    hash: H256,
) -> Result<(), Failure> {
    let body = context.run(move |context| context.backend.body(&hash)).await??;
    let body = body.ok_or(Failure::Inaccessible)?;
    follow.tell("operationBodyDone", id, json!({ "value": body })).await;
    Ok(())
}

async fn call(
    context: &Arc<Context>,
    follow: &Following,
    id: &str,
    hash: H256,
    method: String,
    data: Vec<u8>,
) -> Result<(), Failure> {
    let call = move |context: &Context| context.backend.call(&hash, &method, &data);
    let output = context.run(call).await??;
    follow.tell("operationCallDone", id, json!({ "output": hex_string(output) })).await;
    Ok(())
}

async fn storage(
    context: &Arc<Context>,
    follow: &Following,
    id: &str,
    hash: H256,
    mut query: Query,
) -> Result<(), Failure> {
    let view = context.run(move |context| context.backend.state_at(&hash)).await??;
    loop {
        let page_view = view.clone();
        let page = context
            .run(move |_| query.next_page(&page_view).map(|page| (page, query)))
            .await?
            .map_err(state)?;
        let (items, rest) = page;
        query = rest;
        let Some(items) = items else { break };
        let is_empty = items.is_empty();
        // A client that left or does not read ends the operation.
        if !is_empty && !follow.tell("operationStorageItems", id, json!({ "items": items })).await {
            return Ok(());
        }
    }
    follow.tell("operationStorageDone", id, json!({})).await;
    Ok(())
}
