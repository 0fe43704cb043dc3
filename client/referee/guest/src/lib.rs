//! The referee's WebAssembly module: an ONNX engine that gives the same bits on every machine.
//!
//! It imports nothing: no clock, no randomness, no thread, no host function. What it computes depends on the model,
//! the inputs and the bound on outputs alone, and so does the fuel that it takes.
//!
//! Exports, beside its memory (`docs/design/referee.md`):
//! - `input(slot, length) -> pointer`: where to put the model (slot 0) and the inputs (slot 1), before
//! - `run(output_bytes_max) -> pointer << 32 | length` of `Result<Tensors, RefereeFault>` in SCALE, once an instance;
//! - `last_words() -> pointer << 32 | length`: what a panic said, after `run` has trapped.

extern crate alloc;

#[path = "../../../../primitives/inference/src/fault.rs"]
pub mod fault;
mod model;
mod onnx;
#[path = "../../../../primitives/inference/src/tensor.rs"]
pub mod tensor;
mod value;

use std::sync::{Mutex, PoisonError};

use codec::Encode;

/// The model and the inputs.
static INPUTS: Mutex<[Vec<u8>; 2]> = Mutex::new([Vec::new(), Vec::new()]);
/// The answer, kept until the instance ends.
static OUTPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
/// What a panic said.
static LAST_WORDS: Mutex<String> = Mutex::new(String::new());

#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "an export has a name of its own")]
extern "C" fn input(slot: u32, length: u32) -> *mut u8 {
    let mut inputs = INPUTS.lock().unwrap_or_else(PoisonError::into_inner);
    let [model, tensors] = &mut *inputs;
    let buffer = if slot == 0 { model } else { tensors };
    *buffer = vec![0; length as usize];
    buffer.as_mut_ptr()
}

#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "an export has a name of its own")]
extern "C" fn run(output_bytes_max: u32) -> u64 {
    std::panic::set_hook(Box::new(|info| {
        if let Ok(mut words) = LAST_WORDS.try_lock() {
            *words = info.to_string();
        }
    }));
    let [model, inputs] =
        std::mem::take(&mut *INPUTS.lock().unwrap_or_else(PoisonError::into_inner));
    let answer = model::run(model, &inputs, output_bytes_max).encode();
    let mut output = OUTPUT.lock().unwrap_or_else(PoisonError::into_inner);
    *output = answer;
    packed(&output)
}

#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "an export has a name of its own")]
extern "C" fn last_words() -> u64 {
    LAST_WORDS.try_lock().map_or(0, |words| packed(words.as_bytes()))
}

/// Where bytes are, for the host.
fn packed(bytes: &[u8]) -> u64 {
    (bytes.as_ptr() as u64) << 32 | bytes.len() as u64
}
