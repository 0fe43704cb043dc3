//! The referee's real module on real models. Without what `scripts/setup.sh` fetches a test says so and passes, unless
//! `CITRATE_NO_SKIP` is set, as it is in `make test`.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "these are tests")]

mod deterministic;
mod hostile;
mod magika;
mod onnx;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use citrate_inference_types::{DType, NamedTensor, RefereeLimits, Tensor, Tensors};
use citrate_referee::{Compilation, Referee, RefereeError, Verdict};

/// Enough for every model here.
const LIMITS: RefereeLimits =
    RefereeLimits { fuel: 2_000_000_000, memory_bytes: 256 << 20, output_bytes: 64 << 10 };

/// The module's bytes; `scripts/referee.sh` builds it if nobody has.
fn module() -> &'static [u8] {
    static MODULE: OnceLock<Vec<u8>> = OnceLock::new();
    MODULE.get_or_init(|| {
        let output = Command::new(repository().join("scripts/referee.sh")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let path = String::from_utf8(output.stdout).unwrap();
        fs::read(path.trim()).unwrap()
    })
}

/// The module, compiled once for all tests.
fn referee() -> &'static Referee {
    static REFEREE: OnceLock<Referee> = OnceLock::new();
    REFEREE.get_or_init(|| Referee::new(module()).unwrap())
}

/// The module, compiled without optimisation.
fn plain() -> &'static Referee {
    static PLAIN: OnceLock<Referee> = OnceLock::new();
    PLAIN.get_or_init(|| Referee::compiled(module(), Compilation::Plain).unwrap())
}

fn run(model: &[u8], inputs: &Tensors) -> Result<Verdict, RefereeError> {
    referee().run(model, inputs, LIMITS)
}

/// A tensor of floats named `x`.
fn floats(values: &[f32]) -> Tensors {
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensors("x", DType::F32, &[values.len() as u32], data)
}

fn tensors(name: &str, dtype: DType, shape: &[u32], data: Vec<u8>) -> Tensors {
    let tensor = Tensor::try_new(dtype, shape.to_vec(), data).unwrap();
    Tensors::try_new(vec![NamedTensor { name: name.into(), tensor }]).unwrap()
}

/// Says that a test does nothing.
fn skipped(reason: &str) {
    assert!(env::var_os("CITRATE_NO_SKIP").is_none(), "may not be skipped: {reason}");
    eprintln!("SKIPPED: {reason}");
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn cache() -> Option<PathBuf> {
    let var = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    var("CITRATE_CACHE")
        .or_else(|| Some(var("XDG_CACHE_HOME")?.join("citrate")))
        .or_else(|| Some(var("HOME")?.join(".cache/citrate")))
}
