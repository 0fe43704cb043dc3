//! Models that mean harm, and what can go wrong in a run: each is one clear error, and the engine goes on serving.

use std::fs;

use citrate_core::H256;
use citrate_inference::{DeviceChoice, Engine, EngineConfig};
use citrate_inference_types::{DType, InferenceError, RunLimits, Tensor, Tensors, read};

use super::{Fixture, f32s, i64s, loop_inputs, named};

fn run(
    fixture: &Fixture,
    model: &H256,
    inputs: Vec<(&str, Tensor)>,
) -> Result<Tensors, InferenceError> {
    let inputs = inputs.into_iter().map(|(name, tensor)| named(name, tensor)).collect();
    fixture.engine.run_tensors(model, Tensors::try_new(inputs).unwrap(), RunLimits::default())
}

/// That the engine still does its work.
fn still_serves(fixture: &Fixture) {
    let model = fixture.add("loop.onnx");
    let limits = RunLimits::default();
    let outputs = fixture.engine.run_tensors(&model, loop_inputs(1), limits).unwrap();
    let values = read::elements(outputs.get("y").unwrap()).unwrap();
    assert!((values[1] - 1f64.cos()).abs() < 1e-6, "{values:?}");
}

#[test]
fn a_file_that_is_no_sound_model_is_refused_and_says_why() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    for (name, expected) in [
        ("external.onnx", "weights are in another file"),
        ("external_up.onnx", "weights are in another file"),
        ("external_branch.onnx", "weights are in another file"),
        ("huge.onnx", "size"),
        ("custom.onnx", "evil.ops"),
    ] {
        let model = fixture.add(name);
        for _ in 0..2 {
            match fixture.engine.load(&model) {
                Err(InferenceError::InvalidModel(reason)) => {
                    assert!(reason.contains(expected), "{name}: {reason}");
                    assert!(reason.len() <= 512 && !reason.contains('\n'), "{name}: {reason}");
                }
                other => panic!("{name}: {other:?}"),
            }
        }
        still_serves(&fixture);
    }
}

#[test]
fn a_file_in_another_format_is_not_read_as_that_format() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    // ONNX Runtime's own format is told by these four bytes at this place.
    let mut file = fs::read(super::fixture_path("zeros.onnx")).unwrap();
    file.splice(4..8, *b"ORTM");
    for file in [file, [&[0x12, 0x06, 0, 0][..], b"ORTM"].concat(), Vec::new()] {
        let model = fixture.store.add_bytes(&file, "").unwrap().hash;
        let refused = fixture.engine.load(&model);
        assert!(matches!(refused, Err(InferenceError::InvalidModel(_))), "{refused:?}");
    }
    still_serves(&fixture);
}

#[test]
fn no_mutilation_of_a_model_brings_the_engine_down() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let whole = fs::read(super::fixture_path("loop.onnx")).unwrap();
    for at in 0..whole.len() {
        let mut file = whole.clone();
        file[at] ^= 0xff;
        let flipped = fixture.store.add_bytes(&file, "").unwrap().hash;
        let cut = fixture.store.add_bytes(&whole[..at], "").unwrap().hash;
        for model in [flipped, cut] {
            // Some of them are models, of another name or with another output.
            let limits = RunLimits { time_ms_max: 1_000, ..RunLimits::default() };
            let _ = fixture.engine.run_tensors(&model, loop_inputs(1), limits);
        }
    }
    still_serves(&fixture);
}

#[test]
fn what_is_not_a_number_is_no_result() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let model = fixture.add("root.onnx");
    let outputs = run(&fixture, &model, vec![("x", f32s(&[2], &[4.0, f32::INFINITY]))]).unwrap();
    let roots = read::elements(outputs.get("f64").unwrap()).unwrap();
    assert_eq!(roots, [2.0, f64::INFINITY], "infinity is a number's place");
    let refused = run(&fixture, &model, vec![("x", f32s(&[2], &[4.0, -4.0]))]);
    let reason = "output \"f32\" has an element that is not a number".to_owned();
    assert_eq!(refused, Err(InferenceError::Failed(reason)));
    still_serves(&fixture);
}

#[test]
fn outputs_without_elements_are_results() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let model = fixture.add("nonzero.onnx");
    let outputs = run(&fixture, &model, vec![("x", f32s(&[3], &[0.0; 3]))]).unwrap();
    let found = outputs.get("where").unwrap();
    assert_eq!((found.shape(), found.data().len()), (&[1, 0][..], 0));
    assert_eq!(outputs.get("wide").unwrap().shape(), [5, 0, 7]);
    let outputs = run(&fixture, &model, vec![("x", f32s(&[3], &[0.0, 7.0, 0.0]))]).unwrap();
    assert_eq!(outputs.get("where"), Some(&i64s(&[1, 1], &[1])));
    // Nor does an input without elements do harm.
    let outputs = run(&fixture, &model, vec![("x", f32s(&[0], &[]))]).unwrap();
    assert!(outputs.get("where").unwrap().data().is_empty());
}

#[test]
fn a_boolean_that_is_none_is_no_result() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let model = fixture.add("seven.onnx");
    let input = Tensor::try_new(DType::Bool, vec![1], vec![1]).unwrap();
    match run(&fixture, &model, vec![("x", input)]) {
        Err(InferenceError::Failed(reason)) => assert!(reason.contains("bool"), "{reason}"),
        // ONNX Runtime may make it one.
        other => assert_eq!(other.unwrap().get("z").unwrap().data(), [1]),
    }
    still_serves(&fixture);
}

#[test]
fn memory_is_bounded_whatever_a_small_model_asks_for() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let model = fixture.add("greedy.onnx");
    let small = run(&fixture, &model, vec![("shape", i64s(&[1], &[1_000_000]))]).unwrap();
    assert_eq!(read::elements(small.get("y").unwrap()), Some(vec![0.0]));
    // 16 GiB and more than there are addresses; the bound is 4 GiB.
    for length in [1 << 32, i64::MAX] {
        match run(&fixture, &model, vec![("shape", i64s(&[1], &[length]))]) {
            Err(InferenceError::OutOfMemory | InferenceError::Failed(_)) => {}
            other => panic!("{length}: {other:?}"),
        }
        still_serves(&fixture);
    }
    let refused = run(&fixture, &model, vec![("shape", i64s(&[1], &[1 << 32]))]);
    assert_eq!(refused, Err(InferenceError::OutOfMemory));
    let model = fixture.add("greedy_load.onnx");
    let refused = run(&fixture, &model, vec![]);
    assert!(refused.is_err(), "{refused:?}");
    still_serves(&fixture);
}

#[test]
fn many_runs_do_not_fill_the_memory_with_pieces() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let model = fixture.add("greedy.onnx");
    // Each is larger than the one before, so no freed piece is large enough: 5 GiB one after the other.
    for step in 0..10 {
        let elements = (1 << 27) + step * 4_096;
        run(&fixture, &model, vec![("shape", i64s(&[1], &[elements]))]).unwrap();
    }
}

#[test]
fn more_runs_than_places_are_sent_away_and_may_come_again() {
    let Some(fixture) = Fixture::new(|config| config.runs_max = 1) else { return };
    let model = fixture.add("loop.onnx");
    fixture.engine.load(&model).unwrap();
    let limits = RunLimits { time_ms_max: 2_000, ..RunLimits::default() };
    std::thread::scope(|scope| {
        // Whoever finds the only place taken comes again; the slow one then has it for two seconds.
        let run = |steps| fixture.engine.run_tensors(&model, loop_inputs(steps), limits);
        let slow = scope.spawn(move || {
            loop {
                match run(i64::MAX) {
                    Err(InferenceError::Busy) => std::thread::yield_now(),
                    result => break result,
                }
            }
        });
        let refused = loop {
            match run(1) {
                Ok(_) => std::thread::yield_now(),
                Err(error) => break error,
            }
        };
        assert_eq!(refused, InferenceError::Busy);
        assert_eq!(slow.join().unwrap(), Err(InferenceError::Timeout));
    });
    still_serves(&fixture);
}

#[test]
fn models_that_do_not_fit_together_are_loaded_in_turn() {
    // Two of these small models fit: each counts for one MiB and twice its file.
    let Some(fixture) = Fixture::new(|config| config.memory_bytes_max = 5 << 19) else { return };
    let models = ["loop.onnx", "zeros.onnx", "root.onnx"].map(|name| fixture.add(name));
    for _ in 0..3 {
        for model in &models {
            fixture.engine.load(model).unwrap();
        }
    }
    // What is loaded needs its file no more; what had to leave does.
    for model in &models {
        fixture.store.remove(model).unwrap();
    }
    let loaded = models.map(|model| fixture.engine.load(&model));
    assert_eq!(loaded, [Err(InferenceError::UnknownModel), Ok(()), Ok(())]);
}

#[test]
fn a_library_that_is_none_is_one_clear_error() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let path = fixture._folder.path().join("libonnxruntime.so");
    fs::write(&path, b"not a library").unwrap();
    // A library is loaded once a process, so that this one is tried in another.
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hostile::in_a_process_of_its_own", "--nocapture"])
        .env("CITRATE_TEST_LIBRARY", &path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains(&format!("REASON {}", path.display())), "{text}");
}

/// What the test above runs; does nothing otherwise.
#[test]
fn in_a_process_of_its_own() {
    let Some(library) = std::env::var_os("CITRATE_TEST_LIBRARY") else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = citrate_artifacts::StoreConfig::new(folder.path());
    let store = std::sync::Arc::new(citrate_artifacts::Store::open(store).unwrap());
    let config = EngineConfig {
        library: Some(library.into()),
        device: DeviceChoice::Cpu,
        ..EngineConfig::default()
    };
    let engine = Engine::new(config, store);
    let capabilities = engine.capabilities();
    assert!(!capabilities.available);
    let refused = engine.load(&H256::zero());
    assert_eq!(refused, Err(InferenceError::Unavailable(capabilities.reason.clone())));
    println!("REASON {}", capabilities.reason);
}
