//! Models that mean harm: they take no jobs, or their jobs come to nothing and the money goes back, and the node goes on
//! serving.

use std::{fs, path::Path};

use citrate_inference_types::{DType, NamedTensor, Tensor, Tensors};
use codec::Encode;
use serde_json::{Value, json};

use super::{
    demo,
    node::{Node, args, magika, repository},
};

/// A card for one of the engine's test models; every input is what the file says.
pub(super) fn card(
    name: &str,
    file: &Path,
    inputs: &[(&str, &str, Value)],
    output: (&str, &str, Value),
) -> Value {
    let spec = |(name, dtype, shape): &(&str, &str, Value)| json!({ "name": name, "dtype": dtype, "shape": shape });
    let inputs: Vec<Value> = inputs.iter().map(spec).collect();
    json!({
        "name": name,
        "version": "1",
        "task": { "other": "test" },
        "licence": "Apache-2.0",
        "bytes": fs::metadata(file).unwrap().len(),
        "inputs": inputs,
        "outputs": [spec(&output)],
        "preprocess": "tensors",
        "postprocess": "tensors",
        "tolerance": [],
        "engine": { "opset": 17, "optimisation": "all" },
        "limits": {
            "input_bytes_max": 4_096,
            "output_bytes_max": 4_096,
            "time_ms_max": 1_000,
            "memory_bytes_max": 1 << 30,
        },
        "assets": [],
    })
}

pub(super) fn any() -> Value {
    json!([{ "dynamic": "n" }])
}

/// The demo's provider's stake.
const STAKE: &str = "1000000000000000";

/// Registers a model, and serves it with the demo's provider until it takes jobs.
pub(super) fn offer(node: &Node, folder: &Path, file: &Path, card: &Value) {
    let name = register(node, folder, file, card);
    node.succeed(args!["provider", "start", "--stake", STAKE, "--model", name, "--wait", "120"]);
}

/// As [`offer`], for a model that never takes jobs: what is said of it.
pub(super) fn refuse(node: &Node, folder: &Path, file: &Path, card: &Value) -> String {
    let name = register(node, folder, file, card);
    node.fail(args!["provider", "start", "--stake", STAKE, "--model", name, "--wait", "120"])
}

fn register<'a>(node: &Node, folder: &Path, file: &Path, card: &'a Value) -> &'a str {
    let path = folder.join("card.json");
    fs::write(&path, card.to_string()).unwrap();
    node.succeed(args!["model", "register", file, "--card", &path, "--price", "1000000"]);
    card["name"].as_str().unwrap()
}

/// Tensors as a file to ask about.
pub(super) fn input(folder: &Path, tensors: Vec<(&str, Tensor)>) -> std::path::PathBuf {
    let path = folder.join("input");
    let named = |(name, tensor): (&str, Tensor)| NamedTensor { name: name.into(), tensor };
    let tensors = Tensors::try_new(tensors.into_iter().map(named).collect()).unwrap();
    fs::write(&path, tensors.encode()).unwrap();
    path
}

pub(super) fn i64s(shape: &[u32], values: &[i64]) -> Tensor {
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Tensor::try_new(DType::I64, shape.to_vec(), data).unwrap()
}

pub(super) fn f32s(values: &[f32]) -> Tensor {
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Tensor::try_new(DType::F32, vec![values.len() as u32], data).unwrap()
}

#[test]
fn harm_comes_to_nothing() {
    let Some(model) = magika() else { return };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let node = Node::start(&folder.join("node"), &[]);
    demo(&node, &model);
    let fixture = |name: &str| repository().join("client/inference/tests/fixtures").join(name);
    let (scalar, four) = (json!([]), json!([{ "fixed": 4 }]));

    let outputs = |shape: &Value| ("y", "f32", shape.clone());
    let steps = [("steps", "i64", scalar.clone()), ("x", "f32", any())];
    let endless = vec![("steps", i64s(&[], &[i64::MAX])), ("x", f32s(&[1.0]))];
    let greedy = [("shape", "i64", json!([{ "fixed": 1 }]))];
    let c = [("c", "bool", scalar.clone())];
    let cases = [
        (
            "loop.onnx",
            card("endless", &fixture("loop.onnx"), &steps, outputs(&any())),
            endless,
            "ran longer than allowed",
        ),
        (
            "greedy.onnx",
            card("greedy", &fixture("greedy.onnx"), &greedy, outputs(&scalar)),
            vec![("shape", i64s(&[1], &[1 << 32]))],
            "more memory than allowed",
        ),
        (
            "zeros.onnx",
            card("large", &fixture("zeros.onnx"), &greedy, ("zeros", "f32", any())),
            vec![("shape", i64s(&[1], &[5_000]))],
            "output is larger than allowed",
        ),
    ];
    let refused = [
        (
            "external_branch.onnx",
            card("external", &fixture("external_branch.onnx"), &c, ("y", "u8", four)),
            "weights are in another file",
        ),
        (
            "custom.onnx",
            card("custom", &fixture("custom.onnx"), &[("x", "f32", any())], outputs(&any())),
            "evil.ops",
        ),
        (
            "root.onnx",
            card("root", &fixture("root.onnx"), &[("x", "f32", any())], ("f32", "f32", any())),
            "the file's outputs are not the card's",
        ),
    ];
    for (file, card, expected) in refused {
        let said = refuse(&node, folder, &fixture(file), &card);
        assert!(said.contains("is not what its card says"), "{said}");
        let log = node.wait_for(expected);
        assert!(log.contains(" rejected: "), "{log}");
    }
    for (file, card, tensors, expected) in cases {
        offer(&node, folder, &fixture(file), &card);
        let input = input(folder, tensors);
        let name = card["name"].as_str().unwrap();
        let said = node.fail(args!["infer", "--model", name, "--file", &input]);
        assert!(said.contains("declined it") && said.contains("the money went back"), "{said}");
        let log = node.wait_for(expected);
        assert!(log.contains("declined: "), "{log}");
    }
    // Bytes that are no tensors, and tensors of a shape that the card does not know.
    let input = folder.join("README.md");
    fs::write(&input, b"no tensors at all").unwrap();
    node.fail(args!["infer", "--model", "greedy", "--file", &input]);
    node.wait_for("the input is not canonical tensors");
    let input = self::input(folder, vec![("shape", i64s(&[2], &[1, 1]))]);
    node.fail(args!["infer", "--model", "greedy", "--file", &input]);
    node.wait_for("tensor 0 has another shape");

    // A model whose file was changed on the node's disk; the engine has it loaded no more after a restart.
    let blob = folder.join("node/artifacts/blobs/fe").join(&super::MAGIKA[2..]);
    let whole = fs::read(&blob).unwrap();
    let mut damaged = whole.clone();
    damaged[1_000] ^= 1;
    drop(node);
    fs::write(&blob, damaged).unwrap();
    let node = Node::start(&folder.join("node"), &[]);
    let file = repository().join("README.md");
    node.fail(args!["infer", "--model", "magika", "--file", &file]);
    node.wait_for("the model's file does not match its hash");
    fs::write(&blob, whole).unwrap();
    let printed = node.succeed(args!["infer", "--model", "magika", "--file", &file]);
    assert!(printed.contains("`README.md` is `markdown`"), "{printed}");
    assert_eq!(node.said("panicked"), 0);
}
