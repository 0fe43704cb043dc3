//! One run of a loaded model.

use std::{sync::Arc, time::Duration};

use citrate_inference_types::{Device, InferenceError, NamedTensor, Tensors};
use codec::Encode;
use ort::session::{RunOptions, Session, SessionInputValue, SessionOutputs};

use super::{bound, error::failed};
use crate::{tensors, watchdog::Watchdog};

/// Runs a model on its inputs, for so long and with so many SCALE bytes of outputs at most.
pub(super) fn run(
    session: &mut Session,
    inputs: &Tensors,
    device: Device,
    limit: Duration,
    output_max: u64,
) -> Result<Tensors, InferenceError> {
    let values = values(session, inputs)?;
    let names: Vec<String> =
        session.outputs().iter().map(|outlet| outlet.name().to_owned()).collect();
    let mut options = RunOptions::new().map_err(|error| failed(&error))?;
    // What a run has taken beyond the models' weights goes back, so that the pool does not fill up with pieces.
    options.set("memory.enable_memory_arena_shrinkage", "cpu:0").map_err(|error| failed(&error))?;
    let options = Arc::new(options);
    let stop = Arc::clone(&options);
    let watchdog = Watchdog::start(limit, move || {
        if let Err(error) = stop.terminate() {
            tracing::warn!(error = error.message(), "a slow run cannot be stopped");
        }
    })
    .map_err(|error| InferenceError::Failed(error.to_string()))?;
    if device == Device::Cuda {
        let binding = bound::bind(session, &values, |_| false).map_err(|error| failed(&error))?;
        let outputs = session.run_binding_with_options(&binding, &options);
        if outputs.is_ok() || watchdog.fired() {
            return collect(outputs, &watchdog, &names, output_max);
        }
        // ONNX Runtime 1.31 does not write a result without elements into bound memory. Another error comes again.
    }
    let outputs = session.run_with_options(values, &options);
    collect(outputs, &watchdog, &names, output_max)
}

/// What a run gave, if it ended in time and within its bound.
fn collect(
    outputs: ort::Result<SessionOutputs<'_>>,
    watchdog: &Watchdog,
    names: &[String],
    output_max: u64,
) -> Result<Tensors, InferenceError> {
    if watchdog.fired() {
        return Err(InferenceError::Timeout);
    }
    let outputs = outputs.map_err(|error| failed(&error))?;
    let mut bytes = 0u64;
    for name in names {
        if let Some(value) = outputs.get(name) {
            // The names and shapes take a few bytes more, but only those of the data can be many.
            bytes = bytes.saturating_add(tensors::bytes_of(name, value)?);
        }
    }
    if bytes > output_max {
        return Err(InferenceError::OutputTooLarge);
    }
    let mut result = Vec::new();
    for name in names {
        if let Some(value) = outputs.get(name) {
            let tensor = tensors::from_ort(name, value)?;
            result.push(NamedTensor { name: name.clone(), tensor });
        }
    }
    let result = Tensors::try_new(result).map_err(|e| InferenceError::Failed(e.to_string()))?;
    if result.encoded_size() as u64 > output_max {
        return Err(InferenceError::OutputTooLarge);
    }
    Ok(result)
}

/// The inputs in the model's order, each checked against what the model says of it.
fn values(
    session: &Session,
    inputs: &Tensors,
) -> Result<Vec<(String, SessionInputValue<'static>)>, InferenceError> {
    let mut values = Vec::new();
    for outlet in session.inputs() {
        let tensor = inputs.get(outlet.name()).ok_or_else(|| {
            InferenceError::InvalidInput(format!("input {:?} is missing", outlet.name()))
        })?;
        tensors::check(outlet, tensor)?;
        values.push((outlet.name().to_owned(), tensors::to_ort(tensor)?));
    }
    let known = |name: &str| session.inputs().iter().any(|outlet| outlet.name() == name);
    match inputs.iter().find(|input| !known(&input.name)) {
        Some(extra) => {
            let reason = format!("the model has no input {:?}", extra.name);
            Err(InferenceError::InvalidInput(reason))
        }
        None => Ok(values),
    }
}
