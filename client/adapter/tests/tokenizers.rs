//! Real tokenizers give the tokens that Python's package gives, and the same text back.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "these are tests")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use citrate_adapter::Tokenizer;

/// What `scripts/setup.sh python` has made, if it has.
fn cache() -> Option<PathBuf> {
    let from = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = from("CITRATE_CACHE")
        .or_else(|| Some(from("XDG_CACHE_HOME")?.join("citrate")))
        .or_else(|| Some(from("HOME")?.join(".cache/citrate")))?;
    let is_there = ["python-1.32.0/ready", "smollm2-0.1.2/model.onnx", "minilm-1.0.0/model.onnx"]
        .iter()
        .all(|file| cache.join(file).is_file());
    if is_there {
        return Some(cache);
    }
    let reason = "no tokenizers, or no Python to compare with: run `scripts/setup.sh python`";
    assert!(env::var_os("CITRATE_NO_SKIP").is_none(), "may not be skipped: {reason}");
    eprintln!("SKIPPED: {reason}");
    None
}

fn corpus() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\n\t \r\n",
        "a",
        "Hello, world!",
        "  two  spaces   and\ttabs\n\nand lines ",
        "it's don't we'll they've I'm you'd",
        "unbelievably antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
        "0 7 42 1234567890 3.14159 -1e-9 1,000,000 0xdeadbeef 2026-11-26",
        "fn main() { println!(\"{}\", 6 * 7); } // ok?",
        "https://example.org/a?b=c&d=%20#e user@example.org C:\\path\\file.txt",
        "na\u{ef}ve caf\u{e9} \u{fc}ber \u{c5}ngstr\u{f6}m \u{df} \u{130}stanbul \u{131}",
        "e\u{301} o\u{308} n\u{303} a\u{30a}\u{323}",
        "\u{fb01}n\u{fb02} \u{2460} \u{ff21}\u{ff22}\u{ff23} \u{2122} \u{bd}",
        "\u{65e5}\u{672c}\u{8a9e}\u{306e}\u{6587}\u{7ae0}\u{3002}\u{30ab}\u{30bf}\u{30ab}\u{30ca}",
        "\u{4e2d}\u{6587}\u{6d4b}\u{8bd5}abc\u{4e2d}\u{6587}123",
        "\u{d55c}\u{ad6d}\u{c5b4} \u{1112}\u{1161}\u{11ab}",
        "\u{440}\u{443}\u{441}\u{441}\u{43a}\u{438}\u{439} \u{415}\u{301} \u{419}",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{645}\u{631}\u{62d}\u{628}\u{627} \u{64a}\u{64e}",
        "\u{e2a}\u{e27}\u{e31}\u{e2a}\u{e14}\u{e35} \u{928}\u{92e}\u{938}\u{94d}\u{924}\u{947}",
        "\u{1f600} \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{1f1eb}\u{1f1f7} \u{2764}\u{fe0f} \u{1f44d}\u{1f3fd}",
        "a\u{0}b\u{1}c\u{7f}d\u{ad}e\u{200b}f\u{feff}g\u{fffd}h\u{e000}",
        "\u{2018}quotes\u{2019} \u{201c}more\u{201d} \u{2014} \u{2026} \u{2022}",
        "\u{a0}no\u{a0}break\u{3000}wide\u{2028}line\u{2029}end",
        "<|im_start|>user\nhi<|im_end|>\n<|endoftext|> <|im_start",
        "[CLS] [SEP] [MASK] [PAD] [UNK] ##ing",
        "ALL CAPS and MiXeD CaSe",
        "\u{1d504}\u{1d52b}\u{10ffff}\u{20000}",
        "!!!???...,,,;;;:::---___***((()))[[[]]]{{{}}}",
    ]
    .map(str::to_owned)
    .into();
    texts.push("x".repeat(5_000));
    texts.push("the quick brown fox jumps over the lazy dog. ".repeat(400));
    texts.push("\u{1f600}\u{65e5}".repeat(1_000));
    // Characters of every kind, in no order.
    let mut state = 1u64;
    for _ in 0..200 {
        let mut text = String::new();
        while text.len() < 60 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let limit = [0x80, 0x250, 0x3000, 0x1_0000, 0x11_0000][(state >> 40) as usize % 5];
            text.extend(char::from_u32((state >> 43) as u32 % limit));
        }
        texts.push(text);
    }
    texts
}

/// Python's tokens and texts.
fn python(cache: &Path, tokenizer: &Path, texts: &[String]) -> Vec<(Vec<u32>, String)> {
    let file = env::temp_dir().join(format!("citrate-texts-{}.json", std::process::id()));
    fs::write(&file, serde_json::to_string(texts).unwrap()).unwrap();
    let output = Command::new(cache.join("python-1.32.0/bin/python"))
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compare.py"))
        .args([tokenizer, &file])
        .output()
        .unwrap();
    fs::remove_file(&file).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn tokens_and_texts_are_those_of_python() {
    let Some(cache) = cache() else { return };
    let texts = corpus();
    for model in ["minilm-1.0.0", "smollm2-0.1.2"] {
        let path = cache.join(model).join("tokenizer.json");
        let tokenizer = Tokenizer::from_json(&fs::read(&path).unwrap()).unwrap();
        let theirs = python(&cache, &path, &texts);
        assert_eq!(theirs.len(), texts.len());
        for (text, (tokens, back)) in texts.iter().zip(theirs) {
            let ours = tokenizer.encode(text).unwrap();
            assert_eq!(ours.ids, tokens, "{model}: {text:?}");
            assert_eq!(tokenizer.decode(&ours.ids).unwrap(), back, "{model}: {text:?}");
        }
    }
}
