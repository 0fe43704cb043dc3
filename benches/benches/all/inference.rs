//! One run of a real model, beside the same library called from Python.
//!
//! `scripts/setup.sh python` fetches the library, the model (magika) and onnxruntime for Python. Python runs as a child
//! and times itself, so that nothing of the pipe counts. Both use one thread, and their outputs are equal bit by bit.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use citrate_artifacts::{Store, StoreConfig};
use citrate_benches::{Bench, Side, timed};
use citrate_inference::{DeviceChoice, Engine, EngineConfig, LIBRARY_VERSION, library_path};
use citrate_inference_types::{DType, ModelCard, NamedTensor, RunLimits, Tensor, Tensors, adapter};
use serde_json::json;

/// Runs the benches of the engine, if the library and Python are there.
#[expect(clippy::print_stderr, reason = "says what is left out")]
pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    if !bench.wants("inference") {
        return Ok(());
    }
    let Some((model, python)) = installed() else {
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
    let inputs = adapter::preprocess(&card, &adapter::submission(&card, &file))?;
    let hash = store.add_file(&model, "magika")?.hash;
    let limits = RunLimits::default();
    let run = || engine.run_tensors(&hash, inputs.clone(), limits);

    let ours = run()?;
    let mut peer = Peer::start(&python, &model, &inputs)?;
    ensure!(peer.outputs()? == ours, "Python's outputs are not ours");
    let mut ours = timed(|| run().expect("it ran before"));
    let mut theirs = |times| peer.run(times).expect("it ran before");
    let (ours, theirs) = (Side::new("engine", &mut ours), Side::new("Python", &mut theirs));
    bench.duel("inference/magika", (1, "runs"), ours, theirs);
    Ok(())
}

/// The model and a Python that has onnxruntime.
fn installed() -> Option<(PathBuf, PathBuf)> {
    let library = library_path(None).ok()?;
    let cache = std::env::var_os("CITRATE_CACHE").map(PathBuf::from);
    let cache = cache.or_else(|| Some(library.parent()?.parent()?.to_owned()))?;
    let model = cache.join("magika-1.0.3/model.onnx");
    let python = cache.join(format!("python-{LIBRARY_VERSION}/bin/python"));
    (model.is_file() && python.is_file()).then_some((model, python))
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
