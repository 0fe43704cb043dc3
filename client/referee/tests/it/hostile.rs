//! Models that are broken, greedy or malicious: an error each, the right one, and never a panic here.

use citrate_inference_types::{DType, RefereeLimits, Tensors};
use citrate_referee::RefereeError;

use super::{
    LIMITS, floats,
    onnx::{BOOL, DOUBLE, FLOAT, Graph, INT64, bytes, graph},
    referee, run, tensors,
};

fn unary(operator: &str) -> Vec<u8> {
    Graph::default()
        .input("x", FLOAT, &[2])
        .output("y", FLOAT, &[2])
        .node(operator, &["x"], "y", &[])
        .model()
}

#[test]
fn what_is_no_model_is_called_so() {
    let good = unary("Abs");
    run(&good, &floats(&[1.0, 2.0])).unwrap();
    let cut = good[..good.len() / 2].to_vec();
    let nested = (0..200).fold(Vec::new(), |inner, _| {
        // A node's attribute holds a graph, which holds a node.
        bytes(1, &bytes(5, &bytes(6, &inner)))
    });
    let nested = bytes(7, &[nested, bytes(12, &bytes(1, b"y"))].concat());
    for (what, file) in [
        ("nothing", Vec::new()),
        ("text", b"#!/bin/sh\nexit 1\n".to_vec()),
        ("ones", vec![0xff; 4096]),
        ("zeros", vec![0; 4096]),
        ("cut", cut),
        ("nested", nested),
        ("no graph", bytes(2, b"producer")),
        ("another engine's format", [&b"RTEN"[..], &good].concat()),
    ] {
        let error = run(&file, &floats(&[1.0, 2.0])).unwrap_err();
        assert!(matches!(error, RefereeError::InvalidModel(_)), "{what}: {error}");
        assert!(error.is_final());
    }
}

#[test]
fn every_prefix_and_every_flipped_byte_ends_in_an_answer() {
    let good = unary("Abs");
    let x = floats(&[1.0, 2.0]);
    let limits = RefereeLimits { fuel: 50_000_000, memory_bytes: 32 << 20, ..LIMITS };
    let mut answers = 0;
    for at in 0..good.len() {
        let mut flipped = good.clone();
        flipped[at] ^= 1 << (at % 8);
        for file in [&good[..at], &flipped] {
            if let Err(error) = referee().run(file, &x, limits) {
                assert!(error.is_final(), "{at}: {error}");
                answers += 1;
            }
        }
    }
    assert!(answers > good.len(), "{answers}");
}

#[test]
fn an_unknown_operator_or_type_is_named() {
    let x = floats(&[1.0, 2.0]);
    let error = run(&unary("TreeEnsembleRegressor"), &x).unwrap_err();
    assert!(
        matches!(&error, RefereeError::Unsupported(what) if what.contains("TreeEnsembleRegressor")),
        "{error}"
    );
    // Within a branch too.
    let branch =
        |operator: &str| Graph::default().output("z", FLOAT, &[2]).node(operator, &["x"], "z", &[]);
    let conditional = |operator: &str| {
        let branches =
            [graph("then_branch", &branch("Abs")), graph("else_branch", &branch(operator))];
        Graph::default()
            .input("x", FLOAT, &[2])
            .input("c", BOOL, &[])
            .output("y", FLOAT, &[2])
            .node("If", &["c"], "y", &branches)
            .model()
    };
    let both = |condition: u8| {
        let mut both = x.clone().into_inner();
        both.extend(tensors("c", DType::Bool, &[], vec![condition]).into_inner());
        Tensors::try_new(both).unwrap()
    };
    let negative = run(&conditional("Neg"), &both(0)).unwrap().outputs;
    assert_eq!(negative.get("y").unwrap().data()[..4], (-1f32).to_le_bytes());
    let error = run(&conditional("Nonsense"), &both(1)).unwrap_err();
    assert!(
        matches!(&error, RefereeError::Unsupported(what) if what.contains("Nonsense")),
        "{error}"
    );
    let double = Graph::default()
        .input("x", FLOAT, &[2])
        .output("y", DOUBLE, &[2])
        .node("Abs", &["x"], "y", &[])
        .model();
    let error = run(&double, &x).unwrap_err();
    assert!(matches!(&error, RefereeError::Unsupported(what) if what.contains("11")), "{error}");
}

#[test]
fn wrong_inputs_are_refused() {
    let model = unary("Abs");
    let two = |name: &str| tensors(name, DType::F32, &[2], vec![0; 8]);
    let mut twice = two("x").into_inner();
    twice.extend(two("z").into_inner());
    for (what, inputs) in [
        ("none", Tensors::default()),
        ("another name", two("z")),
        ("one too many", Tensors::try_new(twice).unwrap()),
        ("another type", tensors("x", DType::I32, &[2], vec![0; 8])),
        ("another length", floats(&[1.0, 2.0, 3.0])),
        ("another rank", tensors("x", DType::F32, &[2, 1], vec![0; 8])),
        ("nothing in it", floats(&[])),
    ] {
        let error = run(&model, &inputs).unwrap_err();
        assert!(matches!(error, RefereeError::InvalidInput(_)), "{what}: {error}");
    }
}

#[test]
fn what_takes_too_much_is_stopped() {
    // A loop without end, by its own word.
    let body = Graph::default()
        .input("i", INT64, &[])
        .input("again", BOOL, &[])
        .input("v", FLOAT, &[2])
        .output("more", BOOL, &[])
        .output("w", FLOAT, &[2])
        .node("Identity", &["again"], "more", &[])
        .node("Add", &["v", "x"], "w", &[]);
    let endless = Graph::default()
        .input("x", FLOAT, &[2])
        .input("go", BOOL, &[])
        .output("y", FLOAT, &[2])
        .node("Loop", &["", "go", "x"], "y", &[graph("body", &body)])
        .model();
    let mut inputs = floats(&[1.0, 2.0]).into_inner();
    inputs.extend(tensors("go", DType::Bool, &[], vec![1]).into_inner());
    let inputs = Tensors::try_new(inputs).unwrap();
    let limits = RefereeLimits { fuel: 100_000_000, ..LIMITS };
    assert_eq!(referee().run(&endless, &inputs, limits), Err(RefereeError::OutOfFuel));

    // 1 GiB, 4 GiB and 2^62 bytes out of two numbers: more than the limit, the address space, and what can be counted.
    for side in [1 << 14, 1 << 15, 1 << 30] {
        let huge = Graph::default()
            .input("x", FLOAT, &[2])
            .output("y", FLOAT, &[2])
            .constant("shape", &[2], &[side, side])
            .node("ConstantOfShape", &["shape"], "wide", &[])
            .node("Exp", &["wide"], "ones", &[])
            .node("MatMul", &["x", "ones"], "y", &[])
            .model();
        let error = run(&huge, &floats(&[1.0, 2.0])).unwrap_err();
        assert!(
            matches!(error, RefereeError::OutOfMemory | RefereeError::Failed(_)),
            "{side}: {error}"
        );
    }
}
