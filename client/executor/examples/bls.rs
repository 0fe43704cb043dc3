//! What the two variants of BLS signatures take, natively and in WebAssembly as the executor runs a runtime.
//!
//! ```sh
//! cargo run -p citrate-executor --example bls
//! ```
//!
//! The arithmetic is optimised in this profile too. Each figure is the fastest of the runs, because what else the machine does
//! only ever adds; in WebAssembly less what a call takes that does nothing.

#![expect(clippy::print_stdout, reason = "a measurement")]

use std::time::{Duration, Instant};

use citrate_api::ViewFunctionId;
use citrate_bls_guest::{KEYS_IN_G1, KEYS_IN_G2, KeysInG1, KeysInG2, Signed, Variant, Work};
use citrate_executor::{Executor, ExecutorConfig, Limits, Profile, RuntimeCode};
use citrate_host::StateExt;
use citrate_trie::StateView;
use citrate_wasm_builder::WasmBuilder;
use codec::Encode;

/// Runs of which each figure is the fastest.
const RUNS: usize = 25;

type Failure = Box<dyn std::error::Error>;

fn fastest(mut run: impl FnMut() -> Result<bool, Failure>) -> Result<Duration, Failure> {
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let begun = Instant::now();
        if !run()? {
            return Err("it was refused".into());
        }
        best = best.min(begun.elapsed());
    }
    Ok(best)
}

struct Wasm {
    executor: Executor,
    code: Vec<u8>,
}

impl Wasm {
    fn new() -> Result<Self, Failure> {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/bls-guest/Cargo.toml");
        let program = std::env::current_exe()?;
        let target = program.ancestors().nth(3).ok_or("no target folder")?;
        let blob = WasmBuilder::new(manifest).target_dir(target).build()?;
        let code = std::fs::read(blob.compressed)?;
        Ok(Self { executor: Executor::new(&ExecutorConfig::default())?, code })
    }

    fn call(&self, id: &ViewFunctionId, signed: &Signed, work: Work) -> Result<bool, Failure> {
        let mut state = StateExt::new(StateView::empty());
        let (code, input) = (RuntimeCode::new(&self.code), (id, (signed, work).encode()).encode());
        let (method, limits) = ("RuntimeViewFunction_execute_view_function", Limits::default());
        let output =
            self.executor.call(code, Profile::Block, method, &input, &mut state, limits)?;
        // A result's tag, the answer's length, the answer.
        Ok(output[..] == [0, 4, 1])
    }
}

fn measure<V: Variant>(wasm: &Wasm, name: &str, id: &ViewFunctionId) -> Result<(), Failure> {
    let works =
        [Work::Shares, Work::Sum, Work::Batch(1), Work::Batch(4), Work::Batch(8), Work::Proof];
    for signers in [3, 5, 16] {
        let signed = V::sign(signers);
        let call = fastest(|| wasm.call(id, &signed, Work::Nothing))?;
        for work in works {
            let native = fastest(|| Ok(V::work(&signed, work)))?;
            let compiled = fastest(|| wasm.call(id, &signed, work))?.saturating_sub(call);
            let ms = |time: Duration| time.as_secs_f64() * 1e3;
            println!(
                "| {name} | {signers} | {work:?} | {:.2} ms | {:.2} ms |",
                ms(native),
                ms(compiled)
            );
        }
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    let wasm = Wasm::new()?;
    println!("| variant | signers | work | natively | WebAssembly |");
    println!("| --- | --- | --- | --- | --- |");
    measure::<KeysInG2>(&wasm, "keys in G2", &KEYS_IN_G2)?;
    measure::<KeysInG1>(&wasm, "keys in G1", &KEYS_IN_G1)
}
