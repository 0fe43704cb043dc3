//! What the two variants of BLS signatures take, natively and in WebAssembly as the executor runs a runtime.
//!
//! ```sh
//! cargo run -p citrate-executor --example bls
//! ```
//!
//! The arithmetic is optimised in this profile too. Both variants run in turns, and each figure is the fastest of its runs,
//! because what else the machine does only ever adds; in WebAssembly less what a call takes that does nothing.

#![expect(clippy::print_stdout, reason = "a measurement")]

use std::time::Duration;

use citrate_api::ViewFunctionId;
use citrate_executor_guest::bls::{KeysInG1, KeysInG2, Signed, Variant, Work};
use citrate_executor_guest::{KEYS_IN_G1, KEYS_IN_G2};
use codec::Encode;

mod guest;

use guest::{Failure, Wasm, timed};

/// Runs of which each figure is the fastest.
const RUNS: usize = 40;

/// A variant and a signed message of it.
struct Side {
    signed: Signed,
    natively: fn(&Signed, Work) -> bool,
    id: ViewFunctionId,
    /// The fastest runs: natively, in WebAssembly, and of a call that does nothing.
    best: [Duration; 3],
}

impl Side {
    fn new<V: Variant>(signers: u8, id: ViewFunctionId) -> Self {
        Self { signed: V::sign(signers), natively: V::work, id, best: [Duration::MAX; 3] }
    }

    fn run(&mut self, wasm: &Wasm, work: Work) -> Result<(), Failure> {
        let times = [
            timed(|| Ok((self.natively)(&self.signed, work)))?,
            timed(|| wasm.call(&self.id, &(&self.signed, work).encode()))?,
            timed(|| wasm.call(&self.id, &(&self.signed, Work::Nothing).encode()))?,
        ];
        for (best, time) in self.best.iter_mut().zip(times) {
            *best = time.min(*best);
        }
        Ok(())
    }

    fn told(&self) -> String {
        let [natively, compiled, call] = self.best;
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        format!("{:.2} | {:.2}", ms(natively), ms(compiled.saturating_sub(call)))
    }
}

fn main() -> Result<(), Failure> {
    let wasm = Wasm::new()?;
    println!(
        "| signers | work | keys in G2: natively, ms | in WebAssembly | keys in G1: natively | in WebAssembly |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    let works =
        [Work::Shares, Work::Sum, Work::Batch(1), Work::Batch(4), Work::Batch(8), Work::Proof];
    for signers in [3, 5, 16] {
        for work in works {
            // In turns, so that what else the machine does slows both.
            let mut g2 = Side::new::<KeysInG2>(signers, KEYS_IN_G2);
            let mut g1 = Side::new::<KeysInG1>(signers, KEYS_IN_G1);
            for _ in 0..RUNS {
                g2.run(&wasm, work)?;
                g1.run(&wasm, work)?;
            }
            println!("| {signers} | {work:?} | {} | {} |", g2.told(), g1.told());
        }
    }
    Ok(())
}
