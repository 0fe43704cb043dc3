//! Jobs of one model that are run together give what each gives by itself.

use std::sync::{Arc, Barrier};

use citrate_core::H256;
use citrate_inference::{EngineConfig, Figures, ModelSource, Sought};
use citrate_inference_types::{
    InferenceError, ModelCard, RunLimits, Tensors, Tolerance, adapter, agree, read,
};
use serde_json::{Value, json};

use super::{DeviceChoice, Fixture, device, f32s, named};

/// Far longer than anything takes: a batch begins because it is full.
const LONG_MS: u32 = 600_000;

/// A chain on which one model is registered.
pub(crate) struct Registered(pub(crate) ModelCard);

impl ModelSource for Registered {
    fn card(&self, _model: &H256) -> Option<ModelCard> {
        Some(self.0.clone())
    }

    fn seek(&self, _model: &H256, _bytes_max: u64) -> Sought {
        Sought::Nowhere
    }
}

/// An engine that puts so many rows of this card's model together.
fn fixture(card: &ModelCard, rows_max: u32) -> Option<Fixture> {
    let config = |config: &mut EngineConfig| {
        config.batch_rows_max = Some(rows_max);
        config.batch_wait_ms = LONG_MS;
        config.runs_max = 16;
    };
    Fixture::with(config, Arc::new(Registered(card.clone())))
}

/// A card of a model with one input `x` of numbers.
fn card(outputs: &[(&str, &str)], shape: &Value) -> ModelCard {
    let spec =
        |(name, dtype): &(&str, &str)| json!({ "name": name, "dtype": dtype, "shape": shape });
    let close = json!({ "close": { "atol_nano": 1_000, "rtol_nano": 1_000, "outliers_max": 0 } });
    let card = json!({
        "name": "test", "version": "1", "task": { "other": "test" }, "licence": "Apache-2.0", "bytes": 1,
        "inputs": [spec(&("x", "f32"))],
        "outputs": outputs.iter().map(spec).collect::<Vec<_>>(),
        "preprocess": "tensors", "postprocess": "tensors",
        "tolerance": outputs.iter().map(|_| close.clone()).collect::<Vec<_>>(),
        "engine": { "opset": 17, "optimisation": "all" },
        "limits": {
            "input_bytes_max": 4_096, "output_bytes_max": 4_096, "time_ms_max": 60_000,
            "memory_bytes_max": 1 << 30,
        },
        "assets": [],
    });
    let card: ModelCard = serde_json::from_value(card).unwrap();
    card.validate().unwrap();
    card
}

fn x(shape: &[u32], values: &[f32]) -> Tensors {
    Tensors::try_new(vec![named("x", f32s(shape, values))]).unwrap()
}

/// Runs all of these at a time; their results in order, and what the engine did for them.
fn at_once(
    fixture: &Fixture,
    model: &H256,
    jobs: &[Tensors],
) -> (Vec<Result<Tensors, InferenceError>>, Figures) {
    let before = fixture.engine.figures();
    let start = Barrier::new(jobs.len());
    let run = |job: &Tensors| {
        start.wait();
        fixture.engine.run_tensors(model, job.clone(), RunLimits::default())
    };
    let run = &run;
    let results = std::thread::scope(|scope| {
        let threads: Vec<_> = jobs.iter().map(|job| scope.spawn(move || run(job))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let after = fixture.engine.figures();
    let done = Figures { jobs: after.jobs - before.jobs, runs: after.runs - before.runs };
    (results, done)
}

#[test]
fn jobs_of_a_real_model_are_run_together_within_its_tolerance() {
    let Some(alone) = Fixture::new(|_| {}) else { return };
    let Some((model, shipped)) = alone.magika() else { return };
    let mut card = shipped;
    // Together these jobs are up to 4.4e-4 from what they are alone, in Python too.
    card.tolerance[0] = Tolerance::Close { atol_nano: 10_000_000, rtol_nano: 0, outliers_max: 0 };
    let Some(together) = fixture(&card, 8) else { return };
    together.magika();
    let texts: Vec<Vec<u8>> = (0..8u8)
        .map(|n| format!("fn number_{n}() -> u8 {{ {n} }}\n").repeat(usize::from(n) * 9 + 1).into())
        .collect();
    let jobs: Vec<Tensors> = texts
        .iter()
        .map(|text| adapter::preprocess(&card, &adapter::submission(&card, text)).unwrap())
        .collect();
    let expected: Vec<Tensors> = jobs
        .iter()
        .map(|job| alone.engine.run_tensors(&model, job.clone(), RunLimits::default()).unwrap())
        .collect();
    // The first batch is compared with its jobs by themselves; the second is trusted.
    for runs in [9, 1] {
        let (results, done) = at_once(&together, &model, &jobs);
        assert_eq!(done, Figures { jobs: 8, runs });
        for (result, expected) in results.iter().zip(&expected) {
            assert!(agree(&card, result.as_ref().unwrap(), expected));
        }
    }
    if device() != DeviceChoice::Cpu {
        // A GPU's batches are nearer to the jobs by themselves.
        return;
    }
    // Which is too far for a card that is stricter: nobody is slashed for having batched.
    card.tolerance[0] =
        Tolerance::Close { atol_nano: 100_000, rtol_nano: 100_000, outliers_max: 0 };
    let Some(careful) = fixture(&card, 8) else { return };
    careful.magika();
    for runs in [9, 8] {
        let (results, done) = at_once(&careful, &model, &jobs);
        assert_eq!(done, Figures { jobs: 8, runs });
        assert!(results.into_iter().map(Result::unwrap).eq(expected.iter().cloned()));
    }
    let scores = |tensors: &Tensors| read::elements(tensors.get("target_label").unwrap()).unwrap();
    assert_ne!(scores(&expected[0]), scores(&expected[7]), "the jobs are different ones");
}

#[test]
fn a_job_that_fails_fails_alone() {
    let batch = json!([{ "dynamic": "batch" }]);
    let outputs = [("f32", "f32"), ("f64", "f64"), ("f16", "f16")];
    let Some(fixture) = fixture(&card(&outputs, &batch), 4) else { return };
    let model = fixture.add("root.onnx");
    let jobs: Vec<Tensors> = [1.0, 4.0, 9.0, 16.0].map(|value| x(&[1], &[value])).into();
    let (results, done) = at_once(&fixture, &model, &jobs);
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(done.runs, 5);
    let mut jobs = jobs;
    jobs[2] = x(&[1], &[-9.0]);
    let (results, done) = at_once(&fixture, &model, &jobs);
    assert_eq!(done, Figures { jobs: 4, runs: 5 }, "together, and then each by itself");
    let roots: Vec<Option<f64>> = results
        .iter()
        .map(|result| Some(read::elements(result.as_ref().ok()?.get("f32").unwrap()).unwrap()[0]))
        .collect();
    assert_eq!(roots, [Some(1.0), Some(2.0), None, Some(4.0)]);
    assert!(
        matches!(&results[2], Err(InferenceError::Failed(why)) if why.contains("not a number"))
    );
}

#[test]
fn only_jobs_of_one_shape_are_run_together_and_each_gets_its_rows() {
    let shape = json!([{ "dynamic": "batch" }, { "dynamic": "width" }]);
    let Some(fixture) = fixture(&card(&[("y", "f32")], &shape), 3) else { return };
    let model = fixture.add("double.onnx");
    let jobs = [
        x(&[1, 2], &[1.0, 2.0]),
        x(&[2, 2], &[3.0, 4.0, 5.0, 6.0]),
        x(&[1, 1], &[7.0]),
        x(&[2, 1], &[8.0, 9.0]),
    ];
    for runs in [4, 2] {
        let (results, done) = at_once(&fixture, &model, &jobs);
        assert_eq!(done, Figures { jobs: 4, runs });
        let doubled = |job: &Tensors| {
            let tensor = job.get("x").unwrap();
            let values: Vec<f32> =
                read::elements(tensor).unwrap().iter().map(|value| *value as f32 * 2.0).collect();
            f32s(tensor.shape(), &values)
        };
        for (job, result) in jobs.iter().zip(results) {
            assert_eq!(result.unwrap().get("y"), Some(&doubled(job)));
        }
    }
    // As many rows as there may be, and more: nobody is waited for.
    for rows in [3, 4] {
        let job = x(&[rows, 1], &vec![1.0; rows as usize]);
        let (results, done) = at_once(&fixture, &model, &[job]);
        assert!(results[0].is_ok());
        assert_eq!(done, Figures { jobs: 1, runs: 1 });
    }
}

#[test]
fn a_model_whose_rows_depend_on_each_other_is_found_out() {
    let shape = json!([{ "dynamic": "batch" }, { "dynamic": "width" }]);
    let Some(fixture) = fixture(&card(&[("y", "f32")], &shape), 4) else { return };
    let model = fixture.add("centred.onnx");
    let jobs: Vec<Tensors> = [1.0, 2.0, 3.0, 4.0].map(|value| x(&[1, 1], &[value])).into();
    for runs in [5, 4] {
        let (results, done) = at_once(&fixture, &model, &jobs);
        assert_eq!(done, Figures { jobs: 4, runs });
        // A row less the mean of itself.
        for result in results {
            assert_eq!(result.unwrap().get("y"), Some(&f32s(&[1, 1], &[0.0])));
        }
    }
}

#[test]
fn a_job_that_nobody_joins_is_run_when_the_time_is_up() {
    let shape = json!([{ "dynamic": "batch" }, { "dynamic": "width" }]);
    let card = card(&[("y", "f32")], &shape);
    let config = |config: &mut EngineConfig| {
        config.batch_rows_max = Some(8);
        config.batch_wait_ms = 1;
    };
    let Some(fixture) = Fixture::with(config, Arc::new(Registered(card))) else { return };
    let model = fixture.add("double.onnx");
    let (results, done) = at_once(&fixture, &model, &[x(&[1, 1], &[1.0])]);
    assert!(results[0].is_ok());
    assert_eq!(done, Figures { jobs: 1, runs: 1 });
}
