//! One run of a model.

use codec::Encode;
use rten::{LoadErrorKind, Model, ModelOptions, NodeId, RunErrorKind, ValueOrView};

use crate::{
    fault::RefereeFault,
    onnx::{Interface, Port},
    tensor::{DType, NamedTensor, Tensors},
    value,
};

/// LIMIT: bytes of a message.
const MESSAGE_BYTES_MAX: usize = 512;

/// Runs the model once.
pub(crate) fn run(
    file: Vec<u8>,
    inputs: &[u8],
    output_bytes_max: u32,
) -> Result<Tensors, RefereeFault> {
    let inputs =
        Tensors::from_bytes(inputs).map_err(|error| RefereeFault::InvalidInput(message(&error)))?;
    let interface =
        Interface::read(&file).map_err(|why| RefereeFault::InvalidModel(why.to_owned()))?;
    let outputs = declared(&interface.outputs)?;
    check_inputs(&interface.inputs, &inputs)?;
    drop(interface.inputs);
    // The file goes once it is read: the engine keeps copies of the weights.
    let model = load(file)?;
    let ids = output_ids(&model, &outputs)?;
    let given = given(&model, inputs)?;
    let results = model.run(given, &ids, None).map_err(|error| match error.kind() {
        RunErrorKind::InvalidInput => RefereeFault::InvalidInput(message(&error)),
        _ => RefereeFault::Failed(message(&error)),
    })?;
    let bytes =
        results.iter().zip(&outputs).map(|(result, (_, dtype))| value::size(result, *dtype));
    // Before they are copied; names and shapes come on top.
    if bytes.fold(0u64, u64::saturating_add) > u64::from(output_bytes_max) {
        return Err(RefereeFault::OutputTooLarge);
    }
    let mut tensors = Vec::with_capacity(results.len());
    for (result, (name, dtype)) in results.iter().zip(outputs) {
        let tensor = value::to_tensor(result, dtype).map_err(RefereeFault::Failed)?;
        tensors.push(NamedTensor { name, tensor });
    }
    let tensors =
        Tensors::try_new(tensors).map_err(|error| RefereeFault::Failed(message(&error)))?;
    if tensors.encoded_size() as u64 > u64::from(output_bytes_max) {
        return Err(RefereeFault::OutputTooLarge);
    }
    Ok(tensors)
}

/// The names and types of the outputs.
fn declared(outputs: &[Port<'_>]) -> Result<Vec<(String, DType)>, RefereeFault> {
    let read = |port: &Port<'_>| match port.dtype() {
        Some(dtype) => Ok((port.name.to_owned(), dtype)),
        None => Err(unknown_type("output", port)),
    };
    outputs.iter().map(read).collect()
}

fn unknown_type(what: &str, port: &Port<'_>) -> RefereeFault {
    let text = format!("{what} {} of ONNX's type {}", port.name, port.element);
    RefereeFault::Unsupported(message(&text))
}

fn check_inputs(declared: &[Port<'_>], inputs: &Tensors) -> Result<(), RefereeFault> {
    for port in declared {
        let dtype = port.dtype().ok_or_else(|| unknown_type("input", port))?;
        let found = inputs.get(port.name).map(|tensor| tensor.dtype());
        if found != Some(dtype) {
            let found = found.map_or("missing".to_owned(), |found| format!("{found:?}"));
            let text = format!("{} is {found} and should be {dtype:?}", port.name);
            return Err(RefereeFault::InvalidInput(message(&text)));
        }
    }
    if declared.len() != inputs.len() {
        let text = format!("{} inputs where the model has {}", inputs.len(), declared.len());
        return Err(RefereeFault::InvalidInput(text));
    }
    Ok(())
}

fn load(file: Vec<u8>) -> Result<Model, RefereeFault> {
    ModelOptions::with_all_ops().load(file).map_err(|error| match error.kind() {
        // The message names the operator, and what of it is not known.
        LoadErrorKind::OperatorInvalid => RefereeFault::Unsupported(message(&error)),
        _ => RefereeFault::InvalidModel(message(&error)),
    })
}

fn output_ids(model: &Model, outputs: &[(String, DType)]) -> Result<Vec<NodeId>, RefereeFault> {
    let id = |(name, dtype): &(String, DType)| {
        let id =
            model.node_id(name).map_err(|error| RefereeFault::InvalidModel(message(&error)))?;
        let found = model.node_info(id).and_then(|node| node.dtype());
        if found.is_some() && found != value::stands_for(*dtype) {
            let text = format!("output {name} is not {dtype:?}");
            return Err(RefereeFault::Unsupported(message(&text)));
        }
        Ok(id)
    };
    outputs.iter().map(id).collect()
}

fn given(
    model: &Model,
    inputs: Tensors,
) -> Result<Vec<(NodeId, ValueOrView<'static>)>, RefereeFault> {
    let mut given = Vec::with_capacity(inputs.len());
    for input in inputs.into_inner() {
        let id = model
            .node_id(&input.name)
            .map_err(|error| RefereeFault::InvalidInput(message(&error)))?;
        let value = value::from_tensor(&input.tensor).map_err(|why| {
            RefereeFault::InvalidInput(message(&format!("{}: {why}", input.name)))
        })?;
        given.push((id, ValueOrView::Value(value)));
    }
    Ok(given)
}

/// What an error says, cut.
fn message(error: &impl ToString) -> String {
    let mut text = error.to_string();
    if text.len() > MESSAGE_BYTES_MAX {
        let end = (0..=MESSAGE_BYTES_MAX).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
    }
    text
}
