//! Runs of a real model, one at a time and several jobs together, beside the same library called from Python.
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
use citrate_core::H256;
use citrate_inference::{
    DeviceChoice, Engine, EngineConfig, LIBRARY_VERSION, ModelSource, Sought, library_path,
};
use citrate_inference_types::{
    DType, ModelCard, NamedTensor, RunLimits, Tensor, Tensors, Tolerance, adapter, agree,
};
use serde_json::json;

use crate::models::NEW_TOKENS;

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
    batched(bench, &python, &model, card)
}

/// Jobs that come at a time from so many callers, beside one call of Python's with as many rows.
const ROWS: u32 = 8;

/// A chain on which one model is registered.
struct Registered(ModelCard);

impl ModelSource for Registered {
    fn card(&self, _model: &H256) -> Option<ModelCard> {
        Some(self.0.clone())
    }

    fn seek(&self, _model: &H256, _bytes_max: u64) -> Sought {
        Sought::Nowhere
    }
}

/// Jobs of several callers, each with an input of its own. The engine waits for them, puts them together, takes the results
/// apart and checks every sixteenth batch; Python is given one input with all rows.
fn batched(bench: &mut Bench, python: &Path, model: &Path, mut card: ModelCard) -> Result<()> {
    let shipped = card.clone();
    // Wide enough that the engine batches: short inputs differ by 4.4e-4 from what they are alone, in Python too.
    card.tolerance[0] = Tolerance::Close { atol_nano: 10_000_000, rtol_nano: 0, outliers_max: 0 };
    let folder = tempfile::tempdir()?;
    let store = Arc::new(Store::open(StoreConfig::new(folder.path()))?);
    let config = EngineConfig {
        device: DeviceChoice::Cpu,
        batch_rows_max: Some(ROWS),
        // A batch begins because it is full.
        batch_wait_ms: 60_000,
        ..EngineConfig::default()
    };
    let source = Arc::new(Registered(card.clone()));
    let engine = Engine::with_source(config, Arc::clone(&store), source);
    let hash = store.add_file(model, "magika")?.hash;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = std::fs::read(repository.join("docs/performance.md"))?;
    let pieces = file.chunks(file.len().div_ceil(ROWS as usize));
    let jobs = pieces.map(|piece| adapter::preprocess(&card, &adapter::submission(&card, piece)));
    let jobs = jobs.collect::<Result<Vec<_>, _>>()?;
    ensure!(jobs.len() == ROWS as usize, "there are {} jobs", jobs.len());
    let run = || {
        std::thread::scope(|scope| {
            let run = |job: &Tensors| engine.run_tensors(&hash, job.clone(), RunLimits::default());
            let threads: Vec<_> = jobs.iter().map(|job| scope.spawn(move || run(job))).collect();
            let results = threads.into_iter().map(|thread| thread.join().expect("no panic"));
            results.collect::<Result<Vec<_>, _>>()
        })
    };

    // The first batch is checked, the second is what is measured.
    run()?;
    let ours = run()?;
    let runs = engine.figures().runs;
    ensure!(runs == u64::from(ROWS) + 2, "the jobs were not run together: {runs} runs");
    let mut peer = Peer::start(python, model, &joined(&jobs)?)?;
    let theirs = peer.outputs()?;
    // Callers come in any order, and a row's last digits depend on its place.
    ensure!(agree(&shipped, &joined(&ours)?, &theirs), "Python's outputs are not ours");
    let mut ours = timed(|| run().map(drop).expect("it ran before"));
    let mut theirs = |times| peer.run(times).expect("it ran before");
    let (ours, theirs) = (Side::new("engine", &mut ours), Side::new("Python", &mut theirs));
    bench.duel(&format!("inference/magika-batch/{ROWS}"), (ROWS.into(), "runs"), ours, theirs);
    Ok(())
}

/// Tensors of one row each as tensors of all of them.
fn joined(jobs: &[Tensors]) -> Result<Tensors> {
    let first = jobs.first().context("no jobs")?;
    let joined = first.iter().map(|NamedTensor { name, tensor }| {
        let parts = jobs.iter().filter_map(|job| job.get(name));
        let data = parts.flat_map(|part| part.data()).copied().collect();
        let mut shape = tensor.shape().to_vec();
        *shape.first_mut().context("no rows")? = u32::try_from(jobs.len())?;
        let tensor = Tensor::try_new(tensor.dtype(), shape, data)?;
        anyhow::Ok(NamedTensor { name: name.clone(), tensor })
    });
    Ok(Tensors::try_new(joined.collect::<Result<_>>()?)?)
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
pub(crate) struct Peer {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    pub(crate) fn start(python: &Path, model: &Path, inputs: &Tensors) -> Result<Self> {
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
    pub(crate) fn run(&mut self, times: u64) -> Result<Duration> {
        let nanoseconds = self.ask(&times.to_string())?;
        Ok(Duration::from_nanos(nanoseconds.parse()?))
    }

    /// The outputs, as ours.
    pub(crate) fn outputs(&mut self) -> Result<Tensors> {
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
