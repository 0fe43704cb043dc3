//! The off-chain worker: runs the jobs that are assigned to this node's provider keys.
//!
//! It is part of `:worker` only and never runs in a block. The node calls it after every new best block, several calls
//! may run at a time, and the node may be killed at any point, so a call claims a job, by compare-and-set, before it
//! runs it, and its receipt is written to the node's off-chain database before it is sent and kept until it is in the
//! chain: a result is computed once, whatever happens after.
//!
//! A redundant job is answered in two steps. What opens the commitment is written together with it, and sent some blocks
//! after all have committed: a reorganisation that takes back another provider's commitment must not find this
//! one's result in the pool, where it could be copied.
//!
//! [`conformance`] is a provider's word on models that take no jobs yet, [`judge`] a validator's part in the referee's
//! committees, [`dissent`] what a provider does that was outvoted, [`attest`] what one does whose result counts together
//! with others', [`heartbeat`] its sign of life.
//!
//! A provider key (type `prov`) is also the provider's account: it signs receipts and the transactions that carry them.

mod attest;
mod conformance;
mod dissent;
mod heartbeat;
mod judge;
mod record;
mod transaction;

use alloc::{boxed::Box, string::String, vec::Vec};

use citrate_core::{AccountId32, H256, Header, key_types, sr25519};
use citrate_host::{crypto, inference, logging, offchain};
use citrate_inference_types::{
    AssignedJob, Batch, BatchError, Capabilities, CardError, Counters, Digest, EngineInfo,
    Generation, INLINE_BYTES_MAX, InferenceError, ModelCard, Payload, Preprocess, RECEIPT_VERSION,
    Receipt, RunLimits, Stage, Tensors, Text, adapter, content_hash,
};
use citrate_support::pallet_prelude::{BoundedVec, ConstU32};
use codec::{Decode, Encode};
use pallet_inference_jobs::Blob;

use crate::{InferenceJobs, Providers, Runtime, RuntimeCall};
use record::{Answer, Work};

/// LIMIT: keys that one call looks at.
const KEYS_MAX: usize = 8;
/// LIMIT: models that one call runs; the next call goes on.
const RUNS_MAX: usize = 4;
/// A call that has not come back this long after all its limits has failed.
const LOST_AFTER_MS: u64 = 60_000;
/// Blocks after which a transaction that is not in the chain is sent again.
const RESEND_BLOCKS: u32 = 8;
/// Blocks before its last one in which a job's input, if it is on another node, is not waited for any longer.
const INPUT_BLOCKS: u32 = 16;
/// Blocks from the last commitment until a result is made known: four seconds, in which the chain's finality
/// has passed it where it works.
const REVEAL_AFTER_BLOCKS: u32 = 8;

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
        if judge::run(&key, header.number, runs > 0) {
            runs = runs.saturating_sub(1);
        }
        let provider = Providers::provider(&account).filter(|entry| entry.session_key == key);
        let Some(provider) = provider else { continue };
        heartbeat::run(&key, &provider, header.number);
        attest::run(&key, &account, header.number);
        if conformance::run(&key, &provider, header.number, runs > 0) {
            runs = runs.saturating_sub(1);
        }
        dissent::run(&key, &account, header.number);
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
    let now_ms = offchain::timestamp();
    let lost_at_ms = now_ms.saturating_add(time_ms(&job.card, job.batch.unwrap_or(1)));
    let work = record::work(job, account);
    if !record::claim(&work, now_ms, lost_at_ms) {
        return false;
    }
    let ran = match (record::read(&work), job.stage) {
        (Some(answer), _) => {
            send(key, job, &work, answer, now);
            false
        }
        (None, Stage::Reveal { .. }) => {
            lost(&work, "result", now);
            false
        }
        (None, Stage::Deliver | Stage::Commit) => {
            log(&alloc::format!("job {:?} attempt {}: begun", job.id, job.attempt));
            if let Some((call, reveal)) = outcome(key, account, job, now) {
                // Written before it is sent, so that a kill in between does not cost the result.
                let (call, reveal) = (Box::new(call), reveal.map(Box::new));
                let answer = Answer { call, reveal, sent_at: [None, None] };
                record::write(&work, &answer);
                log(&alloc::format!("job {:?} attempt {}: answered", job.id, job.attempt));
                send(key, job, &work, answer, now);
            }
            true
        }
    };
    record::release(&work);
    ran
}

/// How long a call may be at work on so many runs of a model before it counts as lost. Loading, waiting for another run of
/// the model, and the run itself each have the model's time.
fn time_ms(card: &ModelCard, runs: u32) -> u64 {
    u64::from(card.limits.time_ms_max)
        .saturating_mul(4)
        .saturating_mul(runs.into())
        .saturating_add(LOST_AFTER_MS)
}

/// The calls that end this provider's work on a job; none if it is to be tried again.
fn outcome(
    key: &sr25519::Public,
    account: &AccountId32,
    job: &AssignedJob,
    now: u32,
) -> Option<(RuntimeCall, Option<RuntimeCall>)> {
    match answer(key, account, job, now) {
        Ok(calls) => Some(calls),
        Err(Failure::Later) => None,
        Err(Failure::Never(reason)) => {
            log(&alloc::format!("job {:?} declined: {reason}", job.id));
            let decline =
                pallet_inference_jobs::Call::decline { job: job.id, attempt: job.attempt };
            Some((RuntimeCall::InferenceJobs(decline), None))
        }
    }
}

/// Sends the transaction that the job's stage asks for, unless that was done lately, and remembers when.
fn send(key: &sr25519::Public, job: &AssignedJob, work: &Work, mut answer: Answer, now: u32) {
    let call = match (job.stage, &answer.reveal) {
        (Stage::Deliver | Stage::Commit, _) => &answer.call,
        (Stage::Reveal { since }, Some(reveal))
            if now >= since.saturating_add(REVEAL_AFTER_BLOCKS) =>
        {
            reveal
        }
        (Stage::Reveal { .. }, _) => return,
    };
    let [first, second] = &mut answer.sent_at;
    let sent_at = if matches!(job.stage, Stage::Reveal { .. }) { second } else { first };
    let is_due = sent_at.is_none_or(|at| now >= at.saturating_add(RESEND_BLOCKS));
    if is_due && transaction::submit(key, (**call).clone(), now) {
        if matches!(job.stage, Stage::Reveal { .. }) {
            dissent::watch(job, &work.2);
        }
        *sent_at = Some(now);
        record::write(work, &answer);
    }
}

/// Runs a job; gives the call that delivers its result, or the one that commits to it and the one that reveals it.
fn answer(
    key: &sr25519::Public,
    account: &AccountId32,
    job: &AssignedJob,
    now: u32,
) -> Result<(RuntimeCall, Option<RuntimeCall>), Failure> {
    let never = |error: &dyn core::fmt::Display| Failure::Never(alloc::format!("{error}"));
    let input = input(job, now)?;
    let begin = offchain::timestamp();
    let output = match job.batch {
        None => compute(job, &input)?,
        Some(runs) => compute_all(job, &input, runs)?,
    };
    let elapsed = offchain::timestamp().saturating_sub(begin);
    let digest = digest(job, &output)?;
    let receipt = Receipt {
        version: RECEIPT_VERSION,
        genesis: pallet_inference_jobs::Pallet::<Runtime>::genesis(),
        job: job.id,
        attempt: job.attempt,
        model: job.model,
        input: content_hash(&input),
        output: content_hash(&output),
        digest: digest.as_ref().map(|digest| Digest::hash(digest)),
        engine: engine(&capabilities()),
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
        Blob::Inline(output.try_into().map_err(|_error| never(&"the output does not fit"))?)
    } else {
        let hash = inference::artifact_put(&output);
        // Nobody pays for a result that nobody can get.
        inference::artifact_get(&hash, bytes)
            .ok_or_else(|| never(&"the output cannot be stored"))?;
        match digest {
            Some(digest) => Blob::Digested { hash, bytes, digest },
            None => Blob::Content { hash, bytes },
        }
    };
    Ok(calls(job, receipt, output, signature))
}

/// The digest of a result that the chain cannot hold and has to compare with others.
fn digest(
    job: &AssignedJob,
    output: &[u8],
) -> Result<Option<BoundedVec<u8, ConstU32<INLINE_BYTES_MAX>>>, Failure> {
    let is_small = u32::try_from(output.len()).is_ok_and(|bytes| bytes <= INLINE_BYTES_MAX);
    if is_small || job.stage != Stage::Commit || !job.card.is_digested() || job.batch.is_some() {
        return Ok(None);
    }
    let tensors = Tensors::from_bytes(output).ok();
    let digest = tensors.and_then(|tensors| Digest::of(&job.card, &tensors));
    let digest = digest.ok_or_else(|| Failure::Never("the output has no digest".into()))?;
    let fits = digest.encode().try_into();
    fits.map(Some).map_err(|_long| Failure::Never("the digest is too long for the chain".into()))
}

/// A job's input; one that is not here is looked for on other nodes, for a while.
fn input(job: &AssignedJob, now: u32) -> Result<Vec<u8>, Failure> {
    let (hash, bytes) = match &job.input {
        Payload::Inline(bytes) => return Ok(bytes.clone()),
        Payload::Content { hash, bytes } | Payload::Digested { hash, bytes, .. } => (hash, *bytes),
    };
    match inference::artifact_get(hash, bytes) {
        Some(content) if content.len() as u64 == u64::from(bytes) => Ok(content),
        Some(_) => Err(Failure::Never("the input is of another length".into())),
        None if now.saturating_add(INPUT_BLOCKS) < job.due => Err(Failure::Later),
        None => Err(Failure::Never("no node that is known has the input".into())),
    }
}

/// Runs the model once for each input of a batch.
fn compute_all(job: &AssignedJob, input: &[u8], runs: u32) -> Result<Vec<u8>, Failure> {
    let wrong = |error| Failure::Never(alloc::format!("{error}"));
    let inputs = Batch::from_bytes(input).map_err(wrong)?;
    if inputs.runs() != runs {
        return Err(wrong(BatchError::Count));
    }
    let outputs: Result<Vec<_>, _> = inputs.parts().iter().map(|part| compute(job, part)).collect();
    Ok(Batch::try_new(outputs?).map_err(wrong)?.encode())
}

/// Why a model gave nothing.
enum RunError {
    /// The input is not what its card says that it takes.
    Input(CardError),
    /// The engine.
    Engine(InferenceError),
}

/// Runs the job's model: the encoded tensors that it gives for an input.
fn compute(job: &AssignedJob, input: &[u8]) -> Result<Vec<u8>, Failure> {
    infer(&job.model, &job.card, input).map_err(|error| match error {
        RunError::Engine(InferenceError::Busy) => Failure::Later,
        RunError::Engine(error) => Failure::Never(alloc::format!("{error}")),
        RunError::Input(error) => Failure::Never(alloc::format!("{error}")),
    })
}

/// Runs a model: the encoded tensors that it gives for an input.
fn infer(model: &H256, card: &ModelCard, input: &[u8]) -> Result<Vec<u8>, RunError> {
    let ran = if let Preprocess::Prompt { ends, .. } = &card.preprocess {
        let prompt = adapter::prompt(card, input).map_err(RunError::Input)?;
        inference::generate(model, Generation { prompt, ends: ends.clone() }, limits(card))
    } else {
        let tensors = adapter::preprocess(card, input).map_err(RunError::Input)?;
        inference::run(model, tensors.encode(), limits(card))
    };
    ran.map_err(RunError::Engine)
}

/// What a run of a model of this card may take.
fn limits(card: &ModelCard) -> RunLimits {
    RunLimits {
        time_ms_max: card.limits.time_ms_max,
        memory_bytes_max: card.limits.memory_bytes_max,
        output_bytes_max: card.limits.output_bytes_max,
    }
}

/// The calls that bring a result.
fn calls(
    job: &AssignedJob,
    receipt: Receipt,
    output: Blob,
    signature: sr25519::Signature,
) -> (RuntimeCall, Option<RuntimeCall>) {
    use pallet_inference_jobs::Call;
    let (id, attempt) = (job.id, job.attempt);
    if job.stage == Stage::Deliver {
        let deliver = Call::submit_receipt { job: id, receipt, output, signature };
        return (RuntimeCall::InferenceJobs(deliver), None);
    }
    let salt = H256(offchain::random_seed());
    let commit = Call::commit { job: id, attempt, commitment: receipt.commitment(&salt) };
    let reveal = Call::reveal { job: id, receipt, output, salt, signature };
    (RuntimeCall::InferenceJobs(commit), Some(RuntimeCall::InferenceJobs(reveal)))
}

/// What this node says of itself.
fn capabilities() -> Capabilities {
    Capabilities::decode(&mut inference::capabilities().as_slice())
        .unwrap_or_else(|_| Capabilities::unavailable(""))
}

/// What it runs models with.
fn engine(about: &Capabilities) -> EngineInfo {
    EngineInfo {
        name: Text::truncated(&about.engine),
        version: Text::truncated(&about.version),
        device: about.device,
        settings: about.settings,
    }
}

/// Says that what a commitment needs to be opened is gone: now and then, not in every block.
fn lost(work: &Work, what: &str, now: u32) {
    let name = ("lost", work).encode();
    if record::is_due(&name, now, RESEND_BLOCKS) {
        log(&alloc::format!("job {:?} attempt {}: its {what} is lost", work.0, work.1));
        record::sent(&name, now);
    }
}

fn log(message: &str) {
    logging::log(citrate_host::Level::Info, "worker", message.as_bytes());
}
