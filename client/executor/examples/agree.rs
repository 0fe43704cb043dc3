//! What it takes in WebAssembly to compare the results of one job.
//!
//! ```sh
//! cargo run -p citrate-executor --example agree
//! ```
//!
//! As many results as a job may have, each as long as the chain holds: the fastest of some runs, because what else the machine
//! does only ever adds, less what a call takes that has no results. The runtime's `JudgementWeight` follows from the largest.

#![expect(clippy::print_stdout, reason = "a measurement")]

use std::time::Duration;

use citrate_executor_guest::AGREEMENT;
use citrate_inference_types::{
    BATCH_MAX, Batch, DType, Dim, INLINE_BYTES_MAX, ModelCard, NamedTensor, PANEL_MAX, Tensor,
    TensorSpec, Tensors, Text, Tolerance,
};
use codec::Encode;

mod guest;

use guest::{Failure, Wasm, timed};

/// Runs of which each figure is the fastest.
const RUNS: usize = 30;

/// What is compared: a rule, the elements' type, and how many of them a row has.
type Case = (&'static str, Tolerance, DType, u32);

fn cases() -> Vec<Case> {
    // So wide that results which differ in every number agree: nothing is found out before the last one.
    let nano = 200_000_000_000;
    let close = Tolerance::Close { atol_nano: nano, rtol_nano: 1_000_000_000, outliers_max: 0 };
    let top = Tolerance::TopK { k: 1, margin_nano: nano };
    let digest = Tolerance::Digest { step_nano: 8 * nano, blocks_out_max: 0 };
    vec![
        ("exact", Tolerance::Exact, DType::U8, 1),
        ("exact", Tolerance::Exact, DType::F32, 1),
        ("close", close.clone(), DType::U8, 1),
        ("close", close, DType::F32, 1),
        ("top 1 of rows of 2", top.clone(), DType::U8, 2),
        ("top 1 of rows of 2", top.clone(), DType::F32, 2),
        ("top 1 of one row", top, DType::U8, 16_000),
        ("digest", digest.clone(), DType::U8, 1),
        ("digest", digest, DType::F32, 1),
        ("tokens", Tolerance::Tokens { prefix: 0, margin_micro: 1 }, DType::I32, 2),
    ]
}

/// A card with one output of this kind.
fn card((_, tolerance, dtype, columns): &Case) -> Result<ModelCard, Failure> {
    let json = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/models/magika.json");
    let mut card: ModelCard = serde_json::from_slice(&std::fs::read(json)?)?;
    let spec = card.outputs.iter_mut().next().ok_or("a card has outputs")?;
    spec.dtype = *dtype;
    let axes = vec![Dim::Dynamic(Text::truncated("rows")), Dim::Fixed(*columns)];
    spec.shape = axes.try_into().map_err(|_long| "too many axes")?;
    card.tolerance = vec![tolerance.clone()].try_into().map_err(|_long| "too many rules")?;
    Ok(card)
}

/// The `nth` result of a panel, as long as the chain holds.
fn result(card: &ModelCard, case: &Case, nth: u8) -> Result<Vec<u8>, Failure> {
    let (_, tolerance, dtype, columns) = case;
    let name = card.outputs.first().ok_or("a card has outputs")?.name.as_str();
    // Name, type, shape and lengths take less than a hundred bytes.
    let row = u32::try_from(dtype.size())? * columns;
    let rows = (INLINE_BYTES_MAX - 100) / row;
    // Texts and what is exact agree only if they are the same.
    let is_same = matches!(tolerance, Tolerance::Exact | Tolerance::Tokens { .. });
    let number = |at: u32| at.to_le_bytes()[0] % 100 + if is_same { 0 } else { nth };
    let data: Vec<u8> = match dtype {
        DType::F32 => {
            (0..rows * columns).flat_map(|at| (f32::from(number(at)) / 1.7).to_le_bytes()).collect()
        }
        DType::I32 => {
            (0..rows * columns).flat_map(|at| i32::from(number(at)).to_le_bytes()).collect()
        }
        _ => (0..rows * columns).map(number).collect(),
    };
    let tensor = Tensor::try_new(*dtype, vec![rows, *columns], data)?;
    let output = Tensors::single(name, tensor)?.encode();
    assert!(output.len() <= usize::try_from(INLINE_BYTES_MAX)?);
    Ok(output)
}

/// A batch of as many results as there may be, of a card with as many outputs, each of one number of the rule's type: what it
/// takes to read them.
fn batches(rule: &Tolerance) -> Result<(ModelCard, Vec<Vec<u8>>), Failure> {
    let mut card = card(&("", rule.clone(), DType::U8, 1))?;
    let spec = card.outputs.first().ok_or("a card has outputs")?.clone();
    let names: Vec<String> = (0..16u8).map(|at| char::from(b'a' + at).to_string()).collect();
    let named = |name: &String| TensorSpec { name: Text::truncated(name), ..spec.clone() };
    let outputs = names.iter().map(named).collect::<Vec<_>>();
    card.outputs = outputs.try_into().map_err(|_long| "too many outputs")?;
    card.tolerance = vec![rule.clone(); 16].try_into().map_err(|_long| "too many rules")?;
    let batch = |nth: u8| -> Result<Vec<u8>, Failure> {
        let tensor = Tensor::try_new(DType::U8, vec![1, 1], vec![nth])?;
        let named = |name: &String| NamedTensor { name: name.clone(), tensor: tensor.clone() };
        let part = Tensors::try_new(names.iter().map(named).collect())?.encode();
        let parts = usize::try_from(BATCH_MAX)?;
        Ok(Batch::try_new(vec![part; parts])?.encode())
    };
    Ok((card, (0..u8::try_from(PANEL_MAX)?).map(batch).collect::<Result<_, _>>()?))
}

/// The time of a comparison, in milliseconds.
fn measured(
    wasm: &Wasm,
    card: &ModelCard,
    batch: Option<u32>,
    outputs: &[Vec<u8>],
) -> Result<f64, Failure> {
    let mut best = [Duration::MAX; 2];
    for _ in 0..RUNS {
        for (best, outputs) in best.iter_mut().zip([&[], outputs]) {
            let input = (card, batch, outputs).encode();
            *best = timed(|| wasm.call(&AGREEMENT, &input))?.min(*best);
        }
    }
    let [call, compared] = best;
    Ok(compared.saturating_sub(call).as_secs_f64() * 1e3)
}

fn main() -> Result<(), Failure> {
    let wasm = Wasm::new()?;
    println!("| rule | type | {PANEL_MAX} results of so many bytes | in WebAssembly, ms |");
    println!("| --- | --- | --- | --- |");
    for case in cases() {
        let card = card(&case)?;
        let panel = (0..u8::try_from(PANEL_MAX)?).map(|nth| result(&card, &case, nth));
        let panel = panel.collect::<Result<Vec<_>, _>>()?;
        let ms = measured(&wasm, &card, None, &panel)?;
        let bytes = panel.iter().map(Vec::len).max().unwrap_or_default();
        println!("| {} | {:?} | {bytes} | {ms:.2} |", case.0, case.2);
    }
    let (_, close, ..) = cases().into_iter().nth(2).ok_or("there are cases")?;
    let (card, panel) = batches(&close)?;
    let ms = measured(&wasm, &card, Some(BATCH_MAX), &panel)?;
    let bytes = panel.iter().map(Vec::len).max().unwrap_or_default();
    println!("| close, 16 outputs, a batch of {BATCH_MAX} | U8 | {bytes} | {ms:.2} |");
    Ok(())
}
