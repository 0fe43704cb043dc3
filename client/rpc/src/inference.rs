//! `inference_*`: models, jobs, providers and artifacts.

use std::sync::Arc;

use citrate_api::inference_api;
use citrate_core::{AccountId32, Balance};
use citrate_inference_types::{
    Access, Earnings, Income, JobInfo, JobStatus, ModelInfo, ModelStatus, Offer, Payload,
    Policy as Verification, ProviderInfo, RefundReason, Seat,
};
use jsonrpsee::core::server::PendingSubscriptionSink;
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::{Value, json};

use crate::context::Context;
use crate::deps::ArtifactState;
use crate::error::{api, bad_count, internal, invalid_params};
use crate::feed::{Ended, Feed};
use crate::params::{Args, hex_string};
use crate::registry::{Policy, Registry};
use crate::state::next_best;

/// LIMIT: items in one page.
const PAGE_MAX: u64 = 256;
/// LIMIT: bytes of an artifact that goes through JSON; larger ones go through the store's tools.
const ARTIFACT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of an artifact that is fetched from other nodes, unless the caller says otherwise: as many as a model may have.
const FETCH_BYTES_MAX: u64 = 2 << 30;

pub(crate) fn register(registry: &mut Registry) {
    let safe = Policy::Safe;
    registry.method(&["inference_model"], safe, |context, args| {
        let hash = args.hash(0, "hash")?;
        let at = args.hash_opt(1, "at")?;
        let found = inference_api::model(&context.runtime(at), hash).map_err(api)?;
        Ok(found.as_ref().map_or(Value::Null, model))
    });
    registry.method(&["inference_models"], safe, |context, args| {
        let ((start, limit), at) = (page(args, Args::hash_opt)?, args.hash_opt(2, "at")?);
        let found = inference_api::models(&context.runtime(at), start, limit).map_err(api)?;
        Ok(found.iter().map(model).collect())
    });
    registry.method(&["inference_job"], safe, |context, args| {
        let id = args.hash(0, "id")?;
        let runtime = context.runtime(args.hash_opt(1, "at")?);
        let found = inference_api::job(&runtime, id).map_err(api)?;
        Ok(found.as_ref().map_or(Value::Null, job))
    });
    registry.method(&["inference_jobs"], safe, |context, args| {
        let ((start, limit), at) = (page(args, Args::hash_opt)?, args.hash_opt(2, "at")?);
        let found = inference_api::jobs(&context.runtime(at), start, limit).map_err(api)?;
        Ok(found.iter().map(job).collect())
    });
    registry.method(&["inference_provider"], safe, |context, args| {
        let account = account(&args.string(0, "account")?)?;
        let runtime = context.runtime(args.hash_opt(1, "at")?);
        let found = inference_api::provider(&runtime, account).map_err(api)?;
        Ok(found.as_ref().map_or(Value::Null, provider))
    });
    registry.method(&["inference_providers"], safe, |context, args| {
        let start = |args: &Args, index, name: &str| -> Result<Option<AccountId32>, _> {
            args.json_opt::<String>(index, name)?.as_deref().map(account).transpose()
        };
        let ((start, limit), at) = (page(args, start)?, args.hash_opt(2, "at")?);
        let found = inference_api::providers(&context.runtime(at), start, limit).map_err(api)?;
        Ok(found.iter().map(provider).collect())
    });
    registry.method(&["inference_attestation"], safe, |context, args| {
        let runtime = context.runtime(args.hash_opt(1, "at")?);
        Ok(json!(inference_api::attestation(&runtime, args.hash(0, "job")?).map_err(api)?))
    });
    registry.method(&["inference_attestationKey"], safe, |context, args| {
        let account = account(&args.string(0, "account")?)?;
        let runtime = context.runtime(args.hash_opt(1, "at")?);
        Ok(json!(inference_api::attestation_key(&runtime, account).map_err(api)?))
    });
    registry.method(&["inference_quote"], safe, |context, args| {
        let model = args.hash(0, "model")?;
        let number = |index, name, default| {
            let number = args.number_opt(index, name)?.unwrap_or(default);
            u32::try_from(number).map_err(|_large| bad_count(number, u32::MAX.into()))
        };
        let (providers, blocks) = (number(1, "providers", 1)?, number(2, "blocks", 0)?);
        let runtime = context.runtime(args.hash_opt(3, "at")?);
        let found = inference_api::quote(&runtime, model, providers, blocks).map_err(api)?;
        Ok(found.map_or(Value::Null, balance))
    });
    registry.method(&["inference_income"], safe, |context, args| {
        let account = account(&args.string(0, "account")?)?;
        let runtime = context.runtime(args.hash_opt(1, "at")?);
        Ok(income(&inference_api::income(&runtime, account).map_err(api)?))
    });
    register_artifacts(registry);
    registry.subscription(
        &["inference_subscribeJob"],
        "inference_job",
        &["inference_unsubscribeJob"],
        safe,
        subscribe_job,
    );
}

fn register_artifacts(registry: &mut Registry) {
    let safe = Policy::Safe;
    registry.method(&["inference_getArtifact"], safe, |context, args| {
        let found = context.artifacts.get(&args.hash(0, "hash")?, ARTIFACT_BYTES_MAX);
        Ok(crate::params::hex_or_null(found.map_err(internal)?))
    });
    // Unsafe, because anybody could fill the node's disk.
    registry.method(&["inference_putArtifact"], Policy::Unsafe, |context, args| {
        let content = args.bytes(0, "content")?;
        if content.len() > ARTIFACT_BYTES_MAX {
            return Err(invalid_params(format!("at most {ARTIFACT_BYTES_MAX} bytes")));
        }
        Ok(json!(context.artifacts.put(&content).map_err(internal)?))
    });
    // Unsafe for the same reason.
    registry.method(&["inference_fetchArtifact"], Policy::Unsafe, |context, args| {
        let hash = args.hash(0, "hash")?;
        let bytes_max = args.number_opt(1, "bytesMax")?.unwrap_or(FETCH_BYTES_MAX);
        context.artifacts.fetch(&hash, bytes_max).map_err(internal)?;
        Ok(state(&context.artifacts.state(&hash).map_err(internal)?))
    });
    registry.method(&["inference_artifactState"], safe, |context, args| {
        Ok(state(&context.artifacts.state(&args.hash(0, "hash")?).map_err(internal)?))
    });
}

/// Start key and limit of a page.
fn page<K>(
    args: &Args,
    start: impl FnOnce(&Args, usize, &str) -> Result<Option<K>, ErrorObjectOwned>,
) -> Result<(Option<K>, u32), ErrorObjectOwned> {
    let limit = args.number_opt(1, "limit")?.unwrap_or(PAGE_MAX);
    if limit > PAGE_MAX {
        return Err(bad_count(limit, PAGE_MAX));
    }
    Ok((start(args, 0, "start")?, u32::try_from(limit).unwrap_or(u32::MAX)))
}

fn account(text: &str) -> Result<AccountId32, ErrorObjectOwned> {
    text.parse().map_err(|_invalid| invalid_params("`account`: not an SS58 address"))
}

/// Sends a job's record now and whenever a new best block changes it, until it has ended and the
/// block in which it did is final.
async fn subscribe_job(
    context: Arc<Context>,
    args: Args,
    pending: PendingSubscriptionSink,
) -> Result<(), Ended> {
    let id = match args.hash(0, "id") {
        Ok(id) => id,
        Err(error) => {
            pending.reject(error).await;
            return Ok(());
        }
    };
    let feed = Feed::accept(pending, &context).await?;
    let mut events = context.backend.subscribe();
    let mut block = context.backend.best().hash;
    let mut known = None;
    loop {
        let ask = move |context: &Context| inference_api::job(&context.runtime(Some(block)), id);
        let found = context.run(ask).await?.map_err(api)?;
        if known.as_ref() != Some(&found) {
            let record = found.as_ref().map_or(Value::Null, job);
            feed.send(&json!({ "block": block, "job": record })).await?;
        }
        let ended_at = found.as_ref().and_then(|job| job.status.ended_at());
        if ended_at.is_some_and(|at| at <= context.backend.finalized().number) {
            return Ok(());
        }
        known = Some(found);
        block = next_best(&feed, &mut events, block).await?;
    }
}

/// A string: JavaScript's numbers are too short for a balance.
fn balance(amount: Balance) -> Value {
    Value::String(amount.to_string())
}

fn payload(payload: &Payload) -> Value {
    match payload {
        Payload::Inline(bytes) => json!({ "inline": hex_string(bytes) }),
        Payload::Content { hash, bytes } => json!({ "content": hash, "bytes": bytes }),
        Payload::Digested { hash, bytes, digest } => {
            json!({ "content": hash, "bytes": bytes, "digest": hex_string(digest) })
        }
    }
}

fn model(model: &ModelInfo) -> Value {
    json!({
        "hash": model.hash,
        "owner": model.owner,
        "card": model.card,
        "price": balance(model.price),
        "access": access(&model.access),
        "ownerShareMillionths": model.share.deconstruct(),
        "deposit": balance(model.deposit),
        "status": match model.status {
            ModelStatus::Pending => "pending",
            ModelStatus::Active => "active",
            ModelStatus::Deprecated => "deprecated",
        },
        "approvedBy": model.approval.as_ref().map(|approval| json!({
            "provider": approval.provider,
            "engine": approval.engine,
            "outputs": approval.outputs,
            "at": approval.at,
        })),
        "rejectedBy": model.rejections.iter().map(|rejection| json!({
            "provider": rejection.provider,
            "reason": rejection.reason,
            "at": rejection.at,
        })).collect::<Value>(),
        "registeredAt": model.registered_at,
        "previous": model.previous,
        "next": model.next,
    })
}

fn access(access: &Access) -> Value {
    match access {
        Access::Public => json!({ "type": "public" }),
        Access::List => json!({ "type": "list" }),
        Access::PayPerUse { fee } => json!({ "type": "payPerUse", "fee": balance(*fee) }),
    }
}

fn provider(provider: &ProviderInfo) -> Value {
    json!({
        "account": provider.account,
        "sessionKey": provider.session_key,
        "offers": provider.offers.iter().map(offer).collect::<Vec<_>>(),
        "capacity": provider.capacity,
        "assigned": provider.assigned,
        "atRisk": balance(provider.at_risk),
        "stake": balance(provider.stake),
        "active": provider.active,
        "seen": provider.seen,
        "claims": provider.claims.as_ref().map(|claims| json!({
            "engine": claims.engine,
            "memoryBytes": claims.memory_bytes,
        })),
        "completed": provider.completed,
        "failed": provider.failed,
        "wrong": provider.wrong,
    })
}

fn income(income: &Income) -> Value {
    let sum = |earned: &Earnings| json!({ "count": earned.count, "total": balance(earned.total) });
    json!({
        "asProvider": sum(&income.as_provider),
        "asOwner": sum(&income.as_owner),
        "forBlocks": sum(&income.for_blocks),
    })
}

fn offer(offer: &Offer) -> Value {
    json!({ "model": offer.model, "price": balance(offer.price) })
}

fn state(state: &ArtifactState) -> Value {
    match state {
        ArtifactState::Stored { bytes } => json!({ "type": "stored", "bytes": bytes }),
        ArtifactState::Fetching { bytes, bytes_total } => {
            json!({ "type": "fetching", "bytes": bytes, "bytesTotal": bytes_total })
        }
        ArtifactState::Failed { reason } => json!({ "type": "failed", "reason": reason }),
        ArtifactState::Absent => json!({ "type": "absent" }),
    }
}

fn seats(panel: &[Seat]) -> Value {
    let seat = |seat: &Seat| {
        json!({
            "provider": seat.provider,
            "commitment": seat.commitment,
            "revealed": seat.revealed,
        })
    };
    panel.iter().map(seat).collect()
}

fn policy(policy: &Verification) -> Value {
    match policy {
        Verification::Attested => json!({ "type": "attested" }),
        Verification::Redundant { providers, quorum } => {
            json!({ "type": "redundant", "providers": providers, "quorum": quorum })
        }
        Verification::Refereed { providers, quorum } => {
            json!({ "type": "refereed", "providers": providers, "quorum": quorum })
        }
    }
}

fn job(job: &JobInfo) -> Value {
    let status = match &job.status {
        JobStatus::Queued => json!({ "type": "queued" }),
        JobStatus::Assigned { provider, due } => {
            json!({ "type": "assigned", "provider": provider, "due": due })
        }
        JobStatus::Committing { panel, due } => {
            json!({ "type": "committing", "panel": seats(panel), "due": due })
        }
        JobStatus::Revealing { panel, due } => {
            json!({ "type": "revealing", "panel": seats(panel), "due": due })
        }
        JobStatus::Claimed { provider, confirmed_by, output, until } => json!({
            "type": "claimed",
            "provider": provider,
            "confirmedBy": confirmed_by,
            "output": payload(output),
            "until": until,
        }),
        JobStatus::Disputed { claimants } => {
            json!({ "type": "disputed", "claimants": claimants })
        }
        JobStatus::Settled { provider, confirmed_by, output, receipt, fee, at } => json!({
            "type": "settled",
            "provider": provider,
            "confirmedBy": confirmed_by,
            "output": payload(output),
            "receipt": receipt,
            "fee": balance(*fee),
            "at": at,
        }),
        JobStatus::Refunded { reason, at } => {
            let reason = match reason {
                RefundReason::NoResult => "noResult",
                RefundReason::Declined => "declined",
                RefundReason::Disagreed => "disagreed",
                RefundReason::Refuted => "refuted",
            };
            json!({ "type": "refunded", "reason": reason, "at": at })
        }
        JobStatus::Expired { at } => json!({ "type": "expired", "at": at }),
        JobStatus::Cancelled { at } => json!({ "type": "cancelled", "at": at }),
    };
    json!({
        "id": job.id,
        "submitter": job.submitter,
        "model": job.model,
        "input": payload(&job.input),
        "batch": job.batch,
        "policy": policy(&job.policy),
        "maxFee": balance(job.max_fee),
        "submittedAt": job.submitted_at,
        "deadline": job.deadline,
        "attempt": job.attempt,
        "status": status,
    })
}
