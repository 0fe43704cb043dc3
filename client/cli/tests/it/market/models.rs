//! Real models of three more kinds through the chain, on one node: a sentence's vector, a picture's class, a text. What
//! comes out is what Python's onnxruntime gives.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use citrate_core::sr25519;
use citrate_inference_types::{ModelCard, Tensors};
use codec::DecodeAll;
use serde_json::{Value, json};

use super::node::{Node, args, cache, repository, skipped, text};

/// A model: its name, its folder in the cache, and the files that its card names.
type Offer = (&'static str, &'static str, &'static [&'static str]);

const MODELS: [Offer; 3] = [
    ("minilm", "minilm-1.0.0", &["tokenizer.json"]),
    ("efficientnet", "efficientnet-lite0-0.1.0", &["labels.txt"]),
    ("smollm2", "smollm2-0.1.2", &["tokenizer.json"]),
];
const STAKE: &str = "1000000000000000";
const CAPITAL: &str = "What is the capital of France?";
const STORY: &str = "Write one sentence about a cat and a river.";
const SENTENCES: [&str; 5] = [
    "A man is playing a guitar.",
    "Someone plays the guitar.",
    "The stock market fell sharply today.",
    "Na\u{ef}ve caf\u{e9} \u{2014} \u{65e5}\u{672c}\u{8a9e} \u{1f600} don't e-mail x@y.z!",
    "a",
];

fn card_path(name: &str) -> PathBuf {
    repository().join("scripts/models").join(format!("{name}.json"))
}

fn card(name: &str) -> ModelCard {
    serde_json::from_slice(&fs::read(card_path(name)).unwrap()).unwrap()
}

/// Stores and registers the models, and has Alice and Bob serve them, whose keys the node has.
fn offer(node: &Node, base: &Path) {
    for (name, folder, assets) in MODELS {
        let folder = cache().join(folder);
        let model = folder.join("model.onnx");
        node.succeed(args!["artifact", "--base-path", base, "add", &model]);
        let card = card_path(name);
        let mut arguments: Vec<PathBuf> = ["model", "register"].map(PathBuf::from).to_vec();
        arguments.extend([model, "--price".into(), "10000".into(), "--card".into(), card]);
        for asset in assets {
            arguments.extend(["--asset".into(), folder.join(asset)]);
        }
        if name == "smollm2" {
            let template = repository().join("scripts/models/smollm2-chat.txt");
            arguments.extend(["--asset".into(), template]);
        }
        let arguments: Vec<&std::ffi::OsStr> = arguments.iter().map(|it| it.as_os_str()).collect();
        let printed = node.succeed(&arguments);
        assert!(printed.contains(&format!("model registered  {name} ")), "{printed}");
    }
    for name in ["//Alice", "//Bob"] {
        let public = sr25519::Pair::from_suri(name, None).unwrap().public();
        node.rpc("author_insertKey", json!(["prov", name, public]));
        let mut arguments = args!["provider", "--signer", name, "start", "--stake", STAKE].to_vec();
        for (model, ..) in &MODELS {
            arguments.extend_from_slice(args!["--model", model]);
        }
        arguments.extend_from_slice(args!["--wait", "300"]);
        node.succeed(&arguments);
    }
}

/// Buys a result.
fn infer(node: &Node, model: &str, arguments: &[&str]) -> Value {
    let mut all = vec!["infer", "--signer", "//Charlie", "--json", "--blocks", "1000"];
    all.extend(["--model", model]);
    all.extend(arguments);
    let all: Vec<&std::ffi::OsStr> = all.iter().map(std::ffi::OsStr::new).collect();
    serde_json::from_str(&node.succeed(&all)).unwrap()
}

/// The elements of the only output.
fn output<const N: usize, T>(result: &Value, read: fn([u8; N]) -> T) -> Vec<T> {
    let digits = result["output"].as_str().unwrap().trim_start_matches("0x");
    let bytes = hex::decode(digits).unwrap();
    let tensors = Tensors::decode_all(&mut bytes.as_slice()).unwrap();
    let tensor = &tensors.iter().next().unwrap().tensor;
    tensor.data().as_chunks().0.iter().map(|bytes| read(*bytes)).collect()
}

fn tokens(result: &Value) -> Vec<i32> {
    output(result, i32::from_le_bytes).into_iter().step_by(2).collect()
}

/// What Python says to the same requests.
fn python(folder: &Path, requests: &[Value]) -> Option<Vec<Value>> {
    let environment = cache().join("python-1.32.0");
    if !environment.join("ready").is_file() {
        skipped("no Python to compare with: run `scripts/setup.sh python`");
        return None;
    }
    let file = folder.join("requests.json");
    fs::write(&file, Value::from(requests.to_vec()).to_string()).unwrap();
    let script = repository().join("client/cli/tests/models.py");
    let output = Command::new(environment.join("bin/python"))
        .args([script, cache(), file])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn floats(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect()
}

/// The largest difference of two lists.
fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Looks at what Python says.
type Check = Box<dyn Fn(&Value)>;

/// Requests to Python, each with the check of what it says.
#[derive(Default)]
struct Comparison {
    requests: Vec<Value>,
    checks: Vec<Check>,
}

impl Comparison {
    fn add(&mut self, request: Value, check: impl Fn(&Value) + 'static) {
        self.requests.push(request);
        self.checks.push(Box::new(check));
    }
}

fn embeddings(node: &Node, python: &mut Comparison) {
    let vectors = SENTENCES.map(|sentence| {
        let vector = output(&infer(node, "minilm", &["--text", sentence]), f32::from_le_bytes);
        let expected = vector.clone();
        python.add(json!({ "embed": sentence }), move |theirs| {
            let distance = distance(&expected, &floats(theirs));
            assert!(distance < 1e-5, "{sentence}: {distance}");
        });
        vector
    });
    let cosine = |a: usize, b: usize| -> f32 {
        vectors[a].iter().zip(&vectors[b]).map(|(a, b)| a * b).sum()
    };
    assert!((cosine(0, 0) - 1.0).abs() < 1e-4, "of length one");
    assert!(cosine(0, 1) > 0.7 && cosine(0, 2) < 0.2, "{} {}", cosine(0, 1), cosine(0, 2));
}

fn pictures(node: &Node, folder: &Path, python: &mut Comparison) {
    for (file, label) in [("cat.png", "Egyptian Mau"), ("coffee.png", "espresso")] {
        let path = cache().join("pictures-0.26.0").join(file);
        let result = infer(node, "efficientnet", &["--image", path.to_str().unwrap()]);
        assert_eq!(result["scores"][0]["label"], label, "{file}");
        let job = node.job(result["job"].as_str().unwrap());
        assert_eq!(job["input"]["bytes"], 150_557, "too large for the chain: {job}");
        let found = output(&result, f32::from_le_bytes);
        let input = citrate_adapter::picture(&card("efficientnet"), &fs::read(&path).unwrap());
        let pixels = folder.join(file).with_extension("pixels");
        fs::write(&pixels, input.unwrap().get("image").unwrap().data()).unwrap();
        python.add(json!({ "classify": pixels, "picture": path }), move |theirs| {
            let same = distance(&found, &floats(&theirs["same"]));
            assert!(same < 1e-5, "{file}: {same}");
            // Pillow rounds its resampled pixels in another way.
            let pillow = distance(&found, &floats(&theirs["pillow"]));
            assert!(pillow < 0.05, "{file}: {pillow}");
        });
    }
}

fn texts(node: &Node, python: &mut Comparison) {
    let template = fs::read_to_string(repository().join("scripts/models/smollm2-chat.txt"));
    let template = template.unwrap();
    let mut compare = |result: &Value, prompt: &str, new: u32, sampling: Value| {
        let text = citrate_adapter::fill(&template, prompt);
        let found = tokens(result);
        let request = json!({ "write": text, "new": new, "sampling": sampling });
        python.add(request, move |theirs| assert_eq!(&json!(found), theirs));
    };
    // Two providers: the chain itself compares what they wrote.
    let result = infer(node, "smollm2", &["--text", CAPITAL, "--providers", "2"]);
    assert_eq!(result["text"], "The capital of France is Paris.", "{result}");
    assert_eq!(result["confirmedBy"].as_array().unwrap().len(), 1, "{result}");
    compare(&result, CAPITAL, 128, Value::Null);

    let draw = |seed: &str| {
        let sampled = ["--temperature", "0.9", "--top-k", "40", "--top-p", "0.95", "--seed", seed];
        let arguments = [&["--text", STORY, "--new-tokens", "20"], &sampled[..]].concat();
        infer(node, "smollm2", &arguments)
    };
    let (one, again, other) = (draw("7"), draw("7"), draw("8"));
    assert_eq!(one["text"], again["text"]);
    assert_ne!(one["text"], other["text"]);
    let sampling =
        |seed: u64| json!({ "temperature": 0.9, "top_k": 40, "top_p": 0.95, "seed": seed });
    compare(&one, STORY, 20, sampling(7));
    compare(&other, STORY, 20, sampling(8));
}

/// What these models do not take is said before anything is paid.
fn refusals(node: &Node) {
    let picture = cache().join("pictures-0.26.0/cat.png");
    let readme = repository().join("README.md");
    for (arguments, expected) in [
        (args!["infer", "--model", "minilm", "--image", &picture] as &[_], "takes no picture"),
        (args!["infer", "--model", "efficientnet", "--image", &readme], "not a usable picture"),
        (args!["infer", "--model", "efficientnet", "--text", "cat"], "it takes no text"),
        (
            args!["infer", "--model", "smollm2", "--text", "x", "--new-tokens", "9000"],
            "does not fit the model",
        ),
        (
            args!["infer", "--model", "smollm2", "--text", "x", "--seed", "1", "--top-p", "0"],
            "no token can be drawn",
        ),
    ] {
        let said = node.fail(arguments);
        assert!(said.contains(expected), "{said}");
    }
    // Tensors that the model's file would take, but no prompt.
    node.fail(args!["infer", "--model", "smollm2", "--file", &readme]);
    node.wait_for("declined: the input is no prompt");
}

#[test]
fn vectors_classes_and_texts_are_those_of_python() {
    let missing =
        MODELS.iter().find(|(_, folder, _)| !cache().join(folder).join("model.onnx").is_file());
    if let Some((name, ..)) = missing {
        return skipped(&format!("{name} is not in the cache: run `scripts/setup.sh python`"));
    }
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("node");
    let node = Node::start(&base, &[]);
    offer(&node, &base);
    let mut comparison = Comparison::default();
    embeddings(&node, &mut comparison);
    pictures(&node, folder.path(), &mut comparison);
    texts(&node, &mut comparison);
    if let Some(theirs) = python(folder.path(), &comparison.requests) {
        assert_eq!(theirs.len(), comparison.checks.len());
        for (theirs, check) in theirs.iter().zip(&comparison.checks) {
            check(theirs);
        }
    }
    for provider in node.rpc("inference_providers", json!([null, 10])).as_array().unwrap() {
        assert_eq!((&provider["failed"], &provider["wrong"]), (&json!(0), &json!(0)));
    }
    refusals(&node);
    assert_eq!(node.said("panicked"), 0);
}
