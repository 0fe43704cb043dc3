//! One run of each real model, beside the same library called from Python.
//!
//! `scripts/setup.sh python` fetches the library, the models and onnxruntime for Python. Python runs as a child and
//! times itself, so that nothing of the pipe counts. Both use one thread, and their outputs are equal bit by bit.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use citrate_artifacts::{Store, StoreConfig};
use citrate_benches::{Bench, Side, timed};
use citrate_inference::{DeviceChoice, Engine, EngineConfig, LIBRARY_VERSION, library_path};
use citrate_inference_types::{
    DType, Generation, ModelCard, NamedTensor, Prompt, RunLimits, Sampling, Tensor, Tensors,
    adapter,
};
use serde_json::json;

/// Tokens that a text goes on for: none of them ends it.
const NEW_TOKENS: u32 = 16;
/// "The Sun is a star at the center of", by the model's tokenizer.
const PROMPT: [u32; 9] = [504, 5430, 314, 253, 4870, 418, 260, 3712, 282];

/// Runs the benches of the engine, if the library and Python are there.
#[expect(clippy::print_stderr, reason = "says what is left out")]
pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    if !bench.wants("inference") {
        return Ok(());
    }
    let Some((cache, python)) = installed() else {
        eprintln!("inference is left out: run `scripts/setup.sh python` first");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let store = Arc::new(Store::open(StoreConfig::new(folder.path()))?);
    let config = EngineConfig { device: DeviceChoice::Cpu, ..EngineConfig::default() };
    let engine = Engine::new(config, Arc::clone(&store));
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let card = std::fs::read(repository.join("scripts/models/magika.json"))?;
    let card: ModelCard = serde_json::from_slice(&card)?;
    let file = std::fs::read(repository.join("README.md"))?;
    let magika = adapter::preprocess(&card, &adapter::submission(&card, &file))?;
    let row = |name: &str, tokens: &[i64]| -> Result<NamedTensor> {
        let data = tokens.iter().flat_map(|token| token.to_le_bytes()).collect();
        let shape = vec![1, u32::try_from(tokens.len())?];
        Ok(NamedTensor { name: name.into(), tensor: Tensor::try_new(DType::I64, shape, data)? })
    };
    let words: Vec<i64> = (0..32).map(|at| 1_000 + 7 * at).collect();
    let minilm = Tensors::try_new(vec![
        row("input_ids", &words)?,
        row("attention_mask", &[1; 32])?,
        row("token_type_ids", &[0; 32])?,
    ])?;
    let pixels = (0..224 * 224 * 3u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
    let picture = Tensor::try_new(DType::U8, vec![1, 224, 224, 3], pixels.collect())?;
    let efficientnet = Tensors::single("image", picture)?;
    let prompt = Tensors::try_new(vec![row("input_ids", &PROMPT.map(i64::from))?])?;
    for (name, folder, inputs) in [
        ("inference/magika", "magika-1.0.3", magika),
        ("inference/minilm/32", "minilm-1.0.0", minilm),
        ("inference/efficientnet", "efficientnet-lite0-0.1.0", efficientnet),
        ("inference/smollm2/16", "smollm2-0.1.2", prompt),
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

/// `onnx.py`, running.
struct Peer {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    fn start(python: &Path, model: &Path, inputs: &Tensors) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/all/onnx.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(model)
            .arg(NEW_TOKENS.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("Python does not start")?;
        let commands = child.stdin.take().context("a pipe to Python")?;
        let answers = BufReader::new(child.stdout.take().context("a pipe from Python")?);
        let mut peer = Self { child, commands, answers };
        let inputs: Vec<_> = inputs
            .iter()
            .map(|input| {
                let tensor = &input.tensor;
                let dtype = format!("{:?}", tensor.dtype()).to_lowercase();
                json!([input.name.as_str(), dtype, tensor.shape(), hex::encode(tensor.data())])
            })
            .collect();
        writeln!(peer.commands, "{}", json!(inputs))?;
        Ok(peer)
    }

    /// Runs the model so often; Python's own measurement.
    fn run(&mut self, times: u64) -> Result<Duration> {
        let nanoseconds = self.ask(&times.to_string())?;
        Ok(Duration::from_nanos(nanoseconds.parse()?))
    }

    /// The outputs, as ours.
    fn outputs(&mut self) -> Result<Tensors> {
        type Output = (String, DType, Vec<u32>, String);
        let outputs: Vec<Output> = serde_json::from_str(&self.ask("outputs")?)?;
        let named = |(name, dtype, shape, data): Output| {
            let tensor = Tensor::try_new(dtype, shape, hex::decode(data)?)?;
            anyhow::Ok(NamedTensor { name, tensor })
        };
        Ok(Tensors::try_new(outputs.into_iter().map(named).collect::<Result<_>>()?)?)
    }

    fn ask(&mut self, command: &str) -> Result<String> {
        writeln!(self.commands, "{command}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        ensure!(!answer.is_empty(), "Python has ended; its error is above");
        Ok(answer.trim().to_owned())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
