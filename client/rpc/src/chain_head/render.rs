//! Events of a follow subscription as JSON.

use std::sync::Arc;

use citrate_core::{H256, RuntimeVersion};
use serde_json::{Map, Value, json};

use super::follow::FollowEvent;
use crate::backend::BackendError;
use crate::context::Context;
use crate::params::hex_string;

/// The JSON of `event`; with `with_runtime`, it also tells of the runtime where that is due.
pub(super) fn event(context: &Context, event: &FollowEvent, with_runtime: bool) -> Value {
    let version = |block: &H256| context.backend.runtime_version(block);
    match event {
        FollowEvent::Initialized { finalized } => {
            let mut message = json!({
                "event": "initialized",
                "finalizedBlockHashes": finalized,
            });
            if let Some(last) = finalized.last().filter(|_| with_runtime) {
                message["finalizedBlockRuntime"] = runtime(version(last));
            }
            message
        }
        FollowEvent::NewBlock { block, parent } => {
            let changed = with_runtime.then(|| (version(parent), version(block)));
            let new_runtime = match changed {
                Some((old, new)) if old != new => runtime(new),
                _ => Value::Null,
            };
            json!({
                "event": "newBlock",
                "blockHash": block,
                "parentBlockHash": parent,
                "newRuntime": new_runtime,
            })
        }
        FollowEvent::BestBlockChanged { block } => {
            json!({ "event": "bestBlockChanged", "bestBlockHash": block })
        }
        FollowEvent::Finalized { finalized, pruned } => json!({
            "event": "finalized",
            "finalizedBlockHashes": finalized,
            "prunedBlockHashes": pruned,
        }),
        FollowEvent::Stop => json!({ "event": "stop" }),
    }
}

fn runtime(version: Result<Arc<RuntimeVersion>, BackendError>) -> Value {
    match version {
        Ok(version) => json!({ "type": "valid", "spec": spec(&version) }),
        Err(error) => json!({ "type": "invalid", "error": error.to_string() }),
    }
}

/// Unlike the legacy object, `apis` is a map.
pub(super) fn spec(version: &RuntimeVersion) -> Value {
    let apis: Map<String, Value> =
        version.apis.iter().map(|(id, version)| (hex_string(id), json!(version))).collect();
    json!({
        "specName": version.spec_name,
        "implName": version.impl_name,
        "specVersion": version.spec_version,
        "implVersion": version.impl_version,
        "transactionVersion": version.transaction_version,
        "apis": apis,
    })
}
