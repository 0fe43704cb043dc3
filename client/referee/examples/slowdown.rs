//! Measures the referee beside ONNX Runtime, on one thread each: time, fuel, memory, and how far apart they are.
//!
//! ```text
//! cargo run -p citrate-referee --example slowdown -- $(scripts/referee.sh) MODEL INPUT...
//! ```
//!
//! An INPUT is `NAME=TYPE:SHAPE:VALUES`, such as `ids=i64:1x128:1..1000` (random numbers of that range, the same in
//! every run) or `mask=i64:1x128:1`. What is compiled at run time is as fast in a debug build as in a release build.

#![expect(clippy::print_stdout, reason = "a command line tool")]

use std::{
    error::Error,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use citrate_artifacts::{Store, StoreConfig};
use citrate_inference::{DeviceChoice, Engine, EngineConfig};
use citrate_inference_types::{DType, NamedTensor, RefereeLimits, RunLimits, Tensor, Tensors};
use citrate_referee::Referee;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Runs of each side; the fastest counts, because a busy machine only ever slows one down.
const RUNS: u32 = 5;

const LIMITS: RefereeLimits =
    RefereeLimits { fuel: u64::MAX, memory_bytes: 4 << 30, output_bytes: 64 << 20 };

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, model, inputs @ ..] = &arguments[..] else {
        return Err("usage: slowdown MODULE MODEL NAME=TYPE:SHAPE:VALUES...".into());
    };
    let mut state = 1;
    let inputs = inputs.iter().map(|input| parse(input, &mut state)).collect::<Result<_>>()?;
    let inputs = Tensors::try_new(inputs)?;

    let module = std::fs::read(module)?;
    let (referee, compiled) = timed(|| Referee::new(&module))?;
    println!(
        "module: {} bytes, {:?}, compiled in {compiled:?}",
        module.len(),
        referee.module_hash()
    );
    let file = std::fs::read(model)?;
    let (verdict, ours) = fastest(|| referee.run(&file, &inputs, LIMITS))?;
    println!("referee: {ours:?}, fuel {}, memory {} bytes", verdict.fuel, verdict.memory_bytes);

    let folder = tempfile::tempdir()?;
    let store = Arc::new(Store::open(StoreConfig::new(folder.path()))?);
    let hash = store.add_file(Path::new(model), "model")?.hash;
    let config = EngineConfig { device: DeviceChoice::Cpu, ..EngineConfig::default() };
    let engine = Engine::new(config, store);
    let native = || engine.run_tensors(&hash, inputs.clone(), RunLimits::default());
    let (outputs, first) = timed(native)?;
    let (_, theirs) = fastest(native)?;
    println!("ONNX Runtime: {first:?} with loading, {theirs:?} without");
    for output in outputs.iter() {
        let ours = verdict.outputs.get(&output.name).ok_or("another output")?;
        println!("{}: {:?}, {}", output.name, output.tensor, difference(ours, &output.tensor));
    }
    let ratio = |by: Duration| ours.as_secs_f64() / by.as_secs_f64();
    println!("ratio: {:.1} with loading, {:.1} without", ratio(first), ratio(theirs));
    Ok(())
}

fn timed<T, E: Error + 'static>(
    run: impl FnOnce() -> std::result::Result<T, E>,
) -> Result<(T, Duration)> {
    let begun = Instant::now();
    Ok((run()?, begun.elapsed()))
}

fn fastest<T, E: Error + 'static>(
    mut run: impl FnMut() -> std::result::Result<T, E>,
) -> Result<(T, Duration)> {
    let mut best = timed(&mut run)?;
    for _ in 1..RUNS {
        let next = timed(&mut run)?;
        best = if next.1 < best.1 { next } else { best };
    }
    Ok(best)
}

/// The largest difference of two float tensors; of others, whether they are the same.
fn difference(a: &Tensor, b: &Tensor) -> String {
    if a.dtype() != DType::F32 || a.shape() != b.shape() {
        return format!("same: {}", a == b);
    }
    let pairs = a.data().as_chunks().0.iter().zip(b.data().as_chunks().0);
    let distance =
        pairs.map(|(a, b)| f64::from((f32::from_le_bytes(*a) - f32::from_le_bytes(*b)).abs()));
    format!("largest difference {:e}", distance.fold(0.0, f64::max))
}

/// One tensor, from its description.
fn parse(input: &str, state: &mut u64) -> Result<NamedTensor> {
    let wrong = || format!("not NAME=TYPE:SHAPE:VALUES: {input}");
    let (name, rest) = input.split_once('=').ok_or_else(wrong)?;
    let mut parts = rest.splitn(3, ':');
    let mut part = || parts.next().ok_or_else(wrong);
    let dtype = match part()? {
        "f32" => DType::F32,
        "i32" => DType::I32,
        "i64" => DType::I64,
        _ => return Err(wrong().into()),
    };
    let shape = part()?.split('x').filter(|length| !length.is_empty()).map(str::parse);
    let shape: Vec<u32> = shape.collect::<std::result::Result<_, _>>()?;
    let values = part()?;
    let (low, high) = values.split_once("..").unwrap_or((values, values));
    let (low, high): (f64, f64) = (low.parse()?, high.parse()?);
    let mut data = Vec::new();
    for _ in 0..shape.iter().product::<u32>() {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (*state >> 40) as f64 / f64::from(1 << 24);
        let value = low + (high - low) * share;
        match dtype {
            DType::F32 => data.extend((value as f32).to_le_bytes()),
            DType::I32 => data.extend((value as i32).to_le_bytes()),
            _ => data.extend((value as i64).to_le_bytes()),
        }
    }
    Ok(NamedTensor { name: name.into(), tensor: Tensor::try_new(dtype, shape, data)? })
}
