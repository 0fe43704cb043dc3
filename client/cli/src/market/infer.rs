//! `citrate infer`.

use super::{
    Session, heading,
    input::{self, Source},
    row, tokens,
};
use crate::args::InferArgs;
use anyhow::{Context, Result, bail, ensure};
use citrate_api::inference_api;
use citrate_core::H256;
use citrate_inference_types::{
    Batch, Digest, INLINE_BYTES_MAX, JobId, JobInfo, JobStatus, Labels, ModelCard, ModelInfo,
    ModelStatus, PANEL_MAX, Payload, Policy, Postprocess, RefundReason, Rejection, Tensors,
    read::{self, Class},
    results,
};
use codec::{Compact, Encode};
use serde_json::{Value, json};
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

const POLL: Duration = Duration::from_millis(100);
/// How long to wait for a job, whatever its deadline in blocks.
const JOB_TIMEOUT: Duration = Duration::from_secs(300);
/// Scores that are shown.
const TOP: usize = 3;
/// Elements of a tensor that are shown.
const ELEMENTS: usize = 6;
/// Characters of the bar that stands for a score of 1.
const BAR: u8 = 24;

/// A job that was settled.
pub(crate) struct Bought {
    pub(crate) job: JobId,
    pub(crate) submitted: u32,
    pub(crate) input_bytes: usize,
    pub(crate) settled: u32,
    pub(crate) provider: String,
    /// Who else gave the same result.
    pub(crate) confirmed_by: Vec<String>,
    pub(crate) fee: u128,
    pub(crate) receipt: H256,
    pub(crate) elapsed: Duration,
    /// What was asked and what came of it: more than one of a batch.
    pub(crate) answers: Vec<Answer>,
}

/// What the model gave for one input.
pub(crate) struct Answer {
    /// What it was given.
    pub(crate) name: String,
    pub(crate) output: Tensors,
    /// Labels and scores, best first, when the model classifies.
    pub(crate) scores: Vec<Class>,
    /// What a model of texts wrote.
    pub(crate) text: Option<String>,
}

pub(crate) fn execute(args: &InferArgs) -> Result<()> {
    let session = Session::open(&args.remote.node, &args.remote.signer)?;
    let model = session.find_usable(&args.model)?;
    let policy = policy(args.providers, args.quorum, args.refereed)?;
    let sources = Source::all(&args.input, &args.writing);
    let max_fee = match args.max_fee {
        Some(max_fee) => max_fee,
        None => {
            let (node, runs) = (&session.node, policy.providers());
            let quote = inference_api::quote(node, model.hash, runs, args.blocks)?;
            // The access fee is paid once, however many inputs there are.
            let access = model.access.fee();
            let runs = quote.context("the model is gone")?.saturating_sub(access);
            runs.saturating_mul(u128::try_from(sources.len())?).saturating_add(access)
        }
    };
    let order = Order { max_fee, policy, blocks: args.blocks };
    let bought = buy(&session, &model, &sources, &order)?;
    if args.json {
        print_json(&bought);
    } else {
        heading();
        row("model", &format!("{} {}, {:?}", model.card.name, model.card.version, model.hash));
        print(&bought);
    }
    Ok(())
}

/// How a job is bought.
pub(crate) struct Order {
    /// Most to pay, in the token's smallest unit.
    pub(crate) max_fee: u128,
    /// How the result is verified.
    pub(crate) policy: Policy,
    /// Blocks within which it must come.
    pub(crate) blocks: u32,
}

/// One provider's word, or the agreement of several: of more than half of them if nothing is said. Refereed, the
/// result can be disputed before it counts.
fn policy(providers: u8, quorum: Option<u8>, refereed: bool) -> Result<Policy> {
    let quorum = quorum.unwrap_or_else(|| (providers / 2).saturating_add(1));
    let policy = match (providers, quorum) {
        _ if refereed => Policy::Refereed { providers, quorum },
        (1, 1) => Policy::Attested,
        _ => Policy::Redundant { providers, quorum },
    };
    ensure!(
        policy.is_sound(),
        "{providers} providers are not 1 to {PANEL_MAX}, or the quorum is not more than half of them"
    );
    Ok(policy)
}

/// Submits a job, a batch if more than one thing is asked, and waits for its result.
pub(crate) fn buy(
    session: &Session,
    model: &ModelInfo,
    sources: &[Source<'_>],
    order: &Order,
) -> Result<Bought> {
    let &Order { max_fee, policy, blocks } = order;
    takes_jobs(model)?;
    let prepare = |source| input::prepare(session, &model.card, source);
    let mut inputs = sources.iter().map(prepare).collect::<Result<Vec<_>>>()?;
    let batch = (inputs.len() != 1).then(|| u32::try_from(inputs.len())).transpose()?;
    let input = match batch {
        None => inputs.pop().context("nothing is asked")?,
        Some(_) => Batch::try_new(inputs)?.encode(),
    };
    let input_bytes = input.len();
    let input = if input_bytes as u64 <= u64::from(INLINE_BYTES_MAX) {
        Payload::Inline(input)
    } else {
        let hash = session.upload(&input).context("the job's input")?;
        Payload::Content { hash, bytes: u32::try_from(input_bytes)? }
    };
    let max_fee = Compact(max_fee);
    let (call, arguments) = match batch {
        None => ("submit", (model.hash, input, max_fee, policy, blocks).encode()),
        Some(runs) => ("submit_batch", (model.hash, input, runs, max_fee, policy, blocks).encode()),
    };
    let call = session.runtime.call("InferenceJobs", call, &arguments)?;
    let begun = Instant::now();
    let accepted = session.signer.send(&session.node, &session.runtime, &call)?;
    let submitted = accepted.events.iter().find(|e| e.name == "InferenceJobs.JobSubmitted");
    let job = submitted.and_then(|event| event.hash("job")).context("no event names the job")?;
    let info = wait(session, job, begun)?;
    let JobStatus::Settled { provider, confirmed_by, output, receipt, fee, at } = info.status
    else {
        bail!("the job {job:?} gave no result: {}", without_result(&info.status));
    };
    let (output, digest) = match output {
        Payload::Inline(bytes) => (bytes, None),
        Payload::Content { hash, .. } => (fetched(session, hash)?, None),
        Payload::Digested { hash, digest, .. } => (fetched(session, hash)?, Some(digest)),
    };
    let outputs = results(&model.card, batch, &output).context("the job's output is malformed")?;
    if let Some(digest) = digest {
        check_digest(&model.card, &outputs, &digest)?;
    }
    let answer = |(source, output): (&Source<'_>, Tensors)| {
        let scores = scores(session, model, &output)?;
        let text = input::text(session, &model.card, &output)?;
        Ok(Answer { name: source.name(), output, scores, text })
    };
    let answers = sources.iter().zip(outputs).map(answer).collect::<Result<Vec<_>>>()?;
    Ok(Bought {
        job,
        submitted: accepted.number,
        input_bytes,
        settled: at,
        provider: provider.to_string(),
        confirmed_by: confirmed_by.iter().map(ToString::to_string).collect(),
        fee,
        receipt,
        elapsed: begun.elapsed(),
        answers,
    })
}

fn fetched(session: &Session, output: H256) -> Result<Vec<u8>> {
    session.artifact(output).context("the job's output")
}

/// Checks that an output is the one on whose digest the providers agreed: the chain has not seen it.
fn check_digest(card: &ModelCard, outputs: &[Tensors], digest: &[u8]) -> Result<()> {
    let is_agreed = match outputs {
        [output] => Digest::of(card, output).is_some_and(|own| own.encode() == digest),
        _ => false,
    };
    ensure!(is_agreed, "the output is not what the providers agreed on: its digest is another one");
    Ok(())
}

/// Says why a model takes no jobs.
fn takes_jobs(model: &ModelInfo) -> Result<()> {
    let name = &model.card.name;
    match (model.status, model.rejections.first()) {
        (ModelStatus::Active, _) => Ok(()),
        (ModelStatus::Pending, None) => {
            bail!("{name} takes no jobs yet: no provider has found it to be what its card says")
        }
        (ModelStatus::Pending, Some(Rejection { provider, reason, .. })) => {
            bail!(
                "{name} takes no jobs: {provider} found it not to be what its card says: {reason}"
            )
        }
        (ModelStatus::Deprecated, _) => bail!("{name} takes no jobs any more: it is deprecated"),
    }
}

fn wait(session: &Session, job: JobId, begun: Instant) -> Result<JobInfo> {
    while begun.elapsed() < JOB_TIMEOUT {
        let info = inference_api::job(&session.node, job)?.context("the job is gone")?;
        if info.status.ended_at().is_some() {
            return Ok(info);
        }
        sleep(POLL);
    }
    bail!("the job {job:?} has no result after {} s", JOB_TIMEOUT.as_secs())
}

/// Why there is nothing to show.
fn without_result(status: &JobStatus) -> &'static str {
    match status {
        JobStatus::Refunded { reason: RefundReason::NoResult, .. } => {
            "every provider that had it let its time pass; the money went back"
        }
        JobStatus::Refunded { reason: RefundReason::Declined, .. } => {
            "every provider that had it declined it (their logs say why); the money went back"
        }
        JobStatus::Refunded { reason: RefundReason::Disagreed, .. } => {
            "too few providers gave the same result; the money went back"
        }
        JobStatus::Refunded { reason: RefundReason::Refuted, .. } => {
            "the referee found every result wrong; the money went back"
        }
        JobStatus::Expired { .. } => {
            "not enough providers were free before its deadline; the money went back, less a place's rent"
        }
        JobStatus::Cancelled { .. } => "it was cancelled; the money went back, less a place's rent",
        _ => "it is not done yet",
    }
}

/// A classifier's scores by label, best first; none if the model is no classifier.
fn scores(session: &Session, model: &ModelInfo, output: &Tensors) -> Result<Vec<Class>> {
    let asset = match &model.card.postprocess {
        Postprocess::Classify(Labels::Asset(hash)) => {
            let bytes = session.artifact(*hash).context("the model's labels")?;
            Some(String::from_utf8(bytes).context("the model's labels")?)
        }
        Postprocess::Classify(Labels::Inline(_)) | Postprocess::Tensors => None,
    };
    Ok(read::classes(&model.card, output, asset.as_deref()).unwrap_or_default())
}

pub(crate) fn print(bought: &Bought) {
    let what = match bought.answers.as_slice() {
        [answer] => answer.name.clone(),
        answers => format!("{} inputs", answers.len()),
    };
    let about = format!("{what}, {} bytes sent, block {}", bought.input_bytes, bought.submitted);
    row("job submitted", &about);
    row("", &format!("{:?}", bought.job));
    for answer in &bought.answers {
        print_answer(answer);
    }
    row("provider", &bought.provider);
    for provider in &bought.confirmed_by {
        row("confirmed by", provider);
    }
    row("fee paid", &tokens(bought.fee));
    row("receipt hash", &format!("{:?}", bought.receipt));
    let millis = bought.elapsed.as_millis();
    row("settled", &format!("block {}, {millis} ms after submission", bought.settled));
}

fn print_answer(answer: &Answer) {
    let name = &answer.name;
    if let Some(best) = answer.scores.first() {
        row("result", &format!("`{name}` is `{}`, {:.4}", best.label, best.score));
        let top = answer.scores.iter().take(TOP);
        let width = top.clone().map(|class| class.label.chars().count()).max().unwrap_or_default();
        for Class { label, score } in top {
            let filled = (score * f64::from(BAR)).round();
            let mark = |at| if f64::from(at) < filled { '#' } else { '.' };
            let bar: String = (0..BAR).map(mark).collect();
            row("", &format!("{label:<width$}  {bar}  {score:.3}"));
        }
    } else if let Some(text) = &answer.text {
        for (at, line) in text.lines().enumerate() {
            row(if at == 0 { "result" } else { "" }, line);
        }
    } else {
        for named in answer.output.iter() {
            let (dtype, shape) = (named.tensor.dtype(), named.tensor.shape());
            row("result", &format!("{} {dtype:?} {shape:?}", named.name));
            let elements = read::elements(&named.tensor).unwrap_or_default();
            let shown = elements.iter().take(ELEMENTS).map(|element| format!("{element:.4}"));
            let more = if elements.len() > ELEMENTS { " ..." } else { "" };
            row("", &(shown.collect::<Vec<_>>().join(" ") + more));
        }
    }
}

fn print_json(bought: &Bought) {
    let class = |Class { label, score }: &Class| json!({ "label": label, "score": score });
    let answer = |answer: &Answer| {
        json!({
            "output": format!("0x{}", hex::encode(answer.output.encode())),
            "scores": answer.scores.iter().map(class).collect::<Vec<_>>(),
            "text": answer.text,
        })
    };
    let mut result = json!({
        "job": bought.job,
        "submittedAt": bought.submitted,
        "settledAt": bought.settled,
        "provider": bought.provider,
        "confirmedBy": bought.confirmed_by,
        "fee": bought.fee.to_string(),
        "receipt": bought.receipt,
        "latencyMs": u64::try_from(bought.elapsed.as_millis()).unwrap_or(u64::MAX),
    });
    match bought.answers.as_slice() {
        [one] => {
            if let (Some(result), Value::Object(answer)) = (result.as_object_mut(), answer(one)) {
                result.extend(answer);
            }
        }
        all => result["answers"] = all.iter().map(answer).collect(),
    }
    crate::output::line(&result.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use citrate_inference_types::{DType, Tensor, Tolerance};

    #[test]
    fn an_output_that_is_not_of_the_digest_is_not_shown() {
        let card = include_str!("../../../../scripts/models/magika.json");
        let mut card: ModelCard = serde_json::from_str(card).unwrap();
        let rule = Tolerance::Digest { step_nano: 1_000_000, blocks_out_max: 0 };
        card.tolerance = vec![rule].try_into().unwrap();
        let output = |score: f32| {
            let data = [score; 214].iter().flat_map(|score| score.to_le_bytes()).collect();
            let tensor = Tensor::try_new(DType::F32, vec![1, 214], data).unwrap();
            Tensors::single("target_label", tensor).unwrap()
        };
        let digest = Digest::of(&card, &output(0.5)).unwrap().encode();
        check_digest(&card, &[output(0.5)], &digest).unwrap();
        for outputs in [vec![output(0.25)], vec![], vec![output(0.5), output(0.5)]] {
            let error = check_digest(&card, &outputs, &digest).unwrap_err();
            assert!(error.to_string().contains("its digest is another one"), "{error}");
        }
        assert!(check_digest(&card, &[output(0.5)], b"no digest").is_err());
    }
}
