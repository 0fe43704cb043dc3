//! A job that several providers run: commitments, results, one answer, one signature.

use std::{collections::BTreeSet, path::Path};

use citrate_bls::Key;
use citrate_core::sr25519;
use citrate_inference_types::{Attestation, DType, Digest, ModelCard, Tensor, Tensors};
use serde_json::{Value, json};

use super::{
    demo,
    hostile::{card, f32s, input, offer},
    node::{Node, args, magika, repository},
};

/// Makes the account of this name a provider of magika whose key the node holds.
fn add_provider(node: &Node, name: &str) -> String {
    let public = sr25519::Pair::from_suri(name, None).unwrap().public();
    node.rpc("author_insertKey", json!(["prov", name, public]));
    let stake = "200000000000000";
    node.succeed(args![
        "provider", "--signer", name, "start", "--stake", stake, "--model", "magika"
    ]);
    citrate_core::AccountId32::new(public.0).to_string()
}

#[test]
fn what_three_providers_agree_on_is_the_result_and_each_is_paid() {
    let Some(model) = magika() else { return };
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&folder.path().join("node"), &[]);
    demo(&node, &model);
    let mut expected = vec![
        node.rpc("inference_providers", json!([null, 10]))[0]["account"].as_str().unwrap().into(),
        add_provider(&node, "//Bob"),
        add_provider(&node, "//Dave"),
    ];
    let file = repository().join("README.md");
    let printed = node.succeed(args![
        "infer",
        "--signer",
        "//Eve",
        "--model",
        "magika",
        "--providers",
        "3",
        "--json",
        "--file",
        &file
    ]);
    let result: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(result["scores"][0]["label"], "markdown", "{printed}");
    assert_eq!(result["fee"], "30000000000", "three times the price");

    let record = node.job(result["job"].as_str().unwrap());
    assert_eq!(record["policy"], json!({ "type": "redundant", "providers": 3, "quorum": 2 }));
    let mut providers: Vec<String> = result["confirmedBy"]
        .as_array()
        .unwrap()
        .iter()
        .chain([&result["provider"]])
        .map(|account| account.as_str().unwrap().into())
        .collect();
    providers.sort();
    expected.sort();
    assert_eq!(providers, expected, "{record}");
    for provider in node.rpc("inference_providers", json!([null, 10])).as_array().unwrap() {
        assert_eq!((&provider["failed"], &provider["wrong"]), (&json!(0), &json!(0)));
        assert_eq!(provider["assigned"], 0, "{provider}");
    }
    attested_by(&node, result["job"].as_str().unwrap(), &expected, folder.path());
    earned_and_left(&node);
    a_large_result_is_compared_by_its_digest(&node, folder.path());
    // More providers than there are: refused before anything is paid.
    let refused =
        node.fail(args!["infer", "--model", "magika", "--providers", "9", "--file", &file]);
    assert!(refused.contains("9 providers are not 1 to 5"), "{refused}");
}

/// What a model gives may be too large for the chain, which compares digests; whoever buys it gets the file, and the command
/// finds the digest in it.
fn a_large_result_is_compared_by_its_digest(node: &Node, folder: &Path) {
    let file = repository().join("client/inference/tests/fixtures/double.onnx");
    let any = json!([{ "dynamic": "batch" }, { "dynamic": "width" }]);
    let mut card = card("double", &file, &[("x", "f32", any.clone())], ("y", "f32", any));
    card["tolerance"] = json!([{ "digest": { "step_nano": 1_000_000, "blocks_out_max": 0 } }]);
    card["limits"]["input_bytes_max"] = json!(1 << 20);
    card["limits"]["output_bytes_max"] = json!(1 << 20);
    offer(node, folder, &file, &card);
    for name in ["//Bob", "//Dave"] {
        let stake = "200000000000000";
        node.succeed(args![
            "provider", "--signer", name, "start", "--stake", stake, "--model", "double"
        ]);
    }
    let values: Vec<f32> = (0..8_192u16).map(|at| f32::from(at) / 100.0).collect();
    let flat = f32s(&values);
    let x = Tensor::try_new(flat.dtype(), vec![1, 8_192], flat.into_data()).unwrap();
    let asked = input(folder, vec![("x", x)]);
    let infer = args![
        "infer",
        "--signer",
        "//Eve",
        "--model",
        "double",
        "--providers",
        "3",
        "--quorum",
        "3",
        "--json",
        "--file",
        &asked
    ];
    let result: Value = serde_json::from_str(&node.succeed(infer)).unwrap();
    let settled = node.job(result["job"].as_str().unwrap())["status"]["output"].clone();
    assert!(settled["bytes"].as_u64().unwrap() > 32 * 1024, "{settled}");
    let digest = hex::decode(settled["digest"].as_str().unwrap().trim_start_matches("0x")).unwrap();
    let doubled: Vec<u8> = values.iter().flat_map(|x| (x * 2.0).to_le_bytes()).collect();
    let y = Tensor::try_new(DType::F32, vec![1, 8_192], doubled).unwrap();
    let y = Tensors::single("y", y).unwrap();
    let card: ModelCard = serde_json::from_value(card).unwrap();
    assert_eq!(Digest::of(&card, &y), Digest::from_bytes(&digest));
    assert_eq!(result["confirmedBy"].as_array().unwrap().len(), 2, "{result}");
}

/// Bob has earned by one result of three, and by two jobs of his model; then he serves it no more.
fn earned_and_left(node: &Node) {
    let bob = crate::transaction::account("//Bob").to_string();
    let income = node.rpc("inference_income", json!([bob]));
    let expected = json!({
        "asProvider": { "count": 1, "total": "7500000000" },
        "asOwner": { "count": 2, "total": "8000000000" },
        "forBlocks": { "count": 0, "total": "0" },
    });
    assert_eq!(income, expected);
    let shown = node.succeed(args!["provider", "show", &bob]);
    for line in [
        "record            1 done, 0 failed, 0 wrong",
        "earned            0.0075 CIT for 1 results",
        "                  0.008 CIT for 2 jobs of its models",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    let printed = node.succeed(args!["provider", "--signer", "//Bob", "unserve", "magika"]);
    assert!(printed.contains("model unserved    magika, block "), "{printed}");
    assert_eq!(node.rpc("inference_provider", json!([bob]))["offers"], json!([]));
    let again = node.fail(args!["provider", "--signer", "//Bob", "unserve", "magika"]);
    assert!(again.contains("NoChange"), "{again}");
}

/// Checks the job's attestation without the chain: its three providers have signed it, each with the key that its node made and
/// registered by itself. What is changed in it is found.
fn attested_by(node: &Node, job: &str, providers: &[String], folder: &Path) {
    let found = node.eventually("the attestation", |node| {
        Some(node.rpc("inference_attestation", json!([job]))).filter(|found| !found.is_null())
    });
    let attestation: Attestation = serde_json::from_value(found.clone()).unwrap();
    let mut keys = Vec::new();
    let mut signers = Vec::new();
    for (account, key) in &attestation.signers {
        assert_eq!(node.rpc("inference_attestationKey", json!([account])), json!(key));
        keys.push(Key::try_new(key).unwrap());
        signers.push(account.to_string());
    }
    signers.sort();
    assert_eq!(signers, providers, "{found}");
    let distinct: BTreeSet<_> = attestation.signers.iter().map(|(_, key)| key.0).collect();
    assert_eq!(distinct.len(), 3, "each has a key of its own");
    let verify = |attestation: &Attestation| {
        let payload = attestation.statement.signing_payload();
        citrate_bls::verify_aggregate(&keys, &payload, &attestation.signature)
    };
    assert_eq!(verify(&attestation), Ok(()));
    let mut tampered = attestation.clone();
    tampered.statement.output.0[0] ^= 1;
    assert_eq!(verify(&tampered), Err(citrate_bls::BlsError::Mismatch));

    let printed = node.succeed(args!["attestation", job]);
    assert!(printed.contains("true, checked here"), "{printed}");
    assert!(providers.iter().all(|account| printed.contains(account)), "{printed}");
    let mut fewer = attestation;
    fewer.signers.pop();
    for (name, forged) in [("tampered", &tampered), ("fewer", &fewer)] {
        let file = folder.join(name);
        std::fs::write(&file, json!(forged).to_string()).unwrap();
        let refused = node.fail(args!["attestation", job, "--file", &file]);
        assert!(refused.contains("the attestation is not true"), "{refused}");
    }
    let file = folder.join("true");
    std::fs::write(&file, found.to_string()).unwrap();
    node.succeed(args!["attestation", job, "--file", &file]);
    // A true one of another job says nothing of this one.
    let other = format!("0x{}", "11".repeat(32));
    let refused = node.fail(args!["attestation", &other, "--file", &file]);
    assert!(refused.contains("it is of job"), "{refused}");
}
