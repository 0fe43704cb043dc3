//! Jobs that come together are run together.

use std::fs;

use serde_json::{Value, json};

use super::{
    PRICE,
    node::{Node, args, magika, repository, text},
};

#[test]
fn jobs_of_several_buyers_are_run_together_and_each_gets_its_own_result() {
    let Some(model) = magika() else { return };
    let folder = tempfile::tempdir().unwrap();
    // The first of three waits for the others for as long as it takes a transaction to be in a block.
    let together = ["--dev", "--inference-batch", "3", "--inference-batch-wait", "8000"];
    let node = Node::launch(&folder.path().join("node"), &[], &together);
    let said = node.wait_for("results depend on: ");
    assert!(said.contains("batch_rows_max=3"), "{said}");
    let card = fs::read(repository().join("scripts/models/magika.json")).unwrap();
    let mut card: Value = serde_json::from_slice(&card).unwrap();
    let wide = json!({ "atol_nano": 10_000_000, "rtol_nano": 0, "outliers_max": 0 });
    card["tolerance"] = json!([{ "close": wide }]);
    let path = folder.path().join("card.json");
    fs::write(&path, card.to_string()).unwrap();
    node.succeed(args!["model", "register", &model, "--card", &path, "--price", PRICE]);
    let stake = "200000000000000";
    let serve = args!["provider", "start", "--stake", stake, "--model", "magika", "--wait", "120"];
    node.succeed(serve);

    let files = [
        ("//Bob", "README.md", "markdown"),
        ("//Charlie", "Cargo.toml", "toml"),
        ("//Dave", "Makefile", "makefile"),
    ];
    let buyers = files.map(|(signer, file, label)| {
        let file = repository().join(file);
        let buy =
            args!["infer", "--signer", signer, "--model", "magika", "--json", "--file", &file];
        let mut command = node.command(buy);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        (command.spawn().unwrap(), label)
    });
    for (buyer, label) in buyers {
        let output = buyer.wait_with_output().unwrap();
        assert!(output.status.success(), "{label}: {}", text(&output.stderr));
        let result: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(result["scores"][0]["label"], label, "{result}");
    }
    node.wait_for("jobs give the same results together as alone");
    let providers = node.rpc("inference_providers", json!([null, 10]));
    assert_eq!((&providers[0]["completed"], &providers[0]["failed"]), (&json!(3), &json!(0)));
}
