//! A node without ONNX Runtime.

use serde_json::json;

use super::node::{Node, args, magika, repository};

#[test]
fn a_node_without_the_library_says_so_once_and_runs() {
    let Some(model) = magika() else { return };
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere/libonnxruntime.so");
    let empty = folder.path().join("cache");
    let garbage = folder.path().join("libonnxruntime.so");
    std::fs::write(&garbage, b"not a library").unwrap();
    for (name, library, expected) in [
        ("where it is not", Some(&nowhere), "there is no ONNX Runtime library at /"),
        ("nowhere at all", None, "run scripts/setup.sh, or set CITRATE_ONNXRUNTIME"),
        ("something else", Some(&garbage), "libonnxruntime.so: "),
    ] {
        let base = folder.path().join(name);
        let library = library.map(|library| library.as_os_str());
        let environment =
            [("CITRATE_ONNXRUNTIME", library), ("CITRATE_CACHE", Some(empty.as_os_str()))];
        let buys = library == Some(nowhere.as_os_str());
        let card = repository().join("scripts/models/magika.json");
        let file = repository().join("README.md");
        if buys {
            // While the node had the library, it found a model to be good.
            let node = Node::start(&base, &[]);
            node.succeed(args!["demo", "--model", &model, "--card", &card, "--file", &file]);
        }
        let node = Node::start(&base, &environment);
        let line = node.wait_for("no inference on this node");
        assert!(line.contains(expected), "{name}: {line}");
        let height = node.height();
        node.eventually("more blocks", |node| (node.height() > height + 2).then_some(()));
        assert_eq!(node.said("no inference on this node"), 1, "{name}");
        assert_eq!(node.said("panicked"), 0, "{name}");
        if !buys {
            continue;
        }
        // A job that comes all the same is given back.
        let said = node.fail(args!["infer", "--model", "magika", "--file", &file]);
        assert!(said.contains("declined it") && said.contains("the money went back"), "{said}");
        node.wait_for("declined: no inference engine: there is no ONNX Runtime library at /");
        let providers = node.rpc("inference_providers", json!([null, 10]));
        assert_eq!(providers[0]["failed"], 0, "declining costs nothing: {providers}");
    }
}
