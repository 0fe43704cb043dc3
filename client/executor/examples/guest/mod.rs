//! Runs what is measured as the executor runs a runtime.

use std::time::{Duration, Instant};

use citrate_api::ViewFunctionId;
use citrate_executor::{Executor, ExecutorConfig, Limits, Profile, RuntimeCode};
use citrate_host::StateExt;
use citrate_trie::StateView;
use citrate_wasm_builder::WasmBuilder;
use codec::Encode;

pub(crate) type Failure = Box<dyn std::error::Error>;

/// What a run takes, if it is accepted.
pub(crate) fn timed(run: impl FnOnce() -> Result<bool, Failure>) -> Result<Duration, Failure> {
    let begun = Instant::now();
    if run()? { Ok(begun.elapsed()) } else { Err("it was refused".into()) }
}

/// The module, and what runs it.
pub(crate) struct Wasm {
    executor: Executor,
    code: Vec<u8>,
}

impl Wasm {
    /// Builds it.
    pub(crate) fn new() -> Result<Self, Failure> {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/guest/Cargo.toml");
        let program = std::env::current_exe()?;
        let target = program.ancestors().nth(3).ok_or("no target folder")?;
        let blob = WasmBuilder::new(manifest).target_dir(target).build()?;
        let code = std::fs::read(blob.compressed)?;
        Ok(Self { executor: Executor::new(&ExecutorConfig::default())?, code })
    }

    /// Calls one of its functions; says whether the input was accepted.
    pub(crate) fn call(&self, id: &ViewFunctionId, input: &[u8]) -> Result<bool, Failure> {
        let mut state = StateExt::new(StateView::empty());
        let (code, input) = (RuntimeCode::new(&self.code), (id, input).encode());
        let (method, limits) = ("RuntimeViewFunction_execute_view_function", Limits::default());
        let output =
            self.executor.call(code, Profile::Block, method, &input, &mut state, limits)?;
        // A result's tag, the answer's length, the answer.
        Ok(output[..] == [0, 4, 1])
    }
}
