//! `author_*`: submitting transactions, and the keys of the node.

use std::future::poll_fn;
use std::sync::Arc;

use citrate_api::session_keys;
use citrate_core::{H256, KeyTypeId, OpaqueExtrinsic, TransactionSource};
use citrate_txpool::{TxStatus, WatchStream};
use codec::{Decode, Encode};
use jsonrpsee::core::server::PendingSubscriptionSink;
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{Answer, api, bad_extrinsic, internal, invalid_params, pool};
use crate::feed::{Ended, Feed};
use crate::params::{Args, bytes_of, hash_of, hex_string};
use crate::registry::{Policy, Registry};

/// LIMIT: extrinsics that one call removes.
const REMOVALS_MAX: usize = 1024;
/// LIMIT: bytes of a secret given to `author_insertKey`.
const SECRET_BYTES_MAX: usize = 1024;

pub(crate) fn register(registry: &mut Registry) {
    registry.method(&["author_submitExtrinsic"], Policy::Safe, |context, args| {
        let extrinsic = extrinsic_of(&args.bytes(0, "extrinsic")?)?;
        let hash = context.pool.submit(TransactionSource::External, extrinsic);
        Ok(json!(hash.map_err(|error| pool(&error))?))
    });
    registry.method(&["author_pendingExtrinsics"], Policy::Safe, |context, _| {
        let pending = context.pool.pending();
        Ok(pending.iter().map(|tx| json!(tx.extrinsic)).collect::<Vec<_>>().into())
    });
    registry.method(&["author_removeExtrinsic"], Policy::Unsafe, remove_extrinsic);
    registry.method(&["author_insertKey"], Policy::Unsafe, insert_key);
    registry.method(&["author_hasKey"], Policy::Unsafe, |context, args| {
        let public = args.bytes(0, "publicKey")?;
        let key_type = key_type(&args.string(1, "keyType")?)?;
        Ok(json!(context.keystore.has(key_type, &public)))
    });
    registry.method(&["author_hasSessionKeys"], Policy::Unsafe, has_session_keys);
    registry.method(&["author_rotateKeys"], Policy::Unsafe, |context, _| {
        // Version 2 of the API binds the keys to an owner; without one it is empty.
        let (keys, _) = generate_keys(context, &[])?;
        Ok(json!(hex_string(keys)))
    });
    registry.method(&["author_rotateKeysWithOwner"], Policy::Unsafe, |context, args| {
        let (keys, proof) = generate_keys(context, &args.bytes(0, "owner")?)?;
        Ok(json!({ "keys": hex_string(keys), "proof": hex_string(proof) }))
    });
    registry.subscription(
        &["author_submitAndWatchExtrinsic"],
        "author_extrinsicUpdate",
        &["author_unwatchExtrinsic"],
        Policy::Safe,
        submit_and_watch,
    );
}

/// The extrinsic in bytes that a client sent: length-prefixed, and nothing after it.
pub(crate) fn extrinsic_of(bytes: &[u8]) -> Result<OpaqueExtrinsic, ErrorObjectOwned> {
    OpaqueExtrinsic::from_encoded(bytes).map_err(bad_extrinsic)
}

/// The next status of a watched transaction; `None` when there is none to come.
pub(crate) async fn next_status(stream: &mut WatchStream) -> Option<TxStatus> {
    poll_fn(|context| stream.poll_recv(context)).await
}

async fn submit_and_watch(
    context: Arc<Context>,
    args: Args,
    pending: PendingSubscriptionSink,
) -> Result<(), Ended> {
    let submitted = async {
        let extrinsic = extrinsic_of(&args.bytes(0, "extrinsic")?)?;
        let submit = move |context: &Context| {
            context.pool.submit_and_watch(TransactionSource::External, extrinsic)
        };
        context.run(submit).await?.map_err(|error| pool(&error))
    };
    let mut stream = match submitted.await {
        Ok((_, stream)) => stream,
        Err(error) => {
            pending.reject(error).await;
            return Ok(());
        }
    };
    let feed = Feed::accept(pending, &context).await?;
    loop {
        tokio::select! {
            status = next_status(&mut stream) => match status {
                Some(status) => feed.send(&status_json(&status)).await?,
                None => return Ok(()),
            },
            () = feed.closed() => return Ok(()),
        }
    }
}

fn status_json(status: &TxStatus) -> Value {
    match status {
        TxStatus::Future => json!("future"),
        TxStatus::Ready => json!("ready"),
        TxStatus::Broadcast(peers) => json!({ "broadcast": peers }),
        TxStatus::InBlock { block, .. } => json!({ "inBlock": block }),
        TxStatus::Retracted(block) => json!({ "retracted": block }),
        TxStatus::FinalityTimeout(block) => json!({ "finalityTimeout": block }),
        TxStatus::Finalized { block, .. } => json!({ "finalized": block }),
        TxStatus::Usurped(by) => json!({ "usurped": by }),
        TxStatus::Dropped => json!("dropped"),
        TxStatus::Invalid => json!("invalid"),
    }
}

/// Takes `[{"hash": ..} | {"extrinsic": ..}]`, answers the hashes that were removed.
fn remove_extrinsic(context: &Context, args: &Args) -> Answer {
    let items: Vec<Value> = args.json(0, "bytesOrHash")?;
    if items.len() > REMOVALS_MAX {
        return Err(invalid_params(format!("at most {REMOVALS_MAX} extrinsics")));
    }
    let mut removed = Vec::new();
    for item in &items {
        let hash: H256 = if let Some(hash) = item.get("hash") {
            hash_of(hash, "hash")?
        } else if let Some(bytes) = item.get("extrinsic") {
            extrinsic_of(&bytes_of(bytes, "extrinsic")?)?.hash()
        } else {
            return Err(invalid_params("expected `hash` or `extrinsic`"));
        };
        if context.pool.remove(&hash) {
            removed.push(hash);
        }
    }
    Ok(json!(removed))
}

fn insert_key(context: &Context, args: &Args) -> Answer {
    let key_type = key_type(&args.string(0, "keyType")?)?;
    let suri = args.string(1, "suri")?;
    if suri.len() > SECRET_BYTES_MAX {
        return Err(invalid_params("the secret is too long"));
    }
    let public = args.bytes(2, "publicKey")?;
    // The error never quotes the secret.
    context.keystore.insert(key_type, &suri, &public).map_err(|error| invalid_params(&error))?;
    Ok(Value::Null)
}

fn has_session_keys(context: &Context, args: &Args) -> Answer {
    let keys = args.bytes(0, "sessionKeys")?;
    let keys = session_keys::decode_session_keys(&context.runtime(None), keys).map_err(api)?;
    let keys = keys.ok_or_else(|| invalid_params("these are no session keys of this runtime"))?;
    Ok(json!(keys.iter().all(|(public, key_type)| context.keystore.has(*key_type, public))))
}

/// Session keys and the proof that they belong to `owner`.
fn generate_keys(context: &Context, owner: &[u8]) -> Result<(Vec<u8>, Vec<u8>), ErrorObjectOwned> {
    let best = context.backend.best().hash;
    let data = (owner.to_vec(), Option::<Vec<u8>>::None).encode();
    let method = "SessionKeys_generate_session_keys";
    let answer = context.backend.call_with_keystore(&best, method, &data)?;
    <(Vec<u8>, Vec<u8>)>::decode(&mut &answer[..]).map_err(internal)
}

fn key_type(text: &str) -> Result<KeyTypeId, ErrorObjectOwned> {
    KeyTypeId::try_from(text).map_err(|()| invalid_params("a key type has four characters"))
}
