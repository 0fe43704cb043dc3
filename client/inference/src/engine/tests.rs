use std::sync::mpsc::{channel, sync_channel};
use std::thread;

use citrate_inference_types::{DType, ModelCard, NamedTensor, Tensor};

use super::*;

#[test]
fn the_smaller_limit_counts_and_zero_is_none() {
    assert_eq!([smaller(0, 5), smaller(3, 5), smaller(9, 5)], [5, 3, 5]);
}

const LONG: Duration = Duration::from_secs(600);
const BOUNDS: Bounds = Bounds { time: LONG, memory_bytes_max: u64::MAX, output_bytes_max: 1_000 };

fn card(change: impl FnOnce(&mut serde_json::Value)) -> ModelCard {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/models/magika.json");
    let mut card = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut card);
    serde_json::from_value(card).unwrap()
}

/// A card of numbers in rows of one.
fn numbers() -> ModelCard {
    card(|card| {
        for tensors in ["inputs", "outputs"] {
            card[tensors][0]["name"] = "x".into();
            card[tensors][0]["dtype"] = "f32".into();
            card[tensors][0]["shape"][1] = serde_json::json!({ "fixed": 1 });
        }
    })
}

fn number(value: f32) -> Tensors {
    numbers_of(&[value])
}

fn numbers_of(values: &[f32]) -> Tensors {
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let rows = u32::try_from(values.len()).unwrap();
    let tensor = Tensor::try_new(DType::F32, vec![rows, 1], data).unwrap();
    Tensors::try_new(vec![NamedTensor { name: "x".into(), tensor }]).unwrap()
}

#[test]
fn a_card_says_whether_jobs_may_be_run_together() {
    let is_batched = |card: ModelCard| Batcher::new(card).is_some();
    assert!(is_batched(card(|_| {})));
    let dim = |name: &str| serde_json::json!({ "dynamic": name });
    for (desc, refused) in [
        ("an exact output", card(|card| card["tolerance"] = serde_json::json!([]))),
        ("another name", card(|card| card["inputs"][0]["shape"][0] = dim("n"))),
        ("an output without rows", card(|card| card["outputs"][0]["shape"][0] = dim("labels"))),
        ("another axis too", card(|card| card["inputs"][0]["shape"][1] = dim("batch"))),
        ("a scalar", card(|card| card["inputs"][0]["shape"] = serde_json::json!([]))),
    ] {
        assert!(!is_batched(refused), "{desc}");
    }
    let batcher = Batcher::new(numbers()).unwrap();
    assert!(batcher.takes(&numbers_of(&[1.0; 7]), 8));
    assert!(!batcher.takes(&numbers_of(&[1.0; 8]), 8), "a full batch by itself");
    assert!(!batcher.takes(&numbers_of(&[]), 8));
    assert!(!batcher.takes(&Tensors::try_new(Vec::new()).unwrap(), 8), "not what the card says");
    assert!(!batcher.takes(&number(1.0), 1), "batches of one are none");
}

/// Another input may be further from what it is alone than the first ones were.
#[test]
fn batches_are_checked_again_and_again_and_have_to_be_well_within_the_tolerance() {
    // Of 0.03, an eighth may be taken up.
    for (error, is_refuted) in [(3.7e-3, false), (3.8e-3, true)] {
        let batcher = Batcher::new(numbers()).unwrap();
        let batching = Batching { wait: LONG, rows_max: 2, waiting_max: 9 };
        let (wrong, runs) = (std::sync::atomic::AtomicBool::new(false), AtomicU64::new(0));
        let execute = |inputs: &Tensors, _: Bounds| {
            runs.fetch_add(1, Ordering::SeqCst);
            let rows = inputs.get("x").unwrap().shape()[0];
            let is_wrong = rows > 1 && wrong.load(Ordering::SeqCst);
            Ok(numbers_of(&vec![if is_wrong { 1.0 + error } else { 1.0 }; rows as usize]))
        };
        let run = || batcher.run(number(1.0), BOUNDS, batching, &execute).unwrap();
        let run = &run;
        let pair = || {
            let before = runs.load(Ordering::SeqCst);
            thread::scope(|scope| {
                let threads = [(); 2].map(|()| scope.spawn(run));
                threads.map(|thread| thread.join().unwrap())
            });
            runs.load(Ordering::SeqCst) - before
        };
        assert_eq!(pair(), 3, "the first is checked");
        wrong.store(true, Ordering::SeqCst);
        let unchecked = (0..).take_while(|_| pair() == 1).count();
        assert_eq!(unchecked, 15);
        assert_eq!(batcher.takes(&number(1.0), 2), !is_refuted, "{error}");
    }
}

/// Jobs of a slow model are not put together, so that the last one is not late.
#[test]
fn a_batch_takes_a_small_part_of_the_time_that_its_first_job_has() {
    let batching = Batching { wait: LONG, rows_max: 2, waiting_max: 9 };
    let rows = Mutex::new(Vec::new());
    let execute = |inputs: &Tensors, _: Bounds| {
        lock(&rows).push(inputs.get("x").unwrap().shape()[0]);
        Ok(inputs.clone())
    };
    let batcher = Batcher::new(numbers()).unwrap();
    let run = |time: Duration| {
        batcher.run(number(1.0), Bounds { time, ..BOUNDS }, batching, &execute).unwrap()
    };
    let run = &run;
    for (time, expected) in [(LONG, vec![2, 1, 1]), (LONG, vec![2]), (Duration::ZERO, vec![1, 1])] {
        thread::scope(|scope| {
            for thread in [(); 2].map(|()| scope.spawn(move || run(time))) {
                assert_eq!(thread.join().unwrap(), number(1.0));
            }
        });
        assert_eq!(std::mem::take(&mut *lock(&rows)), expected);
    }
}

#[test]
fn what_waits_is_bounded_and_whoever_comes_during_a_run_is_in_the_next() {
    let batcher = Batcher::new(numbers()).unwrap();
    let batching = Batching { wait: Duration::ZERO, rows_max: 8, waiting_max: 2 };
    let (begun, runs) = channel();
    let (go, wait) = sync_channel::<()>(0);
    let wait = Mutex::new(wait);
    let execute = |inputs: &Tensors, _: Bounds| {
        begun.send(inputs.get("x").unwrap().shape()[0]).unwrap();
        lock(&wait).recv().unwrap();
        Ok(inputs.clone())
    };
    let run = |value: f32| batcher.run(number(value), BOUNDS, batching, &execute);
    let run = &run;
    thread::scope(|scope| {
        let first = scope.spawn(move || run(1.0));
        assert_eq!(runs.recv().unwrap(), 1, "nobody else is there");
        let others = [2.0, 3.0].map(|value| scope.spawn(move || run(value)));
        while batcher.waiting() < 2 {
            thread::yield_now();
        }
        assert_eq!(run(4.0), Err(InferenceError::Busy), "one past the limit");
        go.send(()).unwrap();
        assert_eq!(first.join().unwrap(), Ok(number(1.0)));
        // Together, and because it is the first batch each by itself.
        for rows in [2, 1, 1] {
            assert_eq!(runs.recv().unwrap(), rows);
            go.send(()).unwrap();
        }
        for (other, value) in others.into_iter().zip([2.0, 3.0]) {
            assert_eq!(other.join().unwrap(), Ok(number(value)));
        }
    });
    assert_eq!(batcher.waiting(), 0);
}

#[test]
fn a_panic_of_the_one_that_leads_is_an_error_to_the_others_and_the_next_goes_on() {
    let batcher = Batcher::new(numbers()).unwrap();
    let batching = Batching { wait: LONG, rows_max: 2, waiting_max: 9 };
    let execute = |_: &Tensors, _: Bounds| panic!("on purpose");
    let run = || {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            batcher.run(number(1.0), BOUNDS, batching, &execute)
        }));
        outcome.ok()
    };
    let run = &run;
    thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(run));
        let outcomes = threads.map(|thread| thread.join().unwrap());
        let failed = |outcome: &Option<_>| matches!(outcome, Some(Err(InferenceError::Failed(_))));
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_none()).count(), 1);
        assert_eq!(outcomes.iter().filter(|outcome| failed(outcome)).count(), 1);
    });
    let batching = Batching { wait: Duration::ZERO, ..batching };
    let outcome = batcher.run(number(2.0), BOUNDS, batching, &|inputs, _| Ok(inputs.clone()));
    assert_eq!(outcome, Ok(number(2.0)));
}

#[test]
fn each_job_of_a_batch_has_its_own_bound_on_outputs() {
    let batcher = Batcher::new(numbers()).unwrap();
    let batching = Batching { wait: LONG, rows_max: 3, waiting_max: 9 };
    let size = number(1.0).encoded_size() as u64;
    let execute = |inputs: &Tensors, bounds: Bounds| match inputs.encoded_size() as u64 {
        size if size > bounds.output_bytes_max => Err(InferenceError::OutputTooLarge),
        _ => Ok(inputs.clone()),
    };
    let run = |inputs: Tensors, output_bytes_max: u64| {
        let bounds = Bounds { output_bytes_max, ..BOUNDS };
        batcher.run(inputs, bounds, batching, &execute)
    };
    let run = &run;
    for round in 0..2 {
        thread::scope(|scope| {
            let fits = scope.spawn(move || run(number(1.0), size));
            let does_not = scope.spawn(move || run(numbers_of(&[2.0, 3.0]), size));
            assert_eq!(fits.join().unwrap(), Ok(number(1.0)), "{round}");
            assert_eq!(does_not.join().unwrap(), Err(InferenceError::OutputTooLarge), "{round}");
        });
    }
}
