//! A provider's word on models that are pending: loads the file, compares it with its card, runs the card's examples, and
//! reports what it found.
//!
//! A report answers for the model with the provider's stake, and the referee may be asked about it. So where the card says that
//! the referee can run the model, the examples are run in its module too, whose bits are the same on every machine: an owner
//! cannot have an honest provider slashed with a model of which the engine and the referee think differently.
//!
//! What this node is to blame for, such as a file that is not here yet, is no finding: a later call tries again. What the
//! model is to blame for is said once.

use alloc::{format, string::String, vec::Vec};

use citrate_core::{AccountId32, H256, key_types, sr25519};
use citrate_host::{crypto, inference, offchain};
use citrate_inference_types::{
    ConformanceReport, Description, EXAMPLE_BYTES_MAX, Example, InferenceError, ModelCard,
    ModelInfo, ModelStatus, ProviderInfo, REJECTIONS_MAX, RefereeFault, Tensors, Text, Verdict,
    adapter, content_hash, outputs_hash,
};
use codec::{DecodeAll, Encode};
use pallet_model_registry::Call;
use pallet_referee::Module;

use super::{RunError, record, transaction};
use crate::{InferenceJobs, ModelRegistry, Runtime, RuntimeCall};

/// LIMIT: models of one provider that a call looks at.
const MODELS_MAX: usize = 64;
/// Blocks after which it is said again that a model cannot be examined.
const SAID_BLOCKS: u32 = 240;

/// Why a model is not approved.
enum Finding {
    /// This node cannot tell now.
    Later(String),
    /// It is not what its card says.
    No(String),
}

/// Examines the pending models that this provider serves. True if a model was run.
pub(super) fn run(key: &sr25519::Public, provider: &ProviderInfo, now: u32, may_run: bool) -> bool {
    // Without a stake its word counts for nothing.
    if !provider.active {
        return false;
    }
    let mut ran = false;
    for model in provider.offers.iter().map(|offer| &offer.model).take(MODELS_MAX) {
        let pending = ModelRegistry::info(model).filter(|info| info.status == ModelStatus::Pending);
        let Some(info) = pending else { continue };
        if info.rejections.iter().all(|rejection| rejection.provider != provider.account) {
            ran |= visit(key, &provider.account, &info, now, may_run && !ran);
        }
    }
    ran
}

fn visit(
    key: &sr25519::Public,
    account: &AccountId32,
    info: &ModelInfo,
    now: u32,
    may_run: bool,
) -> bool {
    // Remembered as work on a job is: no job has a model's hash for its id.
    let work = (info.hash, 0, account.clone());
    let card = info.card.hash();
    if let Some(report) = record::report(&work).filter(|report| report.card == card) {
        send(key, info, report, now);
        return false;
    }
    let name = ("examine", &work).encode();
    let now_ms = offchain::timestamp();
    // It is loaded first.
    let runs = u32::try_from(info.card.examples.len()).unwrap_or(u32::MAX).saturating_add(1);
    let lost_at_ms = now_ms
        .saturating_add(super::time_ms(&info.card, runs))
        .saturating_add(super::judge::LOST_AFTER_MS.saturating_mul(runs.into()));
    if !may_run
        || !record::is_due(&name, now, super::RESEND_BLOCKS)
        || !record::claim(&work, now_ms, lost_at_ms)
    {
        return false;
    }
    let verdict = match examine(info) {
        Ok(outputs) => {
            super::log(&format!("model {:?} is what its card says", info.hash));
            Some(Verdict::Conforms { outputs })
        }
        Err(Finding::No(reason)) => {
            super::log(&format!("model {:?} rejected: {reason}", info.hash));
            Some(Verdict::Rejected { reason: Text::truncated(&reason) })
        }
        Err(Finding::Later(reason)) => {
            let said = ("said", &work).encode();
            if record::is_due(&said, now, SAID_BLOCKS) {
                super::log(&format!("model {:?} is not examined yet: {reason}", info.hash));
                record::sent(&said, now);
            }
            record::sent(&name, now);
            None
        }
    };
    if let Some(verdict) = verdict {
        let (genesis, engine) = (InferenceJobs::genesis(), super::engine(&super::capabilities()));
        let (model, provider) = (info.hash, account.clone());
        let report = ConformanceReport { genesis, model, card, engine, verdict, provider };
        record::keep_report(&work, &report);
        send(key, info, report, now);
    }
    record::release(&work);
    true
}

/// Gives a report to the pool, unless that was done lately, or as many have said so as may.
fn send(key: &sr25519::Public, info: &ModelInfo, report: ConformanceReport, now: u32) {
    let is_full = info.rejections.len() as u64 >= u64::from(REJECTIONS_MAX);
    if is_full && matches!(report.verdict, Verdict::Rejected { .. }) {
        return;
    }
    let name = ("report", info.hash, &report.provider).encode();
    if !record::is_due(&name, now, super::RESEND_BLOCKS) {
        return;
    }
    let signature = crypto::sr25519_sign(key_types::PROVIDER, key, &report.signing_payload());
    let Some(signature) = signature else { return };
    let call = RuntimeCall::ModelRegistry(Call::report { report, signature });
    if transaction::submit(key, call, now) {
        record::sent(&name, now);
    }
}

/// Compares a model's file with its card, and what it gives for the examples with what it should; the hash of what it gave.
fn examine(info: &ModelInfo) -> Result<H256, Finding> {
    let card = &info.card;
    let no = |error: &dyn core::fmt::Display| Finding::No(format!("{error}"));
    let file = match inference::describe(&info.hash, super::limits(card)) {
        Ok(bytes) => Description::decode_all(&mut bytes.as_slice())
            .map_err(|error| Finding::Later(format!("the engine's answer: {error}")))?,
        // The engine's own trouble, before anything of the model was run.
        Err(error @ InferenceError::Failed(_)) => return Err(Finding::Later(format!("{error}"))),
        Err(error) => return Err(finding(card, &error)),
    };
    card.check_file(&file).map_err(|mismatch| no(&mismatch))?;
    let mut given = Vec::new();
    for example in &card.examples {
        let (input, expected) = artifacts(example)?;
        let output = match super::infer(&info.hash, card, &input) {
            Ok(output) => output,
            Err(RunError::Engine(error)) => return Err(finding(card, &error)),
            Err(RunError::Input(error)) => return Err(no(&error)),
        };
        card.check_example(&expected, &output).map_err(|mismatch| no(&mismatch))?;
        ask_referee(info, &input, &expected)?;
        given.push(content_hash(&output));
    }
    Ok(outputs_hash(&given))
}

/// Checks that the committee of a dispute would not find the report on this example false.
fn ask_referee(info: &ModelInfo, input: &[u8], expected: &[u8]) -> Result<(), Finding> {
    let (Some(limits), Some(module)) = (info.card.referee_limits(), Module::<Runtime>::get())
    else {
        return Ok(());
    };
    let no = |error: &dyn core::fmt::Display| Finding::No(format!("{error}"));
    let inputs = adapter::preprocess(&info.card, input).map_err(|error| no(&error))?;
    // Whatever this machine cannot do, such as to get the module, is no fault of the model.
    let answer = inference::referee(&module, &info.hash, inputs.encode(), limits)
        .map_err(|error| Finding::Later(format!("the referee: {error}")))?;
    let answer = <Result<Tensors, RefereeFault>>::decode_all(&mut answer.as_slice())
        .map_err(|error| Finding::Later(format!("the referee's answer: {error}")))?;
    let truth =
        answer.map_err(|fault| Finding::No(format!("the referee does not run it: {fault}")))?;
    let expected = Tensors::from_bytes(expected).map_err(|error| no(&error))?;
    if info.card.check_outputs(&truth).is_err() || info.card.contradicts(&expected, &truth) {
        return Err(Finding::No("the referee gives something else for an example".into()));
    }
    Ok(())
}

/// An example's input and the output that it should have.
fn artifacts(example: &Example) -> Result<(Vec<u8>, Vec<u8>), Finding> {
    let get = |hash, bytes: u32, what: &str| {
        let found = inference::artifact_get(hash, EXAMPLE_BYTES_MAX)
            .ok_or_else(|| Finding::Later(format!("an example's {what} is not here")))?;
        if found.len() as u64 == u64::from(bytes) {
            Ok(found)
        } else {
            Err(Finding::No(format!("an example's {what} is not as long as the card says")))
        }
    };
    let input = get(&example.input, example.input_bytes, "input")?;
    Ok((input, get(&example.output, example.output_bytes, "output")?))
}

/// What the engine's refusal says of the model.
fn finding(card: &ModelCard, error: &InferenceError) -> Finding {
    let reason = format!("{error}");
    match error {
        InferenceError::Unavailable(_)
        | InferenceError::UnknownModel
        | InferenceError::Corrupted
        | InferenceError::Busy => Finding::Later(reason),
        // The card allows more than this node has.
        InferenceError::OutOfMemory
            if super::capabilities().memory_bytes_max < card.limits.memory_bytes_max =>
        {
            Finding::Later(reason)
        }
        InferenceError::InvalidModel(_)
        | InferenceError::InvalidInput(_)
        | InferenceError::Timeout
        | InferenceError::OutOfMemory
        | InferenceError::OutputTooLarge
        | InferenceError::Failed(_) => Finding::No(reason),
    }
}
