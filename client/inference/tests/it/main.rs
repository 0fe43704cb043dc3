//! Real models on the real library, on the processor or on the device that `CITRATE_TEST_DEVICE` names: `cuda`, with the
//! feature and a library for it, or `coreml`.
//!
//! Without the library (`scripts/setup.sh`) these tests say so and pass, unless
//! `CITRATE_NO_SKIP` is set, as it is in `make test`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these are tests"
)]

mod batch;
mod device;
mod generate;
mod hostile;
mod magika;

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use citrate_artifacts::{Store, StoreConfig};
use citrate_core::H256;
use citrate_inference::{
    DeviceChoice, Engine, EngineConfig, ModelSource, NoSource, Sought, library_path,
};
use citrate_inference_types::{
    DType, Description, InferenceError, ModelCard, NamedTensor, Outlet, RunLimits, Tensor, Tensors,
    adapter, read,
};
use codec::Encode;

struct Fixture {
    _folder: tempfile::TempDir,
    store: Arc<Store>,
    engine: Engine,
}

impl Fixture {
    fn new(change: impl FnOnce(&mut EngineConfig)) -> Option<Self> {
        Self::with(change, Arc::new(NoSource))
    }

    fn with(change: impl FnOnce(&mut EngineConfig), source: Arc<dyn ModelSource>) -> Option<Self> {
        if let Err(reason) = library_path(None) {
            skipped(&reason);
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(StoreConfig::new(folder.path())).unwrap());
        let mut config = EngineConfig { device: device(), ..EngineConfig::default() };
        change(&mut config);
        let engine = Engine::with_source(config, Arc::clone(&store), source);
        assert!(engine.capabilities().available, "{:?}", engine.capabilities());
        Some(Self { _folder: folder, store, engine })
    }

    fn add(&self, fixture: &str) -> H256 {
        self.store.add_file(&fixture_path(fixture), fixture).unwrap().hash
    }

    fn magika(&self) -> Option<(H256, ModelCard)> {
        let path = cache()?.join("magika-1.0.3/model.onnx");
        if !path.is_file() {
            skipped("magika is not in the cache: run scripts/setup.sh");
            return None;
        }
        let hash = self.store.add_file(&path, "magika").unwrap().hash;
        let card = fs::read(repository().join("scripts/models/magika.json")).unwrap();
        Some((hash, serde_json::from_slice(&card).unwrap()))
    }
}

/// The device that is tested.
fn device() -> DeviceChoice {
    match env::var("CITRATE_TEST_DEVICE").unwrap_or_default().as_str() {
        "cuda" => DeviceChoice::Cuda,
        "coreml" => DeviceChoice::CoreMl,
        other => {
            assert!(matches!(other, "" | "cpu"), "it is cpu, cuda or coreml, not {other:?}");
            DeviceChoice::Cpu
        }
    }
}

/// Says that a test does nothing.
fn skipped(reason: &str) {
    assert!(env::var_os("CITRATE_NO_SKIP").is_none(), "may not be skipped: {reason}");
    eprintln!("SKIPPED: {reason}");
}

fn fixture_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn cache() -> Option<PathBuf> {
    library_path(None).ok()?;
    let from = |name| env::var_os(name).map(PathBuf::from);
    from("CITRATE_CACHE").or_else(|| Some(from("HOME")?.join(".cache/citrate")))
}

fn named(name: &str, tensor: Tensor) -> NamedTensor {
    NamedTensor { name: name.into(), tensor }
}

fn i64s(shape: &[u32], values: &[i64]) -> Tensor {
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Tensor::try_new(DType::I64, shape.to_vec(), data).unwrap()
}

fn f32s(shape: &[u32], values: &[f32]) -> Tensor {
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Tensor::try_new(DType::F32, shape.to_vec(), data).unwrap()
}

fn loop_inputs(steps: i64) -> Tensors {
    Tensors::try_new(vec![named("steps", i64s(&[], &[steps])), named("x", f32s(&[2], &[0.5, 1.0]))])
        .unwrap()
}

#[test]
fn a_file_says_what_it_takes_and_gives() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let describe = |model: &H256, limits| fixture.engine.describe(model, limits);
    let outlet = |name: &str, dtype, shape: &[Option<u32>]| Outlet {
        name: name.into(),
        dtype: Some(dtype),
        shape: shape.to_vec(),
    };
    for (file, input, output) in [
        (
            "double.onnx",
            outlet("x", DType::F32, &[None, None]),
            outlet("y", DType::F32, &[None, None]),
        ),
        ("greedy.onnx", outlet("shape", DType::I64, &[Some(1)]), outlet("y", DType::F32, &[])),
    ] {
        let described = describe(&fixture.add(file), RunLimits::default());
        let expected = Description { inputs: vec![input], outputs: vec![output] };
        assert_eq!(described, Ok(expected), "{file}");
    }
    let custom = describe(&fixture.add("custom.onnx"), RunLimits::default());
    assert!(matches!(custom, Err(InferenceError::InvalidModel(_))), "{custom:?}");
    let unknown = describe(&H256::zero(), RunLimits::default());
    assert_eq!(unknown, Err(InferenceError::UnknownModel));
    let Some((model, card)) = fixture.magika() else { return };
    let small = RunLimits { memory_bytes_max: card.bytes, ..RunLimits::default() };
    assert_eq!(describe(&model, small), Err(InferenceError::OutOfMemory));
    assert_eq!(card.check_file(&describe(&model, RunLimits::default()).unwrap()), Ok(()));
}

#[test]
fn every_element_type_goes_through_unchanged() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let model = fixture.add("types.onnx");
    let names = [
        ("f32", DType::F32),
        ("f64", DType::F64),
        ("f16", DType::F16),
        ("i8", DType::I8),
        ("i16", DType::I16),
        ("i32", DType::I32),
        ("i64", DType::I64),
        ("u8", DType::U8),
        ("u16", DType::U16),
        ("u32", DType::U32),
        ("u64", DType::U64),
        ("bool", DType::Bool),
    ];
    let inputs: Vec<NamedTensor> = names
        .iter()
        .map(|(name, dtype)| {
            let data = (0..dtype.size() * 6)
                .map(|i| ((if *dtype == DType::Bool { i % 2 } else { i * 9 + 1 }) & 0xff) as u8);
            named(name, Tensor::try_new(*dtype, vec![3, 2], data.collect()).unwrap())
        })
        .collect();
    let outputs = fixture
        .engine
        .run_tensors(&model, Tensors::try_new(inputs.clone()).unwrap(), RunLimits::default())
        .unwrap();
    assert_eq!(outputs.len(), inputs.len());
    for input in inputs {
        assert_eq!(
            outputs.get(&format!("out_{}", input.name)),
            Some(&input.tensor),
            "{}",
            input.name
        );
    }
}

#[test]
fn a_run_that_takes_too_long_is_stopped_and_the_next_one_works() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let model = fixture.add("loop.onnx");
    fixture.engine.load(&model).unwrap();
    let begin = Instant::now();
    let limits = RunLimits { time_ms_max: 100, ..RunLimits::default() };
    let result = fixture.engine.run_tensors(&model, loop_inputs(i64::MAX), limits);
    assert_eq!(result, Err(InferenceError::Timeout));
    assert!(begin.elapsed().as_secs() < 20, "stopped after {:?}", begin.elapsed());
    let outputs = fixture.engine.run_tensors(&model, loop_inputs(1), limits).unwrap();
    let values = read::elements(outputs.get("y").unwrap()).unwrap();
    assert!((values[1] - 1f64.cos()).abs() < 1e-6, "{values:?}");
}

#[test]
fn an_output_over_the_limit_is_refused() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let model = fixture.add("zeros.onnx");
    let run = |length: i64, output_bytes_max| {
        let inputs = Tensors::single("shape", i64s(&[1], &[length])).unwrap();
        let limits = RunLimits { output_bytes_max, ..RunLimits::default() };
        fixture.engine.run_tensors(&model, inputs, limits)
    };
    let outputs = run(100, 0).unwrap();
    let exact = u32::try_from(outputs.encoded_size()).unwrap();
    assert_eq!(run(100, exact), Ok(outputs));
    assert_eq!(run(100, exact - 1), Err(InferenceError::OutputTooLarge));
    assert_eq!(run(1_000_000, 1000), Err(InferenceError::OutputTooLarge));
}

#[test]
fn wrong_inputs_are_named() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let Some((model, _)) = fixture.magika() else { return };
    let row = |dtype: DType, shape: [u32; 2]| {
        let bytes = dtype.size() * u64::from(shape[0] * shape[1]);
        Tensor::try_new(dtype, shape.to_vec(), vec![0; usize::try_from(bytes).unwrap()]).unwrap()
    };
    for (desc, inputs, expected) in [
        (
            "shape",
            vec![named("bytes", row(DType::I32, [1, 2047]))],
            "must have the shape [any, 2048], not [1, 2047]",
        ),
        ("type", vec![named("bytes", row(DType::F32, [1, 2048]))], "must be I32, not F32"),
        ("name", vec![named("other", row(DType::I32, [1, 2048]))], "\"bytes\" is missing"),
        (
            "one too many",
            vec![
                named("bytes", row(DType::I32, [1, 2048])),
                named("more", row(DType::I32, [1, 1])),
            ],
            "the model has no input \"more\"",
        ),
    ] {
        let inputs = Tensors::try_new(inputs).unwrap();
        match fixture.engine.run_tensors(&model, inputs, RunLimits::default()) {
            Err(InferenceError::InvalidInput(reason)) => {
                assert!(reason.contains(expected), "{desc}: {reason}");
            }
            other => panic!("{desc}: {other:?}"),
        }
    }
    let garbage = fixture.engine.run(&model, &[1, 2, 3], RunLimits::default());
    assert!(matches!(garbage, Err(InferenceError::InvalidInput(_))), "{garbage:?}");
}

#[test]
fn a_damaged_or_unknown_or_foreign_file_is_no_model() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    assert_eq!(fixture.engine.load(&H256([9; 32])), Err(InferenceError::UnknownModel));
    let hash = fixture.add("zeros.onnx");
    let hex = format!("{hash:x}");
    let path = fixture._folder.path().join("blobs").join(&hex[..2]).join(&hex);
    let mut bytes = fs::read(&path).unwrap();
    bytes[50] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(fixture.engine.load(&hash), Err(InferenceError::Corrupted));
    let text = fixture.store.add_bytes(b"not a model at all", "").unwrap().hash;
    assert!(matches!(fixture.engine.load(&text), Err(InferenceError::InvalidModel(_))));
}

#[test]
fn a_model_over_the_memory_limit_is_not_loaded() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let Some((model, card)) = fixture.magika() else { return };
    let inputs = adapter::preprocess(&card, b"text").unwrap();
    let limits = RunLimits { memory_bytes_max: 4 << 20, ..RunLimits::default() };
    assert_eq!(
        fixture.engine.run_tensors(&model, inputs, limits),
        Err(InferenceError::OutOfMemory)
    );
}

/// A node that fetches what has no card, and only that.
struct Fetching;

impl ModelSource for Fetching {
    fn card(&self, _model: &H256) -> Option<ModelCard> {
        None
    }

    fn seek(&self, model: &H256, bytes_max: u64) -> Sought {
        // Half of the memory that a model may take.
        assert_eq!(bytes_max, 2 << 30);
        if *model == H256([1; 32]) { Sought::Coming } else { Sought::Nowhere }
    }
}

#[test]
fn a_model_that_is_being_fetched_is_waited_for() {
    let Some(fixture) = Fixture::with(|_| {}, Arc::new(Fetching)) else { return };
    assert_eq!(fixture.engine.load(&H256([1; 32])), Err(InferenceError::Busy));
    assert_eq!(fixture.engine.load(&H256([2; 32])), Err(InferenceError::UnknownModel));
}

#[test]
fn settings_are_those_of_the_engine() {
    let Some(fixture) = Fixture::new(|config| config.threads = 3) else { return };
    let settings = fixture.engine.settings().unwrap();
    let rows = if device() == DeviceChoice::Cpu { 1 } else { 8 };
    assert_eq!((settings.threads, settings.batch_rows_max), (3, rows));
    let capabilities = fixture.engine.capabilities();
    assert_eq!(capabilities.settings, settings.hash());
    assert_eq!((capabilities.version, capabilities.device), (settings.version, settings.device));
}

/// A receipt names what the result came from.
#[test]
fn the_version_is_the_librarys_own() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let library = fs::canonicalize(library_path(None).unwrap()).unwrap();
    let version = fixture.engine.capabilities().version;
    // `scripts/setup.sh` puts it into a folder of its version, and a wheel's file is named by it.
    assert!(library.to_str().unwrap().contains(&version), "{version} of {}", library.display());
}

#[test]
fn a_missing_library_is_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(StoreConfig::new(folder.path())).unwrap());
    let config = EngineConfig {
        library: Some("/nowhere/libonnxruntime.so".into()),
        ..EngineConfig::default()
    };
    let engine = Engine::new(config, store);
    let capabilities = engine.capabilities();
    assert!(!capabilities.available);
    assert!(capabilities.reason.contains("/nowhere/libonnxruntime.so"), "{}", capabilities.reason);
    let result = engine.load(&H256::zero());
    assert_eq!(result, Err(InferenceError::Unavailable(capabilities.reason)));
}
