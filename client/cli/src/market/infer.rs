//! `citrate infer`.

use super::{Session, row, tokens};
use crate::args::InferArgs;
use anyhow::{Context, Result, bail, ensure};
use citrate_api::inference_api;
use citrate_core::H256;
use citrate_inference_types::{
    DType, INLINE_BYTES_MAX, JobId, JobInfo, JobStatus, Labels, ModelInfo, Payload, Policy,
    Postprocess, Tensors, adapter::submission,
};
use codec::{Compact, Encode};
use serde_json::json;
use std::{
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

const POLL: Duration = Duration::from_millis(100);
/// How long to wait for a job, whatever its deadline in blocks.
const JOB_TIMEOUT: Duration = Duration::from_secs(300);
/// Scores that are shown.
const TOP: usize = 3;

/// A job that was settled.
pub(crate) struct Bought {
    pub(crate) job: JobId,
    pub(crate) submitted: u32,
    pub(crate) settled: u32,
    pub(crate) provider: String,
    pub(crate) fee: u128,
    pub(crate) receipt: H256,
    pub(crate) elapsed: Duration,
    pub(crate) output: Tensors,
    /// Labels and scores, best first, when the model classifies.
    pub(crate) scores: Vec<(String, f32)>,
}

pub(crate) fn execute(args: &InferArgs) -> Result<()> {
    let session = Session::open(&args.remote.node, &args.remote.signer)?;
    let model = session.find_model(&args.model)?;
    let max_fee = args.max_fee.unwrap_or(model.price);
    let bought = buy(&session, &model, &args.file, max_fee, args.blocks)?;
    if args.json {
        print_json(&bought)
    } else {
        print(&args.file, &bought)
    }
    Ok(())
}

/// Submits a job for a file and waits for its result.
pub(crate) fn buy(
    session: &Session,
    model: &ModelInfo,
    file: &Path,
    max_fee: u128,
    blocks: u32,
) -> Result<Bought> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    let input = submission(&model.card, &bytes);
    ensure!(
        input.len() <= INLINE_BYTES_MAX as usize,
        "the input has {} bytes; a job takes {INLINE_BYTES_MAX} at most",
        input.len()
    );
    let input = Payload::Inline(input.into_owned());
    let arguments = (model.hash, input, Compact(max_fee), Policy::Attested, blocks).encode();
    let call = session.runtime.call("InferenceJobs", "submit", &arguments)?;
    let begun = Instant::now();
    let accepted = session.signer.send(&session.node, &session.runtime, &call)?;
    let submitted = accepted.events.iter().find(|e| e.name == "InferenceJobs.JobSubmitted");
    let job = submitted.and_then(|event| event.hash("job")).context("no event names the job")?;
    let info = wait(session, job, begun)?;
    let JobStatus::Settled { provider, output, receipt, fee, at } = info.status else {
        bail!("the job {job:?} gave no result: {:?}", info.status);
    };
    let output = match output {
        Payload::Inline(bytes) => bytes,
        Payload::Content { hash, .. } => {
            session.node.call_bytes("inference_getArtifact", &json!([hash]))?
        }
    };
    let output = Tensors::from_bytes(&output).context("the job's output")?;
    let scores = scores(session, model, &output)?;
    Ok(Bought {
        job,
        submitted: accepted.number,
        settled: at,
        provider: provider.to_string(),
        fee,
        receipt,
        elapsed: begun.elapsed(),
        output,
        scores,
    })
}

fn wait(session: &Session, job: JobId, begun: Instant) -> Result<JobInfo> {
    while begun.elapsed() < JOB_TIMEOUT {
        let info = inference_api::job(&session.node, job)?.context("the job is gone")?;
        if !matches!(info.status, JobStatus::Queued | JobStatus::Assigned { .. }) {
            return Ok(info);
        }
        sleep(POLL);
    }
    bail!("the job {job:?} has no result after {} s", JOB_TIMEOUT.as_secs())
}

/// The first output's scores by label, best first.
fn scores(session: &Session, model: &ModelInfo, output: &Tensors) -> Result<Vec<(String, f32)>> {
    let Postprocess::Classify(labels) = &model.card.postprocess else { return Ok(Vec::new()) };
    let labels = match labels {
        Labels::Inline(text) => text.as_str().to_owned(),
        Labels::Asset(hash) => {
            String::from_utf8(session.node.call_bytes("inference_getArtifact", &json!([hash]))?)?
        }
    };
    let first = output.iter().next().context("the output has no tensor")?;
    ensure!(first.tensor.dtype() == DType::F32, "the scores are no f32");
    let values = first.tensor.data().chunks_exact(4).map(|bytes| {
        let [a, b, c, d] = *bytes else { return 0.0 };
        f32::from_le_bytes([a, b, c, d])
    });
    let mut scores: Vec<_> = labels.lines().map(str::to_owned).zip(values).collect();
    scores.sort_by(|a, b| b.1.total_cmp(&a.1));
    Ok(scores)
}

pub(crate) fn print(file: &Path, bought: &Bought) {
    row("job submitted", &format!("{:?}, block {}", bought.job, bought.submitted));
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if bought.scores.is_empty() {
        for named in bought.output.iter() {
            row("result", &format!("{} {:?}", named.name.as_str(), named.tensor.shape()));
        }
    } else {
        let top: Vec<String> =
            bought.scores.iter().take(TOP).map(|(label, p)| format!("{label} {p:.3}")).collect();
        row("result", &format!("{name} is {}", top.join(", ")));
    }
    row("provider", &bought.provider);
    row("fee paid", &tokens(bought.fee));
    row("receipt", &format!("{:?}", bought.receipt));
    let millis = bought.elapsed.as_millis();
    row("settled", &format!("block {}, {millis} ms after submission", bought.settled));
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn print_json(bought: &Bought) {
    let scores: Vec<_> = bought
        .scores
        .iter()
        .map(|(label, score)| json!({ "label": label, "score": score }))
        .collect();
    let result = json!({
        "job": bought.job,
        "submittedAt": bought.submitted,
        "settledAt": bought.settled,
        "provider": bought.provider,
        "fee": bought.fee.to_string(),
        "receipt": bought.receipt,
        "latencyMs": bought.elapsed.as_millis().to_string(),
        "output": format!("0x{}", hex::encode(bought.output.encode())),
        "scores": scores,
    });
    println!("{result}");
}
