//! What could differ between machines does not.

use citrate_core::H256;
use citrate_inference_types::{DType, RefereeLimits};
use citrate_referee::{Referee, RefereeError, Referees};

use super::{
    LIMITS, floats, module,
    onnx::{BOOL, FLOAT, Graph, INT32, INT64, int},
    plain, referee, run, tensors,
};

/// The bits of a NaN that a machine makes, whose sign is not everywhere the same.
const CANONICAL_NAN: u32 = 0x7fc0_0000;

#[test]
fn every_nan_has_the_same_bits() {
    // inf - inf, 0 x inf, 0 / 0, sqrt(-1), and a NaN with a sign and a payload that goes through arithmetic.
    let graph = |operator: &str, inputs: &[&str]| {
        Graph::default()
            .input("x", FLOAT, &[6])
            .output("y", FLOAT, &[6])
            .node(operator, inputs, "y", &[])
            .model()
    };
    let odd = f32::from_bits(0xffc1_2345);
    let x = floats(&[f32::INFINITY, f32::NEG_INFINITY, 0.0, -1.0, f32::NAN, odd]);
    let mut nans = 0;
    for (operator, operands) in
        [("Sub", &["x", "x"][..]), ("Div", &["x", "x"]), ("Sqrt", &["x"]), ("Add", &["x", "x"])]
    {
        let model = graph(operator, operands);
        let verdict = run(&model, &x).unwrap();
        assert_eq!(plain().run(&model, &x, LIMITS).unwrap(), verdict, "{operator}");
        for bits in verdict.outputs.get("y").unwrap().data().as_chunks().0 {
            let bits = u32::from_le_bytes(*bits);
            if f32::from_bits(bits).is_nan() {
                assert_eq!(bits, CANONICAL_NAN, "{operator} {bits:#x}");
                nans += 1;
            }
        }
    }
    assert!(nans >= 10, "{nans}");
}

#[test]
fn a_module_with_an_import_is_no_referee() {
    // (module (import "env" "now" (func (result i64))))
    let import =
        [&b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7e"[..], b"\x02\x0b\x01\x03env\x03now\0\0"]
            .concat();
    let error = Referee::new(&import).unwrap_err();
    assert!(matches!(&error, RefereeError::Module(why) if why.contains("env.now")), "{error}");
    assert!(!error.is_final(), "it says nothing about a model");
    for module in [&b""[..], b"\0asm\x01\0\0\0x", b"not a module"] {
        assert!(matches!(Referee::new(module), Err(RefereeError::Module(_))));
    }
    // A module, but one that exports nothing.
    let empty = Referee::new(b"\0asm\x01\0\0\0").unwrap();
    let error = empty.run(&[], &floats(&[]), LIMITS).unwrap_err();
    assert!(matches!(error, RefereeError::Module(_)), "{error}");
}

#[test]
fn modules_are_found_by_their_hash_and_compiled_once() {
    let referees = Referees::default();
    let hash = referee().module_hash();
    assert_eq!(hash, Referee::hash_of(module()));
    let missing = referees.get(hash, || None).unwrap_err();
    assert!(matches!(missing, RefereeError::Module(_)), "{missing}");
    let empty = b"\0asm\x01\0\0\0".to_vec();
    let wrong = referees.get(hash, || Some(empty.clone())).unwrap_err();
    assert_eq!(
        wrong,
        RefereeError::WrongModule { expected: hash, found: Referee::hash_of(&empty) }
    );
    // Neither failure stays.
    let small = Referee::hash_of(&empty);
    let first = referees.get(small, || Some(empty)).unwrap();
    let second = referees.get(small, || panic!("asked for what is here")).unwrap();
    assert_eq!(first.module_hash(), second.module_hash());
    assert_ne!(small, H256::zero());
}

#[test]
fn types_are_those_of_the_file() {
    let model = Graph::default()
        .input("x", INT64, &[3])
        .output("y", INT64, &[3])
        .output("b", BOOL, &[3])
        .output("i", INT32, &[3])
        .node("Add", &["x", "x"], "y", &[])
        .node("Greater", &["y", "x"], "b", &[])
        .node("Cast", &["x"], "i", &[int("to", INT32)])
        .model();
    let integers = |values: [i64; 3]| {
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        tensors("x", DType::I64, &[3], data)
    };
    let outputs = run(&model, &integers([-5, 7, 1 << 29])).unwrap().outputs;
    let data = |name: &str| outputs.get(name).unwrap().data().to_vec();
    let dtype = |name: &str| outputs.get(name).unwrap().dtype();
    assert_eq!((dtype("y"), dtype("b"), dtype("i")), (DType::I64, DType::Bool, DType::I32));
    assert_eq!(data("b"), [0, 1, 1]);
    assert_eq!(data("i"), [-5i32, 7, 1 << 29].map(i32::to_le_bytes).concat());
    assert_eq!(data("y"), [-10i64, 14, 1 << 30].map(i64::to_le_bytes).concat());
    // What the engine's integers cannot hold is refused, not cut: on the way, and at the input.
    let error = run(&model, &integers([0, 0, 1 << 30])).unwrap_err();
    assert!(matches!(&error, RefereeError::Failed(why) if why.contains("overflow")), "{error}");
    let error = run(&model, &integers([0, 0, 1 << 31])).unwrap_err();
    assert!(
        matches!(&error, RefereeError::InvalidInput(why) if why.contains("32 bits")),
        "{error}"
    );
}

#[test]
fn outputs_end_at_the_same_byte() {
    let model = Graph::default()
        .input("x", FLOAT, &[4])
        .output("y", FLOAT, &[4])
        .node("Abs", &["x"], "y", &[])
        .model();
    let x = floats(&[1.0, -2.0, 3.0, -4.0]);
    // The count, a name of one byte, the type, a shape of one dimension, and sixteen bytes.
    let bytes = 1 + 2 + 1 + (1 + 4) + (1 + 16);
    let limits = |output_bytes| RefereeLimits { output_bytes, ..LIMITS };
    let verdict = referee().run(&model, &x, limits(bytes)).unwrap();
    assert_eq!(verdict.outputs.get("y").unwrap().data()[4..8], 2f32.to_le_bytes());
    let refused = referee().run(&model, &x, limits(bytes - 1));
    assert_eq!(refused, Err(RefereeError::OutputTooLarge));
    assert_eq!(referee().run(&model, &x, limits(0)), Err(RefereeError::OutputTooLarge));
}
