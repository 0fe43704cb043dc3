//! The off-chain worker: runs the jobs that are assigned to this node's provider keys.
//!
//! It is part of `:worker` only and never runs in a block. The node calls it after every new best block, several calls
//! may run at a time, and the node may be killed at any point, so what was begun is written to the node's off-chain
//! database first, by compare-and-set: a job is run by one call, and its receipt is kept until it is in the chain.
//!
//! A provider key (type `prov`) is also the provider's account: it signs receipts and the transactions that carry them.

mod record;
mod transaction;

use alloc::string::String;

use citrate_core::{AccountId32, Header, key_types, sr25519};
use citrate_host::{crypto, inference, logging, offchain};
use citrate_inference_types::{
    AssignedJob, Capabilities, Counters, EngineInfo, INLINE_BYTES_MAX, InferenceError, Payload,
    RECEIPT_VERSION, Receipt, RunLimits, Text, adapter, content_hash,
};
use codec::{Decode, Encode};
use pallet_inference_jobs::Blob;

use crate::{InferenceJobs, Runtime, RuntimeCall};
use record::Record;

/// LIMIT: keys that one call looks at.
const KEYS_MAX: usize = 8;
/// LIMIT: models that one call runs; the next call goes on.
const RUNS_MAX: usize = 4;
/// A run that has not ended this long after its own limit was lost with its process.
const LOST_AFTER_MS: u64 = 60_000;
/// Blocks after which a transaction that is not in the chain is sent again.
const RESEND_BLOCKS: u32 = 8;

/// What came of a job.
enum Failure {
    /// Not now; a later call tries again.
    Later,
    /// This node cannot do it, with what it says in the log.
    Never(String),
}

/// Does what there is to do after this block.
pub(crate) fn run(header: &Header) {
    let mut runs = RUNS_MAX;
    for key in crypto::sr25519_public_keys(key_types::PROVIDER).into_iter().take(KEYS_MAX) {
        let account = AccountId32::new(key.0);
        let serves =
            InferenceJobs::provider(&account).is_some_and(|provider| provider.session_key == key);
        if !serves {
            continue;
        }
        for job in InferenceJobs::assigned_jobs(&account) {
            if header.number >= job.due || runs == 0 {
                continue;
            }
            if visit(&key, &account, &job, header.number) {
                runs = runs.saturating_sub(1);
            }
        }
    }
}

/// Takes a job one step further; true if its model was run.
fn visit(key: &sr25519::Public, account: &AccountId32, job: &AssignedJob, now: u32) -> bool {
    let (old, known) = record::read(job);
    match known {
        Some(Record::Answered { call, sent_at }) => {
            if sent_at.is_none_or(|at| now >= at.saturating_add(RESEND_BLOCKS)) {
                send(key, job, *call, now);
            }
            return false;
        }
        Some(Record::Started { lost_at_ms }) if offchain::timestamp() < lost_at_ms => return false,
        Some(Record::Started { .. }) | None => {}
    }
    let allowed = u64::from(job.card.limits.time_ms_max).saturating_add(LOST_AFTER_MS);
    let lost_at_ms = offchain::timestamp().saturating_add(allowed);
    if !record::replace(job, old, &Record::Started { lost_at_ms }) {
        return false;
    }
    let call = match answer(key, account, job) {
        Ok(call) => call,
        Err(Failure::Later) => {
            record::forget(job);
            return true;
        }
        Err(Failure::Never(reason)) => {
            log(&alloc::format!("job {:?} declined: {reason}", job.id));
            let decline =
                pallet_inference_jobs::Call::decline { job: job.id, attempt: job.attempt };
            RuntimeCall::InferenceJobs(decline)
        }
    };
    send(key, job, call, now);
    true
}

/// Sends the transaction that answers a job, and keeps it until the chain has it.
fn send(key: &sr25519::Public, job: &AssignedJob, call: RuntimeCall, now: u32) {
    // Written before it is sent, so that a kill in between does not cost the result.
    record::write(job, &Record::Answered { call: call.clone().into(), sent_at: None });
    if transaction::submit(key, call.clone(), now) {
        record::write(job, &Record::Answered { call: call.into(), sent_at: Some(now) });
    }
}

/// Runs a job; gives the call that delivers its result.
fn answer(
    key: &sr25519::Public,
    account: &AccountId32,
    job: &AssignedJob,
) -> Result<RuntimeCall, Failure> {
    let never = |error: &dyn core::fmt::Display| Failure::Never(alloc::format!("{error}"));
    let limits = &job.card.limits;
    let input = match &job.input {
        Payload::Inline(bytes) => bytes.clone(),
        Payload::Content { hash, .. } => inference::artifact_get(hash, limits.input_bytes_max)
            .ok_or_else(|| never(&"the input is not in the artifact store"))?,
    };
    let tensors = adapter::preprocess(&job.card, &input).map_err(|error| never(&error))?;
    let limits = RunLimits {
        time_ms_max: limits.time_ms_max,
        memory_bytes_max: limits.memory_bytes_max,
        output_bytes_max: limits.output_bytes_max,
    };
    let begin = offchain::timestamp();
    let output = match inference::run(&job.model, tensors.encode(), limits) {
        Ok(output) => output,
        Err(InferenceError::Busy) => return Err(Failure::Later),
        Err(error) => return Err(never(&error)),
    };
    let elapsed = offchain::timestamp().saturating_sub(begin);
    let receipt = Receipt {
        version: RECEIPT_VERSION,
        genesis: pallet_inference_jobs::Pallet::<Runtime>::genesis(),
        job: job.id,
        attempt: job.attempt,
        model: job.model,
        input: content_hash(&input),
        output: content_hash(&output),
        engine: engine(),
        counters: Counters {
            elapsed_ms: u32::try_from(elapsed).unwrap_or(u32::MAX),
            input_bytes: u32::try_from(input.len()).unwrap_or(u32::MAX),
            output_bytes: u32::try_from(output.len()).unwrap_or(u32::MAX),
        },
        provider: account.clone(),
    };
    let signature = crypto::sr25519_sign(key_types::PROVIDER, key, &receipt.signing_payload())
        .ok_or_else(|| never(&"the provider key is gone"))?;
    let bytes = receipt.counters.output_bytes;
    let output = if bytes <= INLINE_BYTES_MAX {
        Blob::Inline(output.try_into().map_err(|_| never(&"the output does not fit"))?)
    } else {
        Blob::Content { hash: inference::artifact_put(&output), bytes }
    };
    Ok(RuntimeCall::InferenceJobs(pallet_inference_jobs::Call::submit_receipt {
        job: job.id,
        receipt,
        output,
        signature,
    }))
}

/// What this node runs models with.
fn engine() -> EngineInfo {
    let about = Capabilities::decode(&mut inference::capabilities().as_slice())
        .unwrap_or_else(|_| Capabilities::unavailable(""));
    EngineInfo {
        name: Text::truncated(&about.engine),
        version: Text::truncated(&about.version),
        device: about.device,
        settings: about.settings,
    }
}

fn log(message: &str) {
    logging::log(citrate_host::Level::Info, "worker", message.as_bytes());
}
