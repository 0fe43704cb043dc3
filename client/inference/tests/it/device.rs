//! Every model that `scripts/setup.sh python` builds, on the device that is tested beside the processor.

use std::{fs, path::PathBuf};

use citrate_inference::{DeviceChoice, Engine};
use citrate_inference_types::{
    DType, Generation, ModelCard, NamedTensor, Prompt, RunLimits, Sampling, Tensor, Tensors,
    adapter, agree,
};

use super::batch::Registered;
use super::{Arc, Fixture, cache, device, i64s, named, repository, skipped};

/// Tokens that a text goes on for.
const NEW_TOKENS: u32 = 48;

fn model(name: &str, folder: &str) -> Option<(PathBuf, ModelCard)> {
    let path = cache()?.join(folder).join("model.onnx");
    if !path.is_file() {
        skipped(&format!("{name} is not in the cache: run scripts/setup.sh python"));
        return None;
    }
    let card = fs::read(repository().join(format!("scripts/models/{name}.json"))).unwrap();
    Some((path, serde_json::from_slice(&card).unwrap()))
}

/// Sixteen different inputs of a model.
fn inputs(name: &str, card: &ModelCard) -> Vec<Tensors> {
    let words = |at: i64| -> Vec<NamedTensor> {
        let ids: Vec<i64> = (0..32).map(|word| 1_000 + 7 * word + 131 * at).collect();
        let row = |name: &str, values: &[i64]| named(name, i64s(&[1, 32], values));
        vec![
            row("input_ids", &ids),
            row("attention_mask", &[1; 32]),
            row("token_type_ids", &[0; 32]),
        ]
    };
    let picture = |at: u32| {
        let pixel = |place: u32| (place.wrapping_mul(2_654_435_761 + at * 97) >> 24) as u8;
        let pixels = (0..224 * 224 * 3).map(pixel).collect();
        vec![named("image", Tensor::try_new(DType::U8, vec![1, 224, 224, 3], pixels).unwrap())]
    };
    let of = |at: u32| match name {
        "magika" => {
            let text = format!("fn number_{at}() -> u32 {{ {at} }}\n").repeat(at as usize * 9 + 1);
            adapter::preprocess(card, &adapter::submission(card, text.as_bytes())).unwrap()
        }
        "minilm" => Tensors::try_new(words(at.into())).unwrap(),
        _ => Tensors::try_new(picture(at)).unwrap(),
    };
    (0..16).map(of).collect()
}

/// A provider with a GPU and one without are compared by the card's tolerance, and who is outside of it loses stake.
#[test]
fn results_are_within_the_tolerance_of_the_processors() {
    for (name, folder) in [
        ("magika", "magika-1.0.3"),
        ("minilm", "minilm-1.0.0"),
        ("efficientnet", "efficientnet-lite0-0.1.0"),
    ] {
        let Some((path, card)) = model(name, folder) else { continue };
        let source = || Arc::new(Registered(card.clone()));
        let on = |device| Fixture::with(|config| config.device = device, source());
        let (Some(ours), Some(theirs)) = (on(device()), on(DeviceChoice::Cpu)) else { return };
        let hash = ours.store.add_file(&path, name).unwrap().hash;
        theirs.store.add_file(&path, name).unwrap();
        for (at, input) in inputs(name, &card).into_iter().enumerate() {
            let run = |engine: &Engine| {
                engine.run_tensors(&hash, input.clone(), RunLimits::default()).unwrap()
            };
            let (ours, theirs) = (run(&ours.engine), run(&theirs.engine));
            assert!(agree(&card, &ours, &theirs), "{name} {at}: {ours:?} and {theirs:?}");
        }
    }
}

#[test]
fn a_text_is_the_one_that_the_processor_writes() {
    let Some((path, card)) = model("smollm2", "smollm2-0.1.2") else { return };
    let on = |device| Fixture::new(|config| config.device = device);
    let (Some(ours), Some(theirs)) = (on(device()), on(DeviceChoice::Cpu)) else { return };
    let hash = ours.store.add_file(&path, "smollm2").unwrap().hash;
    theirs.store.add_file(&path, "smollm2").unwrap();
    // "The Sun is a star at the center of", by the model's tokenizer.
    let tokens = vec![504, 5430, 314, 253, 4870, 418, 260, 3712, 282].try_into().unwrap();
    let prompt = Prompt { tokens, new_tokens_max: NEW_TOKENS, sampling: Sampling::Greedy };
    let request = Generation { prompt, ends: vec![2].try_into().unwrap() };
    let write = |engine: &Engine| engine.generate(&hash, &request, RunLimits::default()).unwrap();
    let (ours, theirs) = (write(&ours.engine), write(&theirs.engine));
    assert!(agree(&card, &ours, &theirs), "{ours:?} and {theirs:?}");
}
