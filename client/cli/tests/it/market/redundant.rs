//! A job that several providers run: commitments, results, one answer.

use citrate_core::sr25519;
use serde_json::{Value, json};

use super::{
    demo,
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
    // More providers than there are: refused before anything is paid.
    let refused =
        node.fail(args!["infer", "--model", "magika", "--providers", "9", "--file", &file]);
    assert!(refused.contains("9 providers are not 1 to 5"), "{refused}");
}
