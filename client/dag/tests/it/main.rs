//! `dag-replay` as a user runs it, on Kaspa's files and on files with mistakes.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/kaspa").join(name)
}

/// The text of a golden file.
fn text(name: &str) -> String {
    let bytes = std::fs::read(golden(name)).unwrap();
    if !name.ends_with(".gz") {
        return String::from_utf8(bytes).unwrap();
    }
    let mut text = String::new();
    GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    text
}

fn run(files: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dag-replay")).args(files).output().unwrap()
}

/// What is printed for a good file after its name, without the time.
fn accepted(name: &str) -> String {
    let file = golden(name);
    let output = run(&[&file]);
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{err}");
    assert_eq!(out.lines().count(), 1, "{out}");
    let line = out.trim().strip_prefix(&format!("{}: ", file.display())).unwrap();
    let (line, time) = line.rsplit_once(", ").unwrap();
    assert!(time.ends_with(" ms"), "{time}");
    line.to_owned()
}

/// The complaint about a file with these bytes.
fn refused(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, bytes).unwrap();
    let output = run(&[&file]);
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    assert!(out.is_empty(), "{out}");
    assert!(!err.contains("panicked"), "{err}");
    err.trim().strip_prefix(&format!("{}: ", file.display())).unwrap().to_owned()
}

/// The complaint about a golden file in which one text is replaced by another.
fn altered(name: &str, from: &str, to: &str) -> String {
    let text = text(name);
    assert!(text.contains(from), "{name} has no {from}");
    refused(text.replacen(from, to, 1).as_bytes())
}

#[test]
fn kaspas_dags_are_coloured_as_kaspa_does() {
    let expected = [
        ("dags/dag0.json", "dag, 19 blocks, max mergeset 5, 2 reds"),
        ("dags/dag1.json", "dag, 30 blocks, max mergeset 7, 25 reds"),
        ("dags/dag2.json", "dag, 9 blocks, max mergeset 3, 0 reds"),
        ("dags/dag3.json", "dag, 10 blocks, max mergeset 5, 4 reds"),
    ];
    for (name, line) in expected {
        assert!(accepted(name).starts_with(line), "{name}: {}", accepted(name));
    }
}

#[test]
fn kaspas_topologies_are_indexed_and_all_ancestors_known() {
    let expected = [
        ("attack", "topology, 4091 blocks, max mergeset 10, 2540 reds"),
        ("noattack", "topology, 4091 blocks, max mergeset 8, 0 reds"),
    ];
    for (name, line) in expected {
        let name = format!("reachability/{name}-dag-blocks--2^12-delay-factor--1-k--18.json.gz");
        let got = accepted(&name);
        assert!(got.starts_with(line), "{got}");
        assert!(got.ends_with(&format!("{} ancestor answers", 4091 * 4091)), "{got}");
    }
}

#[test]
fn kaspas_chains_are_replayed() {
    let got = accepted("replay/goref-1060-tx-265-blocks/blocks.json.gz");
    assert!(got.starts_with("replay, 265 blocks, max mergeset 8, 0 reds"), "{got}");
    let got = accepted("replay/goref-notx-5000-blocks/blocks.json.gz");
    assert!(got.starts_with("replay, 5000 blocks, max mergeset 10, 0 reds"), "{got}");
}

#[test]
fn a_difference_in_a_dag_is_named() {
    let dag = "dags/dag0.json";
    let cases = [
        ("\"ExpectedScore\": 4", "\"ExpectedScore\": 5", "block E: the blue score is 4"),
        (
            "\"ExpectedSelectedParent\": \"B\"",
            "\"ExpectedSelectedParent\": \"A\"",
            "block C: the selected parent: B; the file says: A",
        ),
        (
            "\"ExpectedReds\": []",
            "\"ExpectedReds\": [\"A\"]",
            "block B: the reds: ; the file says: A",
        ),
        (
            "\"ExpectedBlues\": [\n                \"A\"\n            ]",
            "\"ExpectedBlues\": []",
            "block B: the blues: A; the file says:",
        ),
        ("\"K\": 4", "\"K\": 0", "the blues"),
        ("\"K\": 4", "\"K\": 60000", "K is 60000"),
        ("\"K\": 4", "\"K\": -1", "invalid value"),
        ("\"GenesisID\": \"A\"", "\"GenesisID\": \"X\"", "is not in the DAG"),
        ("\"GenesisID\": \"A\"", "\"GenesisID\": \"\"", "an ID has 1 to 32 characters"),
        ("\"ID\": \"C\"", "\"ID\": \"B\"", "already in the DAG"),
        ("\"Blocks\"", "\"Boxes\"", "the format is unknown"),
    ];
    for (from, to, complaint) in cases {
        let got = altered(dag, from, to);
        assert!(got.contains(complaint), "{from} -> {to}: {got}");
    }
    // Two blues in another order.
    let got = altered(dag, "\"C\",\n                \"D\"", "\"D\",\n                \"C\"");
    assert!(got.contains("the file says: D, C"), "{got}");
}

#[test]
fn a_topology_with_a_mistake_is_refused() {
    let cases = [
        ("[]", "it lists no block"),
        (r#"[{"id":"0","parents":["1"]}]"#, "the first block has parents"),
        (r#"[{"id":"0","parents":[]},{"id":"1","parents":[]}]"#, "block 1: a block needs a parent"),
        (r#"[{"id":"0","parents":[]},{"id":"1","parents":["2"]}]"#, "is not in the DAG"),
        (r#"[{"id":"0","parents":[]},{"id":"1","parents":["1"]}]"#, "is not in the DAG"),
        (r#"[{"id":"0","parents":[]},{"id":"0","parents":["0"]}]"#, "already in the DAG"),
        (r#"[{"id":"0","parents":[]},{"id":"1","parents":["0","0"]}]"#, "in the past of another"),
        (r#"[{"id":"x","parents":[]}]"#, "an id is a whole number"),
        (r#"[{"id":"18446744073709551615","parents":[]}]"#, "an id is a whole number"),
        (r#"[{"id":"0"}]"#, "missing field `parents`"),
        (r#"[{"id":"0","parents":[]}"#, "EOF"),
    ];
    for (text, complaint) in cases {
        let got = refused(text.as_bytes());
        assert!(got.contains(complaint), "{text}: {got}");
    }
}

#[test]
fn a_difference_in_a_replay_is_named() {
    let name = "replay/goref-1060-tx-265-blocks/blocks.json.gz";
    let cases = [
        ("\"blueScore\":7", "\"blueScore\":8", "the blue score is 7; the header says 8"),
        (
            "0000000000000000000796ae",
            "0000000000000000000796af",
            "the blue work is 0x796ae; the header says 0x796af",
        ),
        (
            "\"daaScore\":0,\"blueWork\":\"0000000000000000000000000000000000000000000796ae\"",
            "\"daaScore\":1,\"blueWork\":\"0000000000000000000000000000000000000000000796ae\"",
            "the DAA score is 0; the header says 1",
        ),
        ("\"ghostdag_k\":124", "\"ghostdag_k\":5000", "k is 5000"),
        ("\"max_block_parents\":81", "\"max_block_parents\":2", "parents; the limit is 2"),
        (
            "\"mergeset_size_limit\":1240",
            "\"mergeset_size_limit\":3",
            "the mergeset has more than 3 blocks",
        ),
        ("\"ghostdag_k\":124", "\"ghostdag_k\":0", "the blue score"),
        ("\"bits\":505527324", "\"bits\":0", "is no target"),
        ("\"bits\":505527324", "\"bits\":511705089", "is negative"),
        ("\"bits\":505527324", "\"bits\":4278190081", "more than 256 bits"),
        ("\"blueScore\":0", "\"blueScore\":1", "the first block's scores are not 0"),
        (
            "\"parentsByLevel\":[[\"4cb48d0b",
            "\"parentsByLevel\":[[\"zcb48d0b",
            "no hash of 64 hexadecimal digits",
        ),
        ("\"parentsByLevel\":[[\"4cb48d0b", "\"parentsByLevel\":[[\"5cb48d0b", "is not in the DAG"),
        ("blockrate", "rate", "the format is unknown"),
        (
            "\"difficulty_window_size\":661",
            "\"difficulty_window_size\":18446744073709551615",
            "too large",
        ),
    ];
    for (from, to, complaint) in cases {
        let got = altered(name, from, to);
        assert!(got.contains(complaint), "{from} -> {to}: {got}");
    }
    // A selected parent that is not the first.
    let text = text(name);
    let line = text.lines().find(|line| {
        line.contains("\"parentsByLevel\":[[\"") && {
            let level = line.split("\"parentsByLevel\":[[").nth(1).unwrap();
            level.split(']').next().unwrap().matches(',').count() == 1
        }
    });
    let line = line.unwrap();
    let level = line.split("\"parentsByLevel\":[[").nth(1).unwrap().split(']').next().unwrap();
    let (first, second) = level.split_once(',').unwrap();
    let got = refused(text.replacen(level, &format!("{second},{first}"), 1).as_bytes());
    assert!(got.contains("the selected parent is"), "{got}");
}

#[test]
fn what_is_no_such_file_is_refused() {
    assert!(refused(b"").contains("it is empty"));
    assert!(refused(b"{}").contains("the format is unknown"));
    assert!(refused(b"hello").contains("does not start with JSON"));
    assert!(refused(&[0x1f, 0x8b, 1, 2]).contains("cannot be unpacked"));
    assert!(refused(&[0xff, 0xfe]).contains("no text"));
    let good = text("dags/dag2.json");
    assert!(refused(format!("{good} x").as_bytes()).contains("trailing characters"));
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(good.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    assert!(refused(&packed[..packed.len() - 9]).contains("cannot be unpacked"));
}

#[test]
fn several_files_are_each_judged() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad, gone) =
        (golden("dags/dag2.json"), folder.path().join("bad"), folder.path().join("gone"));
    std::fs::write(&bad, "[]").unwrap();
    let output = run(&[&bad, &good, &gone]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 2);
    assert_eq!(run(&[]).status.code(), Some(2));
    let output = run(&[Path::new("--help")]);
    assert!(output.status.success() && output.stdout.starts_with(b"Usage: dag-replay FILE"));
}
