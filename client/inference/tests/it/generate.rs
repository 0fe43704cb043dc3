//! Text, token by token: what a model remembers, and where it stops.

use citrate_core::H256;
use citrate_inference_types::{Generation, InferenceError, Prompt, RunLimits, Sampling, Tensors};

use super::Fixture;

/// The token that ends a text.
const END: u32 = 7;

fn generation(tokens: &[u32], new_tokens_max: u32, sampling: Sampling) -> Generation {
    let tokens = tokens.to_vec().try_into().unwrap();
    let prompt = Prompt { tokens, new_tokens_max, sampling };
    Generation { prompt, ends: vec![END].try_into().unwrap() }
}

/// Each token with its margin.
fn rows(text: &Tensors) -> Vec<(u32, i32)> {
    let row = |row: &[u8; 8]| {
        let (token, margin) = row.split_first_chunk().unwrap();
        (u32::from_le_bytes(*token), i32::from_le_bytes(margin.try_into().unwrap()))
    };
    text.get("tokens").unwrap().data().as_chunks().0.iter().map(row).collect()
}

fn write(fixture: &Fixture, model: &H256, generation: &Generation) -> Vec<u32> {
    let text = fixture.engine.generate(model, generation, RunLimits::default()).unwrap();
    rows(&text).into_iter().map(|(token, _)| token).collect()
}

/// What the model of the fixture goes on with.
fn sums(prompt: &[u32], count: usize) -> Vec<u32> {
    let mut all = prompt.to_vec();
    for _ in 0..count {
        all.push(all.iter().sum::<u32>() % 8);
        if all.last() == Some(&END) {
            break;
        }
    }
    all.split_off(prompt.len())
}

#[test]
fn what_was_read_is_remembered_whatever_its_length() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let model = fixture.add("writer.onnx");
    // One token, and prompts on either side of what is read in one run.
    for length in [1, 2, 63, 64, 65, 127, 128, 129, 300] {
        let prompt: Vec<u32> = (0..length).map(|at| at * 3 % 7 + 1).collect();
        let text = write(&fixture, &model, &generation(&prompt, 12, Sampling::Greedy));
        assert_eq!(text, sums(&prompt, 12), "{length}");
    }
    // The text ends with the token that ends it, which is part of the result.
    let text = write(&fixture, &model, &generation(&[3, 4], 100, Sampling::Greedy));
    assert_eq!(text, [END]);
    let text = write(&fixture, &model, &generation(&[4, 1], 100, Sampling::Greedy));
    assert_eq!(text, sums(&[4, 1], 100));
    assert_eq!(text[..3], [5, 2, 4]);
    // The scores of neighbours differ by one.
    let text = fixture
        .engine
        .generate(&model, &generation(&[5], 2, Sampling::Greedy), RunLimits::default())
        .unwrap();
    assert_eq!(rows(&text), [(5, 1_000_000), (2, 1_000_000)]);
}

#[test]
fn a_seed_gives_one_text() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let model = fixture.add("writer.onnx");
    let text = |seed| {
        let sampling =
            Sampling::Seeded { temperature_milli: 2_000, top_k: 0, top_p_milli: 1_000, seed };
        let mut request = generation(&[1], 30, sampling);
        request.ends = vec![9].try_into().unwrap();
        write(&fixture, &model, &request)
    };
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
    assert_eq!(text(3).len(), 30);
}

#[test]
fn limits_hold() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let model = fixture.add("writer.onnx");
    let run = |count, limits| {
        let mut request = generation(&[1], count, Sampling::Greedy);
        request.ends = vec![9].try_into().unwrap();
        fixture.engine.generate(&model, &request, limits).map(|text| rows(&text).len())
    };
    let outputs = |output_bytes_max| RunLimits { output_bytes_max, ..RunLimits::default() };
    assert_eq!(run(100, outputs(864)), Ok(100));
    assert_eq!(run(100, outputs(863)), Err(InferenceError::OutputTooLarge));
    let memory = RunLimits { memory_bytes_max: 4 << 20, ..RunLimits::default() };
    assert_eq!(run(100, memory), Ok(100));
    assert_eq!(run(1_000_000, memory), Err(InferenceError::OutOfMemory));
    let time = RunLimits { time_ms_max: 50, ..RunLimits::default() };
    assert_eq!(run(1_000_000, time), Err(InferenceError::Timeout));
    assert_eq!(run(1, RunLimits::default()), Ok(1), "the next one works");
}

#[test]
fn what_is_no_model_of_texts_is_refused() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let greedy = generation(&[1], 3, Sampling::Greedy);
    for (name, expected) in [("zeros.onnx", "it takes \"shape\""), ("seven.onnx", "it takes \"x\"")]
    {
        let model = fixture.add(name);
        match fixture.engine.generate(&model, &greedy, RunLimits::default()) {
            Err(InferenceError::InvalidModel(reason)) => {
                assert!(reason.contains(expected), "{reason}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let model = fixture.add("writer.onnx");
    let zero = generation(&[0], 3, Sampling::Greedy);
    match fixture.engine.generate(&model, &zero, RunLimits::default()) {
        Err(InferenceError::Failed(reason)) => assert!(reason.contains("not a number"), "{reason}"),
        other => panic!("{other:?}"),
    }
    for (tokens, count) in [(&[][..], 3), (&[1], 0)] {
        let nothing = generation(tokens, count, Sampling::Greedy);
        let refused = fixture.engine.generate(&model, &nothing, RunLimits::default());
        assert!(matches!(refused, Err(InferenceError::InvalidInput(_))), "{refused:?}");
    }
    let cold = Sampling::Seeded { temperature_milli: 0, top_k: 0, top_p_milli: 1_000, seed: 1 };
    let refused = fixture.engine.generate(&model, &generation(&[1], 3, cold), RunLimits::default());
    assert!(matches!(refused, Err(InferenceError::InvalidInput(_))), "{refused:?}");
}
