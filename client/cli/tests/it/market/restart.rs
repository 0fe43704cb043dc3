//! `kill -9` while a job is run, and after: the job settles once, and no result is computed twice.

use std::{fs, path::Path, process::Stdio};

use serde_json::{Value, json};

use super::{
    demo,
    hostile::{any, card, f32s, i64s, input, offer},
    node::{Node, args, magika, repository},
};

/// Iterations that take a second or more on an idle machine.
const STEPS: i64 = 1_000_000;

/// Submits a job without waiting for it, and gives its id once its model is being run.
fn begin(node: &Node, file: &Path, before: usize) -> String {
    let mut buyer = node
        .command(args!["infer", "--model", "slow", "--blocks", "1000", "--file", file])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let job = node.eventually("an assigned job", |node| {
        let jobs = node.rpc("inference_jobs", json!([null, 100]));
        let jobs = jobs.as_array().unwrap();
        assert!(jobs.len() <= before + 1);
        let job = jobs.iter().find(|job| job["status"]["type"] == "assigned")?;
        Some(job["id"].as_str().unwrap().to_owned())
    });
    buyer.kill().unwrap();
    buyer.wait().unwrap();
    node.wait_for(&format!("job {job} attempt 0: begun"));
    job
}

fn settled(node: &Node, job: &str) -> Value {
    node.eventually("the job is settled", |node| {
        let record = node.job(job);
        let status = record["status"]["type"].as_str().unwrap();
        assert!(["queued", "assigned", "settled"].contains(&status), "{record}");
        (status == "settled").then_some(record)
    })
}

/// How many events of all blocks so far name this job together with its provider and receipt.
fn settlements(node: &Node, record: &Value) -> usize {
    let provider = node.rpc("inference_providers", json!([null, 10]));
    // The provider's account is its session key.
    let account = provider[0]["sessionKey"].as_str().unwrap().trim_start_matches("0x").to_owned();
    let digits = |value: &Value| value.as_str().unwrap().trim_start_matches("0x").to_owned();
    let event = digits(&record["id"]) + &account + &digits(&record["status"]["receipt"]);
    // twox_128("System") and twox_128("Events").
    let key = "0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7";
    let events = (1..=node.height()).map(|number| {
        let hash = node.rpc("chain_getBlockHash", json!([number]));
        node.rpc("state_getStorage", json!([key, hash])).as_str().unwrap_or_default().to_owned()
    });
    events.map(|events| events.matches(&event).count()).sum()
}

#[test]
fn a_killed_node_does_its_job_once() {
    let Some(model) = magika() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (base, folder) = (folder.path().join("node"), folder.path());
    let mut node = Node::start(&base, &[]);
    demo(&node, &model);
    let fixture = repository().join("client/inference/tests/fixtures/loop.onnx");
    let inputs = [("steps", "i64", json!([])), ("x", "f32", any())];
    let mut card = card("slow", &fixture, &inputs, ("y", "f32", any()));
    card["limits"]["time_ms_max"] = json!(60_000);
    offer(&node, folder, &fixture, &card);
    let file = input(folder, vec![("steps", i64s(&[], &[STEPS])), ("x", f32s(&[1.0]))]);
    assert!(fs::metadata(&file).unwrap().len() < 100);

    // Killed while the model runs: the run is lost with the process, and done again at once.
    let job = begin(&node, &file, 1);
    node.kill();
    assert_eq!(node.said(&format!("job {job} attempt 0: answered")), 0, "the kill came too late");
    let mut node = Node::start(&base, &[]);
    let record = settled(&node, &job);
    assert_eq!(record["attempt"], 0, "{record}");
    assert_eq!(node.said(&format!("job {job} attempt 0: begun")), 1);
    assert_eq!(settlements(&node, &record), 1);

    // Killed when the result is kept, before the chain has it: the kept result is delivered.
    let job = begin(&node, &file, 2);
    node.wait_for(&format!("job {job} attempt 0: answered"));
    node.kill();
    let node = Node::start(&base, &[]);
    let record = settled(&node, &job);
    assert_eq!(record["attempt"], 0, "{record}");
    assert_eq!(node.said(&format!("job {job} attempt 0: begun")), 0, "it was run again");
    assert_eq!(settlements(&node, &record), 1);

    let providers = node.rpc("inference_providers", json!([null, 10]));
    assert_eq!((&providers[0]["completed"], &providers[0]["failed"]), (&json!(3), &json!(0)));
    assert_eq!(providers[0]["assigned"], 0);
}
