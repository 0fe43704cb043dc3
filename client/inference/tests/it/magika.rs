//! The magika model gives what Python gives, and its input is prepared as the magika package prepares it.

use std::{env, fs, path::PathBuf, process::Command};

use citrate_inference_types::{RunLimits, adapter, read};
use serde::Deserialize;

use super::{DeviceChoice, Fixture, cache, device, repository, skipped};

/// What `compare.py` says of one file.
#[derive(Deserialize)]
struct Python {
    /// The model's input, by numpy.
    window: Vec<i32>,
    /// The same, by the magika package.
    reference: Vec<i32>,
    /// The bits of the scores.
    scores: Vec<u32>,
}

fn python(files: &[PathBuf]) -> Option<Vec<Python>> {
    let folder = cache()?.join("python-1.32.0");
    if !folder.join("ready").is_file() {
        skipped("no Python to compare with: run `scripts/setup.sh python`");
        return None;
    }
    let output = Command::new(folder.join("bin/python"))
        .arg(repository().join("client/inference/tests/compare.py"))
        .arg(cache()?.join("magika-1.0.3/model.onnx"))
        .args(files)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let results: Vec<Python> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(results.len(), files.len());
    Some(results)
}

/// Bytes that look like nothing.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Files at every edge of the window's rule, by name.
fn corpus() -> Vec<(&'static str, Vec<u8>)> {
    let text = |length: usize| -> Vec<u8> {
        b"fn main() { println!(\"{}\", 6 * 7); }\n".iter().copied().cycle().take(length).collect()
    };
    let spaces = |length: usize| b" \t\r\n\x0b\x0c".iter().copied().cycle().take(length).collect();
    let spaced = |before: usize, inside: &[u8], after: usize| -> Vec<u8> {
        let (before, after): (Vec<u8>, Vec<u8>) = (spaces(before), spaces(after));
        [&before[..], inside, &after].concat()
    };
    vec![
        ("empty", Vec::new()),
        ("one byte", b"x".to_vec()),
        ("one space", b" ".to_vec()),
        ("white space only", spaces(500)),
        ("white space only, over a block", spaces(5_000)),
        ("short, with white space around", spaced(3, b"x = 1", 4)),
        ("1023", text(1_023)),
        ("1024", text(1_024)),
        ("1025", text(1_025)),
        ("2048", text(2_048)),
        ("2048 between white space", spaced(10, &text(2_048), 10)),
        ("4095", text(4_095)),
        ("4096", text(4_096)),
        ("4097", text(4_097)),
        ("8192", noise(8_192)),
        ("8193", noise(8_193)),
        ("text only after the first block", spaced(4_096, &text(100), 0)),
        ("text only before the last block", spaced(0, &text(100), 4_096)),
        ("a byte at the first block's end", spaced(4_095, b"x", 4_096)),
        (
            "bytes that only some call white space",
            b"\x1c\x1d\x1e\x1f\x85\xa0 x \xa0\x85\x1f".to_vec(),
        ),
        ("unicode spaces", "\u{a0}\u{2028}\u{3000}\u{fc}ber\u{3000}\u{2028}\u{a0}".into()),
        (
            "unicode",
            "\u{65e5}\u{672c}\u{8a9e}\u{306e}\u{6587}\u{7ae0}\u{3002}\n".repeat(400).into(),
        ),
        ("byte order mark", [&b"\xef\xbb\xbf"[..], &text(700)].concat()),
        ("zeros", vec![0; 3_000]),
        ("every byte", (0..=255).collect()),
        ("five million bytes", noise(5_000_000)),
    ]
}

#[test]
fn the_corpus_is_prepared_and_judged_as_python_does() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let Some((model, card)) = fixture.magika() else { return };
    card.validate().unwrap();
    let corpus = corpus();
    let mut files = Vec::new();
    let mut ours = Vec::new();
    for (at, (name, content)) in corpus.iter().enumerate() {
        let path = fixture._folder.path().join(format!("corpus-{at}"));
        fs::write(&path, content).unwrap();
        files.push(path);
        let submitted = adapter::submission(&card, content);
        assert!(submitted.len() <= 8192, "{name}");
        let inputs = adapter::preprocess(&card, &submitted).unwrap();
        let row = read::elements(inputs.get("bytes").unwrap()).unwrap();
        let limits = RunLimits::default();
        let outputs = fixture.engine.run_tensors(&model, inputs.clone(), limits).unwrap();
        assert_eq!(fixture.engine.run_tensors(&model, inputs, limits).unwrap(), outputs, "{name}");
        let scores = outputs.get("target_label").unwrap().data().as_chunks().0;
        let scores: Vec<u32> = scores.iter().map(|bits| u32::from_le_bytes(*bits)).collect();
        ours.push((row, scores));
    }
    if device() != DeviceChoice::Cpu {
        // Python runs on the processor, and bits differ between devices.
        return;
    }
    let Some(theirs) = python(&files) else { return };
    for (((name, _), (row, scores)), python) in corpus.iter().zip(&ours).zip(&theirs) {
        assert_eq!(python.window, python.reference, "{name}: numpy and the magika package");
        let reference: Vec<f64> = python.reference.iter().copied().map(f64::from).collect();
        assert_eq!(row, &reference, "{name}: the worker and the magika package");
        assert_eq!(scores, &python.scores, "{name}: scores");
    }
}

#[test]
fn files_of_this_repository_are_what_they_are() {
    let Some(fixture) = Fixture::new(|_| {}) else { return };
    let Some((model, card)) = fixture.magika() else { return };
    let root = repository();
    for (path, label) in [
        (root.join("Cargo.toml"), "toml"),
        (root.join("README.md"), "markdown"),
        (root.join("client/inference/src/tensors.rs"), "rust"),
        (root.join("client/inference/tests/fixtures/make.py"), "python"),
        (root.join("client/inference/tests/fixtures/types.onnx"), "onnx"),
        (env::current_exe().unwrap(), "elf"),
    ] {
        let file = fs::read(&path).unwrap();
        let inputs = adapter::preprocess(&card, &adapter::submission(&card, &file)).unwrap();
        let outputs = fixture.engine.run_tensors(&model, inputs, RunLimits::default()).unwrap();
        let best = read::classes(&card, &outputs, None).unwrap().swap_remove(0);
        assert_eq!(best.label, label, "{}: {best:?}", path.display());
    }
}
