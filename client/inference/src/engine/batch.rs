//! Jobs of one model that are run together.
//!
//! Who comes first leads: it waits a moment for others, runs all that fit together in one run of the model, and hands over to
//! the first that came meanwhile. A job that would make the run fail fails alone: then each is run by itself.
//!
//! Whether rows of a batch do not touch each other is nothing that a card can prove, and how far a batch's results are from
//! those of its jobs by themselves depends on the inputs. A provider whose result is not within the card's tolerance of
//! others' is slashed. So the first batch of a model and every [`CHECK_EVERY`]th after it are checked: each job is run by
//! itself as well, and if one result is further from the other than a small part of the tolerance, this model's jobs are
//! run one by one from then on.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use citrate_inference_types::{
    Dim, InferenceError, ModelCard, NamedTensor, Tensor, TensorSpec, Tensors, Tolerance, agree,
};
use codec::Encode;

use super::{Bounds, lock};

/// The axis that stands for independent inputs; the name is what says so.
const BATCH_AXIS: &str = "batch";

/// The part of the card's tolerance that a batch may take up: other inputs, and other machines, need the rest.
const TOLERANCE_PART: u64 = 8;
/// The part of a job's time that its batch may be expected to take: if it fails, there is time to run its jobs alone.
const TIME_PART: u32 = 8;
/// How often a batch is checked.
const CHECK_EVERY: u32 = 16;

type Outcome = Result<Tensors, InferenceError>;

/// How jobs are put together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batching {
    /// How long the first one waits for others.
    pub(super) wait: Duration,
    /// LIMIT: rows of one run; a job that has more is run by itself.
    pub(super) rows_max: u32,
    /// LIMIT: jobs that wait.
    pub(super) waiting_max: usize,
}

/// Runs a model's inputs within bounds.
pub(super) type Execute<'a> = &'a dyn Fn(&Tensors, Bounds) -> Outcome;

/// Puts the jobs of one model together.
#[derive(Debug)]
pub(super) struct Batcher {
    card: ModelCard,
    /// The same with less tolerance.
    strict: ModelCard,
    queue: Mutex<Queue>,
    /// Somebody came.
    came: Condvar,
    trust: Mutex<Trust>,
    /// What a row takes; zero before the first run.
    row_time: Mutex<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// No batch has been checked.
    Unproven,
    /// The last one that was checked was right; how many have not been since.
    Proven { unchecked: u32 },
    /// A batch gave other results than its jobs by themselves.
    Refuted,
}

#[derive(Debug, Default)]
struct Queue {
    /// LIMIT: [`Batching::waiting_max`].
    waiting: VecDeque<Job>,
    /// Whether somebody leads.
    is_led: bool,
}

/// A job that waits to be run.
#[derive(Clone, Debug)]
struct Job {
    inputs: Tensors,
    rows: u32,
    /// The shapes but for the rows, in the card's order: what is run together is alike in them.
    shapes: Vec<Vec<u32>>,
    bounds: Bounds,
    turn: Arc<Turn>,
}

/// Where a job learns what becomes of it.
#[derive(Debug, Default)]
struct Turn {
    told: Mutex<Option<Told>>,
    changed: Condvar,
}

#[derive(Debug)]
enum Told {
    Lead,
    Done(Outcome),
}

impl Turn {
    fn tell(&self, told: Told) {
        *lock(&self.told) = Some(told);
        self.changed.notify_all();
    }

    fn wait(&self) -> Told {
        let mut told = lock(&self.told);
        loop {
            match told.take() {
                Some(told) => return told,
                None => told = self.changed.wait(told).unwrap_or_else(|poison| poison.into_inner()),
            }
        }
    }
}

/// Whoever leads: even if it panics, the others go on.
struct Lead<'a> {
    batcher: &'a Batcher,
    others: Vec<Arc<Turn>>,
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        for turn in self.others.drain(..) {
            let error = InferenceError::Failed("the run that it was part of ended".into());
            turn.tell(Told::Done(Err(error)));
        }
        let mut queue = lock(&self.batcher.queue);
        match queue.waiting.front() {
            Some(next) => next.turn.tell(Told::Lead),
            None => queue.is_led = false,
        }
    }
}

impl Batcher {
    /// For a model whose card allows it: every input and output has rows, and no output has to be exact, because an honest
    /// machine that runs jobs one by one may differ in the last digits.
    pub(super) fn new(card: ModelCard) -> Option<Self> {
        let mut specs = card.inputs.iter().chain(&card.outputs);
        if !specs.all(has_rows) || card.tolerance.len() != card.outputs.len() {
            return None;
        }
        let mut strict = card.clone();
        for tolerance in &mut strict.tolerance {
            *tolerance = part(tolerance)?;
        }
        let (queue, came) = (Mutex::default(), Condvar::new());
        let (trust, row_time) = (Mutex::new(Trust::Unproven), Mutex::default());
        Some(Self { card, strict, queue, came, trust, row_time })
    }

    /// Whether these inputs may be run together with others.
    pub(super) fn takes(&self, inputs: &Tensors, rows_max: u32) -> bool {
        *lock(&self.trust) != Trust::Refuted
            && self.card.check_inputs(inputs).is_ok()
            && rows(inputs).is_some_and(|rows| (1..rows_max).contains(&rows))
    }

    /// Runs inputs that [`Self::takes`] accepts, maybe together with others.
    pub(super) fn run(
        &self,
        inputs: Tensors,
        bounds: Bounds,
        batching: Batching,
        execute: Execute<'_>,
    ) -> Outcome {
        let turn = Arc::new(Turn::default());
        if !self.join(inputs, bounds, batching.waiting_max, &turn)?
            && let Told::Done(outcome) = turn.wait()
        {
            return outcome;
        }
        let batch = self.collect(batching);
        let mut lead = Lead { batcher: self, others: Vec::new() };
        lead.others.extend(batch.iter().map(|job| Arc::clone(&job.turn)).skip(1));
        let mut outcomes = self.execute(&batch, execute).into_iter();
        // Who leads is the first.
        let own = outcomes.next();
        for (other, outcome) in std::mem::take(&mut lead.others).into_iter().zip(outcomes) {
            other.tell(Told::Done(outcome));
        }
        own.unwrap_or(Err(InferenceError::Busy))
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        lock(&self.queue).waiting.len()
    }

    /// Puts a job in the queue; whether it has to lead.
    fn join(
        &self,
        inputs: Tensors,
        bounds: Bounds,
        waiting_max: usize,
        turn: &Arc<Turn>,
    ) -> Result<bool, InferenceError> {
        let shapes = self.card.inputs.iter().map(|spec| {
            let tensor = inputs.get(spec.name.as_str());
            tensor
                .map(|tensor| tensor.shape().iter().skip(1).copied().collect())
                .unwrap_or_default()
        });
        let (shapes, rows) = (shapes.collect(), rows(&inputs).unwrap_or(0));
        let mut queue = lock(&self.queue);
        if queue.waiting.len() >= waiting_max {
            return Err(InferenceError::Busy);
        }
        queue.waiting.push_back(Job { inputs, rows, shapes, bounds, turn: Arc::clone(turn) });
        self.came.notify_all();
        Ok(!std::mem::replace(&mut queue.is_led, true))
    }

    /// The first job and those that fit to it, once there are enough or the time is up.
    fn collect(&self, batching: Batching) -> Vec<Job> {
        let until = Instant::now() + batching.wait;
        let mut queue = lock(&self.queue);
        loop {
            let (chosen, is_full) = choose(&queue.waiting, self.rows_max(&queue, batching));
            let left = until.saturating_duration_since(Instant::now());
            if is_full || left.is_zero() {
                let mut batch = Vec::new();
                let waiting = std::mem::take(&mut queue.waiting);
                for (place, job) in waiting.into_iter().enumerate() {
                    if chosen.contains(&place) {
                        batch.push(job);
                    } else {
                        queue.waiting.push_back(job);
                    }
                }
                return batch;
            }
            let waited = self.came.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(|poison| poison.into_inner()).0;
        }
    }

    /// LIMIT: rows of a batch that is expected to take a small part of what its first job may.
    fn rows_max(&self, queue: &Queue, batching: Batching) -> u32 {
        let row_time = lock(&self.row_time).as_micros().max(1);
        let time = queue.waiting.front().map_or(Duration::ZERO, |job| job.bounds.time / TIME_PART);
        let rows = u32::try_from(time.as_micros() / row_time).unwrap_or(u32::MAX);
        batching.rows_max.min(rows.max(1))
    }

    /// What becomes of each job of a batch.
    fn execute(&self, batch: &[Job], execute: Execute<'_>) -> Vec<Outcome> {
        let begun = Instant::now();
        let outcomes = self.execute_timed(batch, execute);
        let rows = batch.iter().fold(0, |sum: u32, job| sum.saturating_add(job.rows));
        let row = begun.elapsed() / rows.max(1);
        let mut row_time = lock(&self.row_time);
        *row_time = if row_time.is_zero() { row } else { (*row_time * 3 + row) / 4 };
        outcomes
    }

    fn execute_timed(&self, batch: &[Job], execute: Execute<'_>) -> Vec<Outcome> {
        let singly =
            || batch.iter().map(|job| execute(&job.inputs, job.bounds)).collect::<Vec<_>>();
        if batch.len() < 2 {
            return singly();
        }
        let together = self.together(batch, execute);
        let trust = *lock(&self.trust);
        match (together, trust) {
            (Ok(outcomes), Trust::Proven { unchecked }) if unchecked < CHECK_EVERY => {
                self.note(Trust::Proven { unchecked: unchecked + 1 });
                outcomes
            }
            (Ok(outcomes), _) => {
                let single = singly();
                let agree = single.iter().zip(&outcomes).all(|pair| match pair {
                    (Ok(alone), Ok(together)) => agree(&self.strict, alone, together),
                    // A limit of its own.
                    (alone, together) => alone == together,
                });
                let proven = Trust::Proven { unchecked: 1 };
                self.note(if agree { proven } else { Trust::Refuted });
                single
            }
            (Err(error), _) => {
                tracing::debug!(%error, jobs = batch.len(), "a batch failed; each job is run by itself");
                singly()
            }
        }
    }

    fn note(&self, found: Trust) {
        let before = std::mem::replace(&mut *lock(&self.trust), found);
        let model = self.card.name.as_str();
        match (before, found) {
            (Trust::Unproven, Trust::Proven { .. }) => {
                tracing::info!(model, "jobs give the same results together as alone");
            }
            (Trust::Unproven | Trust::Proven { .. }, Trust::Refuted) => {
                tracing::warn!(
                    model,
                    "jobs give other results together than alone: no more batches"
                );
            }
            _ => {}
        }
    }

    /// One run for all; an error if it is none, or gives no rows.
    fn together(
        &self,
        batch: &[Job],
        execute: Execute<'_>,
    ) -> Result<Vec<Outcome>, InferenceError> {
        let outputs =
            execute(&self.join_inputs(batch)?, Bounds::of_all(batch.iter().map(|job| job.bounds)))?;
        let Some(parts) = split(&outputs, batch) else {
            self.note(Trust::Refuted);
            return Err(InferenceError::Failed(
                "the outputs have other rows than the inputs".into(),
            ));
        };
        let bounded = |(outputs, job): (Tensors, &Job)| {
            let fits = outputs.encoded_size() as u64 <= job.bounds.output_bytes_max;
            if fits { Ok(outputs) } else { Err(InferenceError::OutputTooLarge) }
        };
        Ok(parts.into_iter().zip(batch).map(bounded).collect())
    }

    fn join_inputs(&self, batch: &[Job]) -> Result<Tensors, InferenceError> {
        let invalid =
            |error: &dyn std::fmt::Display| InferenceError::InvalidInput(error.to_string());
        let mut joined = Vec::new();
        for spec in &self.card.inputs {
            let name = spec.name.as_str();
            let parts = || batch.iter().filter_map(|job| job.inputs.get(name));
            let Some(first) = parts().next() else { continue };
            let mut shape = first.shape().to_vec();
            if let Some(rows) = shape.first_mut() {
                *rows = batch.iter().fold(0, |sum: u32, job| sum.saturating_add(job.rows));
            }
            let data = parts().flat_map(|part| part.data()).copied().collect();
            let tensor =
                Tensor::try_new(first.dtype(), shape, data).map_err(|error| invalid(&error))?;
            joined.push(NamedTensor { name: name.into(), tensor });
        }
        Tensors::try_new(joined).map_err(|error| invalid(&error))
    }
}

/// A small part of a tolerance; none of one that has no parts.
fn part(tolerance: &Tolerance) -> Option<Tolerance> {
    let part = |nano: &u64| nano / TOLERANCE_PART;
    if let Tolerance::Close { atol_nano, rtol_nano, .. } = tolerance {
        let (atol_nano, rtol_nano) = (part(atol_nano), part(rtol_nano));
        return Some(Tolerance::Close { atol_nano, rtol_nano, outliers_max: 0 });
    }
    if let Tolerance::TopK { k, margin_nano } = tolerance {
        return Some(Tolerance::TopK { k: *k, margin_nano: part(margin_nano) });
    }
    None
}

/// Whether the first axis, and no other, is the one that stands for independent inputs.
fn has_rows(spec: &TensorSpec) -> bool {
    let is_batch = |dim: &Dim| matches!(dim, Dim::Dynamic(name) if name.as_str() == BATCH_AXIS);
    spec.shape.first().is_some_and(is_batch) && !spec.shape.iter().skip(1).any(is_batch)
}

/// The number of rows, which is the same in every input.
fn rows(inputs: &Tensors) -> Option<u32> {
    inputs.iter().next()?.tensor.shape().first().copied()
}

/// The places of the first job and of those that fit to it, and whether no more would.
fn choose(waiting: &VecDeque<Job>, rows_max: u32) -> (Vec<usize>, bool) {
    let Some(first) = waiting.front() else { return (Vec::new(), true) };
    let (mut chosen, mut rows, mut is_full) = (Vec::new(), 0u32, false);
    for (place, job) in waiting.iter().enumerate() {
        if job.shapes != first.shapes {
            continue;
        }
        let with = rows.saturating_add(job.rows);
        if with > rows_max && place > 0 {
            is_full = true;
            break;
        }
        rows = with;
        chosen.push(place);
    }
    (chosen, is_full || rows >= rows_max)
}

/// Each job's rows of the outputs; none if an output has another number of them.
fn split(outputs: &Tensors, batch: &[Job]) -> Option<Vec<Tensors>> {
    let total: u32 = batch.iter().map(|job| job.rows).sum();
    if outputs.iter().any(|output| output.tensor.shape().first() != Some(&total)) {
        return None;
    }
    let mut begin = 0usize;
    let mut parts = Vec::new();
    for job in batch {
        let rows = usize::try_from(job.rows).ok()?;
        let mut part = Vec::new();
        for NamedTensor { name, tensor } in outputs.iter() {
            let bytes = tensor.data().len() / usize::try_from(total).ok()?;
            let data = tensor.data().get(begin * bytes..(begin + rows) * bytes)?.to_vec();
            let mut shape = tensor.shape().to_vec();
            *shape.first_mut()? = job.rows;
            let tensor = Tensor::try_new(tensor.dtype(), shape, data).ok()?;
            part.push(NamedTensor { name: name.clone(), tensor });
        }
        parts.push(Tensors::try_new(part).ok()?);
        begin += rows;
    }
    Some(parts)
}
