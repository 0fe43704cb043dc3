//! A model takes jobs once a provider's node has found it to be what its card says, and never if it is not.

use std::{
    fs,
    path::{Path, PathBuf},
};

use citrate_inference_types::{NamedTensor, Tensor, Tensors};
use codec::Encode;
use serde_json::{Value, json};

use super::{
    MAGIKA, PRICE,
    hostile::{any, card, f32s, i64s, offer, refuse},
    node::{Node, args, magika, repository},
};
use crate::transaction::account;

pub(super) fn fixture(name: &str) -> PathBuf {
    repository().join("client/inference/tests/fixtures").join(name)
}

fn tensors(named: Vec<(&str, Tensor)>) -> Vec<u8> {
    let named = named.into_iter().map(|(name, tensor)| NamedTensor { name: name.into(), tensor });
    Tensors::try_new(named.collect()).unwrap().encode()
}

/// Gives the node an example's input and output; the card's entry.
pub(super) fn example(node: &Node, input: &[u8], output: &[u8]) -> Value {
    let [stored, expected] = [input, output].map(|bytes| {
        node.rpc("inference_putArtifact", json!([format!("0x{}", hex::encode(bytes))]))
    });
    json!({
        "input": stored,
        "input_bytes": input.len(),
        "output": expected,
        "output_bytes": output.len(),
    })
}

/// The only model of this name.
fn model(node: &Node, name: &str) -> Value {
    let models = node.rpc("inference_models", json!([null, 100]));
    let named = |model: &&Value| model["card"]["name"] == name;
    models.as_array().unwrap().iter().find(named).unwrap().clone()
}

/// A model whose examples were run here is checked and takes jobs; the chain says who found it good.
fn a_good_model_becomes_active(node: &Node, file: &Path) {
    let card = repository().join("scripts/models/magika.json");
    let readme = repository().join("README.md");
    let makefile = repository().join("Makefile");
    let register = args![
        "model",
        "--signer",
        "//Bob",
        "register",
        file,
        "--card",
        &card,
        "--price",
        PRICE,
        "--example",
        &readme,
        "--example",
        &makefile
    ];
    let printed = node.succeed(register);
    assert_eq!(printed.matches("example stored").count(), 2, "{printed}");
    let pending = model(node, "magika");
    assert_eq!((&pending["status"], &pending["approvedBy"]), (&json!("pending"), &Value::Null));
    assert_eq!(pending["card"]["examples"].as_array().unwrap().len(), 2);
    let said = node.fail(args!["infer", "--model", "magika", "--file", &readme]);
    assert!(said.contains("magika takes no jobs yet"), "{said}");

    let stake = "1000000000000000";
    let serve = args!["provider", "start", "--stake", stake, "--model", "magika", "--wait", "120"];
    let printed = node.succeed(serve);
    assert!(printed.contains("model active      magika, checked in block "), "{printed}");
    node.wait_for("is what its card says");
    let active = model(node, "magika");
    assert_eq!((&active["status"], &active["hash"]), (&json!("active"), &json!(MAGIKA)));
    let approved = &active["approvedBy"];
    let provider = &node.rpc("inference_providers", json!([null, 10]))[0];
    assert_eq!(approved["provider"], provider["account"]);
    assert_eq!(approved["engine"]["name"], "onnxruntime");
    let shown = node.succeed(args!["model", "show", "magika"]);
    for line in ["status            Active", "examples          2", "approved by       "] {
        assert!(shown.contains(line), "{shown}");
    }
    let bought = node.succeed(args!["infer", "--model", "magika", "--file", &readme]);
    assert!(bought.contains("`README.md` is `markdown`"), "{bought}");
}

/// Who may use a model, and what its owner gets of it.
fn an_owner_sets_terms(node: &Node) {
    let readme = repository().join("README.md");
    let charlie = account("//Charlie").to_string();
    let owner = |arguments: &[&std::ffi::OsStr]| {
        let all = [args!["model", "--signer", "//Bob"], arguments].concat();
        node.succeed(&all)
    };
    let buy =
        args!["infer", "--signer", "//Charlie", "--model", "magika", "--json", "--file", &readme];
    owner(args!["access", "magika", "list"]);
    let said = node.fail(buy);
    assert!(said.contains("NoAccess"), "{said}");
    owner(args!["grant", "magika", &charlie]);
    let bought: Value = serde_json::from_str(&node.succeed(buy)).unwrap();
    assert_eq!(bought["fee"], PRICE);
    owner(args!["revoke", "magika", &charlie]);
    owner(args!["access", "magika", "5000000000"]);
    let bought: Value = serde_json::from_str(&node.succeed(buy)).unwrap();
    assert_eq!(bought["fee"], "15000000000", "the price and the access fee");
    owner(args!["share", "magika", "450000"]);
    let shown = model(node, "magika");
    assert_eq!(shown["access"], json!({ "type": "payPerUse", "fee": "5000000000" }));
    assert_eq!(shown["ownerShareMillionths"], 450_000);
    let more = args!["model", "--signer", "//Bob", "share", "magika", "450001"];
    assert!(node.fail(more).contains("ShareTooLarge"));
    assert!(node.fail(args!["model", "share", "magika", "0"]).contains("NotOwner"));
}

/// A row of numbers.
pub(super) fn row(name: &str, values: &[f32]) -> Vec<u8> {
    let flat = f32s(values);
    let shape = vec![1, values.len() as u32];
    tensors(vec![(name, Tensor::try_new(flat.dtype(), shape, flat.into_data()).unwrap())])
}

/// What the owner says that a model gives must be what it gives, within the tolerance.
fn examples_count(node: &Node, folder: &Path) {
    let any = json!([{ "dynamic": "batch" }, { "dynamic": "width" }]);
    let close = json!([{ "close": { "atol_nano": 1_000_000, "rtol_nano": 0, "outliers_max": 0 } }]);
    let card = |name: &str, file: &Path, output: &[f32]| {
        let mut card = card(name, file, &[("x", "f32", any.clone())], ("y", "f32", any.clone()));
        card["tolerance"] = close.clone();
        card["examples"] = json!([example(node, &row("x", &[1.0, 2.0]), &row("y", output))]);
        card
    };
    let file = fixture("double.onnx");
    let said = refuse(node, folder, &file, &card("wrong", &file, &[2.0, 4.01]));
    assert!(said.contains("gives something else for an example"), "{said}");
    let refused = model(node, "wrong");
    assert_eq!((&refused["status"], &refused["approvedBy"]), (&json!("pending"), &Value::Null));
    let reason = refused["rejectedBy"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("gives something else for an example"), "{reason}");
    let readme = repository().join("README.md");
    let said = node.fail(args!["infer", "--model", "wrong", "--file", &readme]);
    assert!(said.contains("found it not to be what its card says"), "{said}");
    let file = fixture("centred.onnx");
    offer(node, folder, &file, &card("close", &file, &[0.0, 0.000_5]));
}

/// One that does not end, one that gives no number, one cut short, and one that is another.
fn what_is_no_good_stays_pending(node: &Node, folder: &Path, magika: &Path) {
    let steps = [("steps", "i64", json!([])), ("x", "f32", any())];
    let mut endless = card("endless", &fixture("loop.onnx"), &steps, ("y", "f32", any()));
    let forever = tensors(vec![("steps", i64s(&[], &[i64::MAX])), ("x", f32s(&[1.0]))]);
    endless["examples"] = json!([example(node, &forever, &tensors(vec![("y", f32s(&[1.0]))]))]);
    let x = [("x", "f32", any())];
    let mut root = card("root", &fixture("root.onnx"), &x, ("f32", "f32", any()));
    for dtype in ["f64", "f16"] {
        let output = json!({ "name": dtype, "dtype": dtype, "shape": any() });
        root["outputs"].as_array_mut().unwrap().push(output);
    }
    let minus = tensors(vec![("x", f32s(&[-1.0]))]);
    root["examples"] = json!([example(node, &minus, &row("f32", &[1.0]))]);
    let cut = folder.join("cut.onnx");
    let whole = fs::read(magika).unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let cut_short = card("cut", &cut, &x, ("y", "f32", any()));
    let zeros = fixture("zeros.onnx");
    let other = card("other", &zeros, &[("shape", "i64", any())], ("zeros", "f32", any()));
    for (file, card, expected) in [
        (fixture("loop.onnx"), endless, "ran longer than allowed"),
        (fixture("root.onnx"), root, "not a number"),
        (cut, cut_short, "the engine refuses the model"),
        (zeros, other, "the file's inputs are not the card's: tensor 0 has another shape"),
    ] {
        let said = refuse(node, folder, &file, &card);
        assert!(said.contains(expected), "{said}");
        assert_eq!(model(node, card["name"].as_str().unwrap())["status"], "pending");
    }
}

#[test]
fn only_a_model_that_is_what_its_card_says_takes_jobs_slow() {
    let Some(file) = magika() else { return };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let node = Node::start(&folder.join("node"), &[]);
    a_good_model_becomes_active(&node, &file);
    an_owner_sets_terms(&node);
    examples_count(&node, folder);
    what_is_no_good_stays_pending(&node, folder, &file);
    // Each was said once, and nobody was asked to run them.
    assert_eq!(node.said(" rejected: "), 5);
    assert_eq!(node.said("panicked"), 0);
    let providers = node.rpc("inference_providers", json!([null, 10]));
    assert_eq!((&providers[0]["completed"], &providers[0]["failed"]), (&json!(3), &json!(0)));

    // Who registers finds out before anybody else, where the card is wrong.
    let lie = folder.join("lie.json");
    let card = fs::read_to_string(repository().join("scripts/models/magika.json")).unwrap();
    fs::write(&lie, card.replace("target_label", "label")).unwrap();
    let readme = repository().join("README.md");
    let register =
        args!["model", "register", &file, "--card", &lie, "--price", PRICE, "--example", &readme];
    let said = node.fail(register);
    assert!(said.contains("the file's outputs are not the card's"), "{said}");
}
