//! How fast the shipped models run on a device, beside the processor, in one run:
//! `cargo run --release -p citrate-inference --features cuda --example devices -- cuda`.
//!
//! It needs `scripts/setup.sh python`, and a library for the device (`CITRATE_ONNXRUNTIME`).

#![expect(clippy::print_stdout, reason = "this is a program")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use citrate_artifacts::{Store, StoreConfig};
use citrate_core::H256;
use citrate_inference::{DeviceChoice, Engine, EngineConfig, ModelSource, Sought, library_path};
use citrate_inference_types::{
    DType, Generation, ModelCard, NamedTensor, Prompt, RunLimits, Sampling, Tensor, Tensors,
};

/// How long each is measured.
const MEASURED: Duration = Duration::from_secs(3);
/// Callers at a time, whose jobs a GPU is given together.
const CALLERS: usize = 8;
/// Tokens that a text goes on for.
const NEW_TOKENS: u32 = 64;
/// "The Sun is a star at the center of", by the model's tokenizer.
const PROMPT: [u32; 9] = [504, 5430, 314, 253, 4870, 418, 260, 3712, 282];

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

fn main() -> Result<()> {
    let device = match env::args().nth(1).as_deref() {
        Some("cuda") => DeviceChoice::Cuda,
        Some("coreml") => DeviceChoice::CoreMl,
        other => anyhow::bail!("the device is cuda or coreml, not {other:?}"),
    };
    let cache = env::var_os("CITRATE_CACHE").map(PathBuf::from);
    let cache = cache
        .or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".cache/citrate")))
        .context("neither CITRATE_CACHE nor HOME is set")?;
    println!("{} {device:?}", library_path(None).map_err(anyhow::Error::msg)?.display());
    println!("model           callers  processor/s    device/s   ratio");
    for (name, folder) in [
        ("magika", "magika-1.0.3"),
        ("minilm", "minilm-1.0.0"),
        ("efficientnet", "efficientnet-lite0-0.1.0"),
        ("smollm2", "smollm2-0.1.2"),
    ] {
        let model = cache.join(folder).join("model.onnx");
        let slow = Subject::new(name, &model, DeviceChoice::Cpu)?;
        let fast = Subject::new(name, &model, device)?;
        let callers: &[usize] = if name == "smollm2" { &[1] } else { &[1, CALLERS] };
        for callers in callers {
            let (slow, fast) = (slow.rate(*callers)?, fast.rate(*callers)?);
            println!("{name:15} {callers:7} {slow:12.1} {fast:11.1} {:7.2}", fast / slow);
        }
    }
    Ok(())
}

/// A model on a device.
struct Subject {
    name: &'static str,
    _folder: tempfile::TempDir,
    engine: Engine,
    hash: H256,
    inputs: Tensors,
}

impl Subject {
    fn new(name: &'static str, model: &Path, device: DeviceChoice) -> Result<Self> {
        let cards = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/models");
        let card = fs::read(cards.join(format!("{name}.json")))?;
        let folder = tempfile::tempdir()?;
        let store = Arc::new(Store::open(StoreConfig::new(folder.path()))?);
        let hash = store.add_file(model, name)?.hash;
        let config = EngineConfig { device, runs_max: CALLERS, ..EngineConfig::default() };
        let source = Arc::new(Registered(serde_json::from_slice(&card)?));
        let engine = Engine::with_source(config, store, source);
        let capabilities = engine.capabilities();
        ensure!(capabilities.available, "{}", capabilities.reason);
        Ok(Self { name, _folder: folder, engine, hash, inputs: inputs(name)? })
    }

    /// Does one job; gives how many things it counts for.
    fn job(&self) -> Result<u32> {
        let limits = RunLimits::default();
        if self.name != "smollm2" {
            self.engine.run_tensors(&self.hash, self.inputs.clone(), limits)?;
            return Ok(1);
        }
        let tokens = PROMPT.to_vec().try_into().ok().context("a few tokens")?;
        let prompt = Prompt { tokens, new_tokens_max: NEW_TOKENS, sampling: Sampling::Greedy };
        let ends = vec![u32::MAX].try_into().ok().context("one token")?;
        self.engine.generate(&self.hash, &Generation { prompt, ends }, limits)?;
        Ok(NEW_TOKENS)
    }

    /// Jobs, or tokens of a text, in a second.
    fn rate(&self, callers: usize) -> Result<f64> {
        let caller = |time: Duration| -> Result<u32> {
            let (begin, mut done) = (Instant::now(), 0);
            while begin.elapsed() < time {
                done += self.job()?;
            }
            Ok(done)
        };
        let all = |time: Duration| -> Result<u32> {
            thread::scope(|scope| {
                let threads: Vec<_> = (0..callers).map(|_| scope.spawn(|| caller(time))).collect();
                let done = threads.into_iter().map(|one| one.join().ok().context("it failed")?);
                Ok(done.collect::<Result<Vec<u32>>>()?.into_iter().sum())
            })
        };
        // The first runs of a shape prepare what the next ones need.
        all(Duration::from_millis(500))?;
        let begin = Instant::now();
        let done = all(MEASURED)?;
        Ok(f64::from(done) / begin.elapsed().as_secs_f64())
    }
}

fn inputs(name: &str) -> Result<Tensors> {
    let tensor = |name: &str, dtype, shape: &[u32], data| -> Result<NamedTensor> {
        Ok(NamedTensor { name: name.into(), tensor: Tensor::try_new(dtype, shape.to_vec(), data)? })
    };
    let words = |name: &str, of: fn(i64) -> i64| {
        tensor(name, DType::I64, &[1, 32], (0..32).flat_map(|at| of(at).to_le_bytes()).collect())
    };
    let inputs = match name {
        "magika" => {
            let bytes = (0..2048i32).flat_map(|at| (at % 90 + 32).to_le_bytes()).collect();
            vec![tensor("bytes", DType::I32, &[1, 2048], bytes)?]
        }
        "minilm" => vec![
            words("input_ids", |at| 1_000 + 7 * at)?,
            words("attention_mask", |_| 1)?,
            words("token_type_ids", |_| 0)?,
        ],
        "efficientnet" => {
            let pixel = |at: u32| at.wrapping_mul(2_654_435_761).to_be_bytes()[0];
            let pixels = (0..224 * 224 * 3).map(pixel).collect();
            vec![tensor("image", DType::U8, &[1, 224, 224, 3], pixels)?]
        }
        _ => Vec::new(),
    };
    Ok(Tensors::try_new(inputs)?)
}
