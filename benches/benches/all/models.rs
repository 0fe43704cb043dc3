//! One run of each model that `scripts/setup.sh python` builds, beside the same library called from Python.
//!
//! MiniLM reads 32 tokens, EfficientNet looks at a picture, SmolLM2 writes 16 tokens after 9. Their outputs, and of a text
//! the tokens, are equal to Python's bit by bit.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, ensure};
use citrate_artifacts::{Store, StoreConfig};
use citrate_benches::{Bench, Side, timed};
use citrate_inference::{DeviceChoice, Engine, EngineConfig, LIBRARY_VERSION, library_path};
use citrate_inference_types::{
    DType, Generation, NamedTensor, Prompt, RunLimits, Sampling, Tensor, Tensors,
};

use crate::inference::Peer;

/// Tokens that a text goes on for: none of them ends it.
pub(crate) const NEW_TOKENS: u32 = 16;
/// "The Sun is a star at the center of", by the model's tokenizer.
const PROMPT: [u32; 9] = [504, 5430, 314, 253, 4870, 418, 260, 3712, 282];

/// Runs the benches of the built models, if they and Python are there.
#[expect(clippy::print_stderr, reason = "says what is left out")]
pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    if !bench.wants("models") {
        return Ok(());
    }
    let Some((cache, python)) = installed() else {
        eprintln!("models are left out: run `scripts/setup.sh python` first");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let store = Arc::new(Store::open(StoreConfig::new(folder.path()))?);
    let config = EngineConfig { device: DeviceChoice::Cpu, ..EngineConfig::default() };
    let engine = Engine::new(config, Arc::clone(&store));
    for (name, folder, inputs) in [
        ("models/minilm/32", "minilm-1.0.0", sentence()?),
        ("models/efficientnet", "efficientnet-lite0-0.1.0", picture()?),
        ("models/smollm2/16", "smollm2-0.1.2", start()?),
    ] {
        let model = cache.join(folder).join("model.onnx");
        let hash = store.add_file(&model, name)?.hash;
        let limits = RunLimits::default();
        let is_text = folder.starts_with("smollm2");
        let run = || {
            if is_text {
                engine.generate(&hash, &text(), limits)
            } else {
                engine.run_tensors(&hash, inputs.clone(), limits)
            }
        };
        let ours = run()?;
        let mut peer = Peer::start(&python, &model, &inputs)?;
        let theirs = peer.outputs()?;
        let is_same = if is_text { tokens(&ours) == tokens(&theirs) } else { ours == theirs };
        ensure!(is_same, "{name}: Python's outputs are not ours");
        let things = if is_text { (u64::from(NEW_TOKENS), "tokens") } else { (1, "runs") };
        let mut ours = timed(|| run().expect("it ran before"));
        let mut theirs = |times| peer.run(times).expect("it ran before");
        let (ours, theirs) = (Side::new("engine", &mut ours), Side::new("Python", &mut theirs));
        bench.duel(name, things, ours, theirs);
    }
    Ok(())
}

/// What the language model is to write.
fn text() -> Generation {
    let tokens = PROMPT.to_vec().try_into().expect("a few tokens");
    let prompt = Prompt { tokens, new_tokens_max: NEW_TOKENS, sampling: Sampling::Greedy };
    Generation { prompt, ends: vec![2].try_into().expect("one token") }
}

/// The tokens of a text: Python gives a list of `i64`, the engine rows of a token and its margin as `i32`.
fn tokens(text: &Tensors) -> Vec<u32> {
    let Some(tensor) = text.get("tokens") else { return Vec::new() };
    let token = |row: &[u8; 8]| row.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    tensor.data().as_chunks().0.iter().map(token).collect()
}

/// A sentence of 32 tokens.
fn sentence() -> Result<Tensors> {
    let words: Vec<i64> = (0..32).map(|at| 1_000 + 7 * at).collect();
    let rows =
        [("input_ids", words), ("attention_mask", vec![1; 32]), ("token_type_ids", vec![0; 32])];
    let rows = rows.map(|(name, values)| row(name, &values)).into_iter();
    Ok(Tensors::try_new(rows.collect::<Result<_>>()?)?)
}

/// A picture of nothing.
fn picture() -> Result<Tensors> {
    let pixels = (0..224 * 224 * 3u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
    let tensor = Tensor::try_new(DType::U8, vec![1, 224, 224, 3], pixels.collect())?;
    Ok(Tensors::single("image", tensor)?)
}

/// The prompt as Python takes it.
fn start() -> Result<Tensors> {
    Ok(Tensors::try_new(vec![row("input_ids", &PROMPT.map(i64::from))?])?)
}

fn row(name: &str, values: &[i64]) -> Result<NamedTensor> {
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let shape = vec![1, u32::try_from(values.len())?];
    Ok(NamedTensor { name: name.into(), tensor: Tensor::try_new(DType::I64, shape, data)? })
}

/// The folder of the models, and a Python that has onnxruntime.
fn installed() -> Option<(PathBuf, PathBuf)> {
    let library = library_path(None).ok()?;
    let cache = std::env::var_os("CITRATE_CACHE").map(PathBuf::from);
    let cache = cache.or_else(|| Some(library.parent()?.parent()?.to_owned()))?;
    let python = cache.join(format!("python-{LIBRARY_VERSION}/bin/python"));
    // What setup.sh builds last.
    (cache.join("smollm2-0.1.2/model.onnx").is_file() && python.is_file())
        .then_some((cache, python))
}
