//! A wrong result is disputed, and a real validator runs the model again in the referee's module.

use std::{path::Path, process::Command};

use citrate_core::{H256, hashing::twox_128};
use citrate_inference_types::{Payload, Policy};
use codec::{Compact, Encode};
use serde_json::{Value, json};

use super::{
    PRICE,
    conformance::{example, fixture, row},
    hostile::{card, offer, refuse},
    liar::{JOBS, Liar, Signer},
    node::{Node, args, magika, repository},
};
use crate::transaction::account;

/// Pallets and their calls by index, as the metadata has them.
const SUDO: (u8, u8) = (4, 0);
const SET_MODULE: (u8, u8) = (12, 0);
const DISPUTE: (u8, u8) = (12, 1);
const SUBMIT: u8 = 0;
const UNSERVE: (u8, u8) = (13, 3);
/// A provider's stake: 200 CIT.
const STAKE: &str = "200000000000000";

/// Gives the referee's module to a node and to the chain; builds it if it is not there.
pub(super) fn install(node: &Node, root: &mut Signer) {
    let built = Command::new(repository().join("scripts/referee.sh")).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let module = std::fs::read(String::from_utf8(built.stdout).unwrap().trim()).unwrap();
    let module = format!("0x{}", hex::encode(module));
    let hash = node.rpc("inference_putArtifact", json!([module]));
    let hash: H256 = hash.as_str().unwrap().parse().unwrap();
    root.send(node, &(SUDO, SET_MODULE, Some(hash)).encode());
    let key = ["Referee", "Module"].map(|name| hex::encode(twox_128(name.as_bytes()))).concat();
    node.eventually("the referee", |node| {
        let set = node.rpc("state_getStorage", json!([format!("0x{key}")]));
        set.is_string().then_some(())
    });
}

/// The call that puts up a bond against a job's result.
pub(super) fn dispute(job: &str) -> Vec<u8> {
    (DISPUTE, job.parse::<H256>().unwrap()).encode()
}

/// The content hash of the chain's one model.
pub(super) fn model(node: &Node) -> H256 {
    let models = node.rpc("inference_models", json!([null, 10]));
    models[0]["hash"].as_str().unwrap().parse().unwrap()
}

/// The call that submits a job.
pub(super) fn submit(model: H256, input: &[u8], policy: Policy, blocks: u32) -> Vec<u8> {
    let fee = PRICE.parse::<u128>().unwrap() * u128::from(policy.providers());
    let input = Payload::Inline(input.to_vec());
    (JOBS, SUBMIT, model, input, Compact(fee), policy, blocks).encode()
}

pub(super) fn register(node: &Node, owner: &str) {
    let (model, card) = (magika().unwrap(), repository().join("scripts/models/magika.json"));
    node.succeed(args![
        "model", "--signer", owner, "register", &model, "--card", &card, "--price", PRICE
    ]);
}

/// Registers the model with an example that it does not do.
fn register_falsely(node: &Node, folder: &Path) {
    let input = std::fs::read(repository().join("Makefile")).unwrap();
    let output = Liar::output();
    let [stored, promised] = [&input, &output].map(|bytes| {
        node.rpc("inference_putArtifact", json!([format!("0x{}", hex::encode(bytes))]))
    });
    let card = std::fs::read(repository().join("scripts/models/magika.json")).unwrap();
    let mut card: Value = serde_json::from_slice(&card).unwrap();
    card["examples"] = json!([{
        "input": stored,
        "input_bytes": input.len(),
        "output": promised,
        "output_bytes": output.len(),
    }]);
    let path = folder.join("card.json");
    std::fs::write(&path, card.to_string()).unwrap();
    let model = magika().unwrap();
    node.succeed(args![
        "model", "--signer", "//Bob", "register", &model, "--card", &path, "--price", PRICE
    ]);
}

pub(super) fn serve(node: &Node, who: &str, stake: &str, capacity: &str) {
    node.succeed(args![
        "provider",
        "--signer",
        who,
        "start",
        "--stake",
        stake,
        "--capacity",
        capacity,
        "--model",
        "magika"
    ]);
}

/// Waits until the chain's one model takes jobs.
pub(super) fn wait_active(node: &Node) {
    node.eventually("a model that takes jobs", |node| {
        let models = node.rpc("inference_models", json!([null, 10]));
        (models[0]["status"] == "active").then_some(())
    });
}

/// The only job that has not ended, as soon as it stands so.
fn wait_for(node: &Node, wanted: &str) -> Value {
    node.eventually(wanted, |node| {
        let jobs = node.rpc("inference_jobs", json!([null, 100]));
        let found = jobs.as_array().unwrap().iter().find(|job| job["status"]["type"] == wanted);
        found.cloned()
    })
}

#[test]
fn a_validator_runs_the_model_again_and_the_liar_is_slashed_slow() {
    if magika().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&folder.path().join("node"), &[]);
    register_falsely(&node, folder.path());
    install(&node, &mut Signer::new(&node, "//Alice"));
    // Only the liar serves the model; no node has its key.
    serve(&node, "//Dave", STAKE, "4");
    let mut dave = Liar::new(&node, "//Dave");
    dave.vouch(&node, model(&node));
    wait_active(&node);
    let [mut buyer, mut watcher] = ["//Eve", "//Ferdie"].map(|name| Signer::new(&node, name));
    let input = std::fs::read(repository().join("Makefile")).unwrap();
    let policy = Policy::Refereed { providers: 1, quorum: 1 };
    let job = submit(model(&node), &input, policy, 400);
    buyer.send(&node, &job);
    wait_for(&node, "assigned");
    assert_eq!(dave.lie(&node), 1);
    let claimed = wait_for(&node, "claimed");
    let who = dave.account().to_string();
    assert_eq!(claimed["status"]["provider"], who.as_str());
    watcher.send(&node, &dispute(claimed["id"].as_str().unwrap()));
    let refunded = wait_for(&node, "refunded");
    assert_eq!(refunded["status"]["reason"], "refuted", "the referee finds another result");
    // 10 CIT and ten times the price.
    let slash = 10_000_000_000_000 + 10 * PRICE.parse::<u128>().unwrap();
    let left = STAKE.parse::<u128>().unwrap() - slash;
    let stake = node.rpc("inference_provider", json!([who]))["stake"].clone();
    assert_eq!(stake, left.to_string().as_str());

    // An honest provider's result stands, and who disputes it loses the bond.
    let unserve = (UNSERVE, model(&node)).encode();
    Signer::new(&node, "//Dave").send(&node, &unserve);
    serve(&node, "//Alice", STAKE, "4");
    buyer.send(&node, &job);
    let claimed = wait_for(&node, "claimed");
    watcher.send(&node, &dispute(claimed["id"].as_str().unwrap()));
    let settled = wait_for(&node, "settled");
    assert_eq!(settled["status"]["provider"], account("//Alice").to_string());
    let served = node.rpc("inference_provider", json!([account("//Alice").to_string()]));
    assert_eq!((&served["wrong"], &served["completed"]), (&json!(0), &json!(1)));

    // The liar's word on the model was a lie too: the referee runs the example, and an honest node says what it is.
    let said = node.succeed(args!["model", "--signer", "//Ferdie", "dispute", "magika"]);
    assert!(said.contains("report disputed   case 0x"), "{said}");
    let rejected = node.eventually("a model that takes no jobs", |node| {
        let models = node.rpc("inference_models", json!([null, 10]));
        let found = models[0].clone();
        (found["rejectedBy"][0]["provider"] == account("//Alice").to_string().as_str())
            .then_some(found)
    });
    assert_eq!((&rejected["status"], &rejected["approvedBy"]), (&json!("pending"), &Value::Null));
    let left = left - 20_000_000_000_000;
    let stake = node.rpc("inference_provider", json!([who]))["stake"].clone();
    assert_eq!(stake, left.to_string().as_str());
    let again = node.fail(args!["model", "--signer", "//Ferdie", "dispute", "magika"]);
    assert!(again.contains("NotDisputable"), "{again}");
    nobody_vouches_for_what_the_referee_would_refute(&node, folder.path());
}

/// A card that says that the referee can run a model has providers ask it, before their stakes answer for the examples.
fn nobody_vouches_for_what_the_referee_would_refute(node: &Node, folder: &Path) {
    let file = repository().join("client/inference/tests/fixtures/double.onnx");
    let any = json!([{ "dynamic": "batch" }, { "dynamic": "width" }]);
    let mut card = card("double", &file, &[("x", "f32", any.clone())], ("y", "f32", any));
    card["tolerance"] =
        json!([{ "close": { "atol_nano": 1_000_000, "rtol_nano": 0, "outliers_max": 0 } }]);
    card["examples"] = json!([example(node, &row("x", &[1.0, 2.0]), &row("y", &[2.0, 4.0]))]);
    card["referee"] = json!({ "yes": { "fuel": 1, "memory_bytes": 1 << 24 } });
    let said = refuse(node, folder, &file, &card);
    assert!(said.contains("the referee does not run it: "), "{said}");
    // Under another hash it is another model: the file of one that was refused stays registered.
    let file = fixture("centred.onnx");
    card["name"] = json!("centred");
    card["bytes"] = json!(std::fs::metadata(&file).unwrap().len());
    card["examples"] = json!([example(node, &row("x", &[1.0, 2.0]), &row("y", &[0.0, 0.0]))]);
    card["referee"] = json!({ "yes": { "fuel": 100_000_000, "memory_bytes": 1 << 26 } });
    offer(node, folder, &file, &card);
}
