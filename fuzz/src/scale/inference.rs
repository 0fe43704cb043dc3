//! What holds of cards, tensors and results besides their encoding.

use citrate_inference_types::{
    DType, Digest, ModelCard, Tensor, Tensors, adapter, agree, read, results as parse,
};
use codec::Encode;

/// A model's card that is in use.
pub(super) fn magika() -> ModelCard {
    let card = serde_json::from_str(include_str!("../../../scripts/models/magika.json"));
    card.expect("a card that the setup registers")
}

pub(super) fn file_tensors() -> Tensors {
    adapter::preprocess(&magika(), b"fn main() {}").expect("any file is an input")
}

/// What the model gave two providers, nearly.
pub(super) fn two_results() -> (ModelCard, Vec<u8>, Vec<u8>) {
    let card = magika();
    let scores = |first: f32| {
        let mut tensors = Vec::new();
        for spec in &card.outputs {
            let shape: Vec<u32> = spec
                .shape
                .iter()
                .map(|dim| match dim {
                    citrate_inference_types::Dim::Fixed(length) => *length,
                    citrate_inference_types::Dim::Dynamic(_) => 1,
                })
                .collect();
            let count = shape.iter().product::<u32>();
            let numbers = (0..count).map(|at| if at == 0 { first } else { 0.001 });
            let data = numbers.flat_map(f32::to_le_bytes).collect();
            let tensor = Tensor::try_new(DType::F32, shape, data).expect("it has its shape");
            let name = spec.name.as_str().to_owned();
            tensors.push(citrate_inference_types::NamedTensor { name, tensor });
        }
        Tensors::try_new(tensors).expect("a card's names differ").encode()
    };
    let (a, b) = (scores(0.9), scores(0.9001));
    (card, a, b)
}

pub(super) fn card(card: &ModelCard) {
    let json = serde_json::to_string(card).expect("cards are shown by RPC");
    let again: Result<ModelCard, _> = serde_json::from_str(&json);
    assert_eq!(again.ok().as_ref(), Some(card), "{json}");
    if card.validate().is_ok() {
        assert!(!card.inputs.is_empty() && !card.outputs.is_empty() && card.bytes > 0);
        input(card, b"some input");
    }
}

pub(super) fn tensors(tensors: &Tensors) {
    for named in tensors.iter() {
        let tensor = &named.tensor;
        let again =
            Tensor::try_new(tensor.dtype(), tensor.shape().to_vec(), tensor.data().to_vec());
        assert_eq!(again.as_ref(), Ok(tensor), "it was decoded and may not be made");
        let numbers = read::elements(tensor).map(|numbers| numbers.len() as u64);
        let count: u64 = tensor.shape().iter().map(|length| u64::from(*length)).product();
        assert!(numbers.is_none_or(|numbers| numbers == count), "{numbers:?} of {count}");
    }
}

/// Any input for a card that the chain takes.
pub(super) fn input(card: &ModelCard, input: &[u8]) {
    if card.validate().is_err() {
        return;
    }
    if let Ok(tensors) = adapter::preprocess(card, input) {
        assert_eq!(card.check_inputs(&tensors), Ok(()));
        self::tensors(&tensors);
        let part = adapter::submission(card, input);
        assert_eq!(adapter::preprocess(card, &part), Ok(tensors), "what is left out counts");
    }
    if let Ok(prompt) = adapter::prompt(card, input) {
        assert!(!prompt.tokens.is_empty() && prompt.sampling.is_sound());
    }
}

/// Any two results for a card that the chain takes.
pub(super) fn results(card: &ModelCard, a: &[u8], b: &[u8]) {
    if card.validate().is_err() {
        return;
    }
    for batch in [None, Some(1), Some(2)] {
        let (Some(a), Some(b)) = (parse(card, batch, a), parse(card, batch, b)) else { continue };
        for (a, b) in a.iter().zip(&b) {
            assert_eq!(agree(card, a, b), agree(card, b, a), "who is asked first counts");
            let _ = read::classes(card, a, None);
            let (Some(left), Some(right)) = (Digest::of(card, a), Digest::of(card, b)) else {
                continue;
            };
            assert!(left.agrees(&left, card), "a digest does not agree with itself");
            assert_eq!(left.agrees(&right, card), right.agrees(&left, card));
            assert_eq!(Digest::from_bytes(&left.encode()), Some(left));
        }
    }
}
