//! `referee`: what it says of a real model, without a node.

use std::{fs, process::Command};

use super::node::{magika, repository};
use crate::command::{citrate, fails, succeeds};

#[test]
fn a_model_is_run_and_assessed() {
    let Some(model) = magika() else { return };
    let model = model.display().to_string();
    let built = Command::new(repository().join("scripts/referee.sh")).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let module = String::from_utf8(built.stdout).unwrap();
    let card = repository().join("scripts/models/magika.json").display().to_string();
    let input = repository().join("scripts/setup.sh").display().to_string();
    let json = |args: &[&str]| -> serde_json::Value {
        let start = ["referee", "--module", module.trim()];
        serde_json::from_str(&succeeds(citrate(start.iter().chain(args)))).unwrap()
    };

    let verdict = json(&["run", &model, &card, &input]);
    let fuel = verdict["fuel"].as_u64().unwrap();
    assert!(fuel > 1_000_000 && verdict["memoryBytes"].as_u64().unwrap() > 1 << 20, "{verdict}");
    let output = verdict["output"].as_str().unwrap();
    assert_eq!(output.len(), 2 + 2 * (1 + 13 + 1 + 9 + 2 + 214 * 4), "{output}");

    let assess = ["assess", &model, &card, &input];
    let yes = json(&assess);
    assert_eq!(yes["refereeable"]["yes"]["fuel"].as_u64(), Some(fuel), "{yes}");
    assert_eq!(yes["module"], verdict["module"]);
    let less = (fuel - 1).to_string();
    let no = json(&[&["--fuel", &less][..], &assess].concat());
    assert_eq!(no["refereeable"], "no");
    assert!(no["reason"].as_str().unwrap().contains("out of fuel"), "{no}");
}

#[test]
fn what_is_no_module_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("module.wasm");
    fs::write(&file, "not a module").unwrap();
    let file = file.display().to_string();
    let error = fails(citrate(["referee", "--module", &file, "run", "model", "card", "input"]));
    assert!(error.contains("module.wasm") && error.contains("not a referee's module"), "{error}");
}
