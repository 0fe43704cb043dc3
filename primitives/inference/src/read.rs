//! Reading results outside the runtime: labels and scores.

#![expect(
    clippy::disallowed_types,
    reason = "what people read; no runtime is built with this module"
)]

use crate::{DType, Labels, ModelCard, Postprocess, Tensor, Tensors};

/// The elements of a float tensor, or of any numeric one, as `f64`; none for `f16`.
pub fn elements(tensor: &Tensor) -> Option<Vec<f64>> {
    fn convert<const N: usize>(data: &[u8], read: fn([u8; N]) -> f64) -> Vec<f64> {
        data.as_chunks::<N>().0.iter().map(|chunk| read(*chunk)).collect()
    }
    let data = tensor.data();
    Some(match tensor.dtype() {
        DType::F32 => convert(data, |b| f64::from(f32::from_le_bytes(b))),
        DType::F64 => convert(data, f64::from_le_bytes),
        DType::I8 => convert(data, |b| f64::from(i8::from_le_bytes(b))),
        DType::I16 => convert(data, |b| f64::from(i16::from_le_bytes(b))),
        DType::I32 => convert(data, |b| f64::from(i32::from_le_bytes(b))),
        DType::I64 => convert(data, |b| i64::from_le_bytes(b) as f64),
        DType::U8 | DType::Bool => convert(data, |[b]| f64::from(b)),
        DType::U16 => convert(data, |b| f64::from(u16::from_le_bytes(b))),
        DType::U32 => convert(data, |b| f64::from(u32::from_le_bytes(b))),
        DType::U64 => convert(data, |b| u64::from_le_bytes(b) as f64),
        DType::F16 => return None,
    })
}

/// A classifier's labels with their scores, best first; none if the model is no classifier or its
/// output is not one score per label. `asset` is the file of labels where the card names one.
pub fn classes(card: &ModelCard, outputs: &Tensors, asset: Option<&str>) -> Option<Vec<Class>> {
    let Postprocess::Classify(labels) = &card.postprocess else { return None };
    let text = match labels {
        Labels::Inline(text) => text.as_str(),
        Labels::Asset(_) => asset?,
    };
    let scores = elements(outputs.get(card.outputs.first()?.name.as_str())?)?;
    let labels: Vec<&str> = text.lines().collect();
    if labels.len() != scores.len() {
        return None;
    }
    let mut classes: Vec<Class> = labels
        .into_iter()
        .zip(scores)
        .map(|(label, score)| Class { label: label.to_owned(), score })
        .collect();
    classes.sort_by(|a, b| b.score.total_cmp(&a.score));
    Some(classes)
}

/// A label and how sure the model is of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// The label.
    pub label: String,
    /// The model's score.
    pub score: f64,
}
