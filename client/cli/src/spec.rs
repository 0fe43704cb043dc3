//! Chain specifications: the built-in ones and files.

use crate::{Distribution, args::BuildSpecArgs, output};
use anyhow::{Context, Result, ensure};
use citrate_chain_spec::ChainSpec;
use citrate_executor::Executor;

/// LIMIT: bytes of a specification.
const SPEC_BYTES_MAX: u64 = 256 << 20;

/// The built-in specification called `name`, or the one in the file of this path.
pub(crate) fn load(name: &str, distribution: &Distribution) -> Result<ChainSpec> {
    if let Some(spec) = distribution.built_in(name) {
        return spec;
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
pub(crate) fn build(args: &BuildSpecArgs, distribution: &Distribution) -> Result<()> {
    let mut spec = load(&args.chain.chain, distribution)?;
    if args.raw {
        spec = spec.to_raw(&Executor::new(&distribution.executor())?)?;
    }
    output::line(&spec.to_json()?);
    Ok(())
}
