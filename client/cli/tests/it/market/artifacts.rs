//! A provider that does not have its model's file gets it from another node.

use citrate_core::sr25519;
use serde_json::{Value, json};

use super::{
    MAGIKA, PRICE,
    node::{Node, args, magika, repository},
};

const FREE: &str = "/ip4/127.0.0.1/tcp/0";

/// The label with the highest score.
fn best(answer: &Value) -> &str {
    answer["scores"][0]["label"].as_str().unwrap()
}

#[test]
fn a_provider_fetches_its_model_and_serves_it_slow() {
    let Some(model) = magika() else { return };
    let folder = tempfile::tempdir().unwrap();
    let author = ["--chain", "dev", "--validator", "--alice", "--no-inference"];
    let author = [&author[..], &["--listen-addr", FREE]].concat();
    let author = Node::launch(&folder.path().join("author"), &[], &author);
    let known = author.eventually("an address", |node| {
        let addresses = node.rpc("system_localListenAddresses", json!([]));
        addresses[0].as_str().map(str::to_owned)
    });
    let base = folder.path().join("provider");
    let arguments = ["--chain", "dev", "--listen-addr", FREE, "--bootnodes", &known];
    let provider = Node::launch(&base, &[], &arguments);

    // The file and an example are given to the one node, the key to the other.
    let card = repository().join("scripts/models/magika.json");
    let file = repository().join("README.md");
    author.succeed(args![
        "model",
        "--signer",
        "//Charlie",
        "register",
        &model,
        "--card",
        &card,
        "--price",
        PRICE,
        "--example",
        &file
    ]);
    let state = |node: &Node| node.rpc("inference_artifactState", json!([MAGIKA]));
    assert_eq!(
        (state(&author)["type"].clone(), state(&provider)["type"].clone()),
        ("stored".into(), "absent".into())
    );
    let public = sr25519::Pair::from_suri("//Bob", None).unwrap().public();
    provider.rpc("author_insertKey", json!(["prov", "//Bob", public]));
    let stake = "200000000000000";
    author.succeed(args![
        "provider", "--signer", "//Bob", "start", "--stake", stake, "--model", "magika", "--wait",
        "120"
    ]);
    let printed = author.succeed(args![
        "infer", "--signer", "//Eve", "--model", "magika", "--json", "--file", &file
    ]);
    let result: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(result["scores"][0]["label"], "markdown", "{printed}");
    let bob = citrate_core::AccountId32::new(public.0).to_string();
    assert_eq!(result["provider"], bob.as_str());
    assert_eq!(state(&provider)["type"], "stored");
    let fetched = provider.wait_for("name=\"magika\"");
    assert!(fetched.contains("fetched") && fetched.contains("3163737"), "{fetched}");
    // Before it took jobs its provider had it checked, with the example that it fetched too.
    let model = author.rpc("inference_model", json!([MAGIKA]));
    assert_eq!(model["approvedBy"]["provider"], bob.as_str());
    let example = &model["card"]["examples"][0];
    for hash in [&example["input"], &example["output"]] {
        assert_eq!(provider.rpc("inference_artifactState", json!([hash]))["type"], "stored");
    }
    let served = author.rpc("inference_providers", json!([null, 10]));
    assert_eq!((&served[0]["failed"], &served[0]["completed"]), (&json!(0), &json!(1)));

    // An input that is too long for the chain goes by its hash, and to the provider from node to node.
    let files = ["README.md", "Makefile", "runtime/src/worker/mod.rs", "CHANGELOG.md"];
    let files = files.map(|file| repository().join(file));
    let mut batch =
        args!["infer", "--signer", "//Eve", "--model", "magika", "--json", "--file"].to_vec();
    batch.extend(files.iter().map(|file| file.as_os_str()));
    let printed = author.succeed(&batch);
    let result: Value = serde_json::from_str(&printed).unwrap();
    let labels: Vec<&str> = result["answers"].as_array().unwrap().iter().map(best).collect();
    assert_eq!(labels, ["markdown", "makefile", "rust", "markdown"]);
    let job = author.job(result["job"].as_str().unwrap());
    let input = job["input"]["content"].as_str().expect("by hash");
    let stored = provider.rpc("inference_artifactState", json!([input]));
    assert_eq!(stored["bytes"], job["input"]["bytes"]);

    // And what no model is, its operator may have fetched.
    let hash = author.rpc("inference_putArtifact", json!(["0x68656c6c6f0a"]));
    let hash = hash.as_str().unwrap();
    let said = provider.succeed(args!["artifact", "fetch", hash]);
    assert!(said.starts_with(hash), "{said}");
    let base = base.as_os_str();
    let got = provider.succeed(args!["artifact", "--base-path", base, "get", hash]);
    assert_eq!(got, "hello\n");
    let listed = provider.succeed(args!["artifact", "--base-path", base, "ls"]);
    let pinned = |line: &str| line.contains("  pinned  ");
    assert!(listed.lines().any(|line| line.starts_with(hash) && pinned(line)), "{listed}");
    assert!(listed.lines().any(|line| line.starts_with(MAGIKA) && !pinned(line)), "{listed}");
}
