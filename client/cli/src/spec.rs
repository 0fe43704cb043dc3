//! Chain specifications: the built-in ones and files.

use crate::{args::BuildSpecArgs, output};
use anyhow::{Context, Result, ensure};
use citrate_chain_spec::ChainSpec;
use citrate_executor::{Executor, ExecutorConfig};

/// The runtime that this command was built with.
const CODE: &[u8] = include_bytes!(env!("CITRATE_CODE"));
/// Its off-chain worker.
const WORKER: &[u8] = include_bytes!(env!("CITRATE_WORKER"));
/// LIMIT: bytes of a specification.
const SPEC_BYTES_MAX: u64 = 256 << 20;

/// The specification called `name`, or the one in the file of this path.
pub(crate) fn load(name: &str) -> Result<ChainSpec> {
    if matches!(name, "dev" | "local") {
        ensure!(!CODE.is_empty(), "this command was built with SKIP_WASM_BUILD: it has no runtime");
        let (code, worker) = (CODE.to_vec(), Some(WORKER.to_vec()));
        return Ok(match name {
            "dev" => ChainSpec::development(code, worker),
            _ => ChainSpec::local(code, worker),
        });
    }
    let about = || format!("chain specification {name}");
    let size = std::fs::metadata(name).with_context(about)?.len();
    ensure!(
        size <= SPEC_BYTES_MAX,
        "chain specification {name} is larger than {SPEC_BYTES_MAX} bytes"
    );
    let json = std::fs::read(name).with_context(about)?;
    ChainSpec::from_json(&json).with_context(about)
}

/// `citrate build-spec`.
pub(crate) fn build(args: &BuildSpecArgs) -> Result<()> {
    let mut spec = load(&args.chain.chain)?;
    if args.raw {
        spec = spec.to_raw(&Executor::new(&ExecutorConfig::default())?)?;
    }
    output::line(&spec.to_json()?);
    Ok(())
}
