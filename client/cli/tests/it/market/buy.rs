//! The demo and jobs for files of many kinds; results are those of Python's onnxruntime.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use super::{
    MAGIKA, PRICE, demo,
    node::{Node, args, cache, magika, repository, skipped, text},
    sample,
};

/// The lines of a table by the first column; a line without a name belongs to the one before.
fn table(text: &str) -> BTreeMap<String, String> {
    let mut rows: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let (name, value) = line.split_at(18);
        let name = name.trim_end();
        match rows.last_mut() {
            Some((_, known)) if name.is_empty() => {
                known.push('\n');
                known.push_str(value);
            }
            _ => rows.push((name.to_owned(), value.to_owned())),
        }
    }
    rows.into_iter().collect()
}

fn is_hash(text: &str) -> bool {
    text.len() == 66 && text.starts_with("0x") && text[2..].bytes().all(|b| b.is_ascii_hexdigit())
}

/// Python's scores for each file, by `compare.py`.
fn python(model: &Path, files: &[PathBuf]) -> Option<Vec<Vec<f64>>> {
    let folder = cache().join("python-1.32.0");
    if !folder.join("ready").is_file() {
        skipped("no Python to compare with: run `scripts/setup.sh python`");
        return None;
    }
    let output = Command::new(folder.join("bin/python"))
        .arg(repository().join("client/inference/tests/compare.py"))
        .arg(model)
        .args(files)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let results: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let scores = |result: &Value| -> Vec<f64> {
        let bits = result["scores"].as_array().unwrap().iter().map(|bits| bits.as_u64().unwrap());
        bits.map(|bits| f64::from(f32::from_bits(u32::try_from(bits).unwrap()))).collect()
    };
    Some(results.iter().map(scores).collect())
}

fn check_demo(node: &Node, model: &Path) {
    let printed = demo(node, model);
    assert!(printed.lines().all(|line| line.is_ascii() && line.len() <= 96), "{printed}");
    let rows = table(&printed);
    let row = |name: &str| rows.get(name).unwrap_or_else(|| panic!("no {name} in\n{printed}"));
    let registered = row("model registered");
    assert!(registered.starts_with("magika 3.3, 3163737 bytes, block "), "{registered}");
    assert!(registered.ends_with(MAGIKA), "{registered}");
    assert!(row("provider staked").contains(", 1000 CIT, block "), "{printed}");
    let (submitted, job) = row("job submitted").split_once('\n').unwrap();
    assert!(submitted.starts_with("README.md, ") && is_hash(job), "{printed}");
    let result = row("result").lines().next().unwrap();
    let score = result.strip_prefix("`README.md` is `markdown`, ").expect("the README is markdown");
    assert!(score.parse::<f64>().unwrap() > 0.9, "{result}");
    assert_eq!(row("fee paid"), "0.01 CIT");
    assert!(is_hash(row("receipt hash")), "{printed}");
    // What is printed is what the chain says.
    let record = node.job(job);
    let status = &record["status"];
    assert_eq!(status["type"], "settled", "{record}");
    assert_eq!(record["model"], MAGIKA);
    assert_eq!((&status["fee"], &record["attempt"]), (&json!(PRICE), &json!(0)));
    assert_eq!(&status["receipt"], &json!(row("receipt hash")));
    assert_eq!(&status["provider"], &json!(row("provider")));
    assert!(row("settled").starts_with(&format!("block {}, ", status["at"])), "{printed}");
}

#[test]
fn files_are_bought_and_judged_as_python_judges_them() {
    let Some(model) = magika() else { return };
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&folder.path().join("node"), &[]);
    check_demo(&node, &model);

    let files = sample::files(folder.path());
    let mut found = Vec::new();
    for (path, label) in &files {
        let printed = node.succeed(args!["infer", "--model", "magika", "--json", "--file", path]);
        let result: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(result["fee"], PRICE, "{printed}");
        let scores = result["scores"].as_array().unwrap();
        let of = |class: &Value| {
            (class["label"].as_str().unwrap().to_owned(), class["score"].as_f64().unwrap())
        };
        let scores: Vec<(String, f64)> = scores.iter().map(of).collect();
        if let Some(label) = label {
            assert_eq!(scores[0].0, *label, "{}: {:?}", path.display(), &scores[..3]);
        }
        found.push(scores);
    }
    let card = fs::read(repository().join("scripts/models/magika.json")).unwrap();
    let card: Value = serde_json::from_slice(&card).unwrap();
    let labels = card["postprocess"]["classify"]["inline"].as_str().unwrap();
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
    if let Some(python) = python(&model, &paths) {
        for ((path, ours), theirs) in paths.iter().zip(&found).zip(&python) {
            let mut theirs: Vec<(&str, f64)> = labels.lines().zip(theirs.iter().copied()).collect();
            theirs.sort_by(|a, b| b.1.total_cmp(&a.1));
            assert_eq!(ours[0].0, theirs[0].0, "{}", path.display());
            for (ours, theirs) in ours.iter().zip(&theirs) {
                let distance = (ours.1 - theirs.1).abs();
                assert!(distance < 1e-4, "{}: {ours:?} and {theirs:?}", path.display());
            }
        }
    }

    buy_together(&node, &files, &found);
    let quote = |arguments: Value| node.rpc("inference_quote", arguments);
    assert_eq!(quote(json!([MAGIKA])), PRICE);
    assert_eq!(quote(json!([MAGIKA, 3])), "30000000000", "three times the price");
    // A place in the queue costs five millionths of a CIT for each block.
    assert_eq!(quote(json!([MAGIKA, 1, 10_000])), "50000000000");
    let provider = node.rpc("inference_providers", json!([null, 10]));
    let done = files.len() + 2;
    assert_eq!((&provider[0]["completed"], &provider[0]["failed"]), (&json!(done), &json!(0)));
    refusals(&node, folder.path());
    // The demo again finds what it did before.
    let again = table(&demo(&node, &model));
    assert!(again["provider staked"].ends_with("before"), "{again:?}");
    assert!(again["model registered"].ends_with(MAGIKA), "{again:?}");
}

/// The files as one job: the same results, each paid for.
fn buy_together(
    node: &Node,
    files: &[(PathBuf, Option<&'static str>)],
    found: &[Vec<(String, f64)>],
) {
    let mut arguments = args!["infer", "--model", "magika", "--json", "--file"].to_vec();
    arguments.extend(files.iter().map(|(path, _)| path.as_os_str()));
    let printed = node.succeed(&arguments);
    let result: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(result["fee"], (PRICE.parse::<usize>().unwrap() * files.len()).to_string());
    let answers = result["answers"].as_array().unwrap();
    assert_eq!(answers.len(), files.len());
    for ((path, _), (answer, scores)) in files.iter().zip(answers.iter().zip(found)) {
        let best = &answer["scores"][0];
        assert_eq!(best["label"], scores[0].0.as_str(), "{}", path.display());
        assert_eq!(best["score"], scores[0].1, "{}", path.display());
    }
    let record = node.job(result["job"].as_str().unwrap());
    assert_eq!(record["batch"], files.len());
}

/// What cannot be bought is said in one line.
fn refusals(node: &Node, folder: &Path) {
    let missing = folder.join("missing.txt");
    let file = repository().join("README.md");
    for (arguments, expected) in [
        (
            args!["infer", "--model", "magika", "--file", &missing] as &[_],
            "missing.txt: No such file",
        ),
        (args!["infer", "--model", "magika", "--file", folder], "is a folder, not a file"),
        (args!["infer", "--model", "nothing", "--file", &file], "no model called nothing"),
        (args!["infer", "--model", "0x12", "--file", &file], "the model's hash"),
        (args!["infer", "--model", "magika", "--max-fee", "1", "--file", &file], "FeeTooLow"),
        (args!["infer", "--model", "magika", "--blocks", "0", "--file", &file], "WrongDeadline"),
    ] {
        let said = node.fail(arguments);
        assert!(said.contains(expected), "{said}");
    }
    let nobody = ["infer", "--node", "http://127.0.0.1:1", "--model", "magika", "--file", "x"];
    let nobody = nobody.map(std::ffi::OsStr::new);
    assert!(node.fail(&nobody).contains("no node answers at http://127.0.0.1:1"));
}
