//! A process that is killed while it adds artifacts leaves whole ones only.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "this is a test")]

use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use citrate_artifacts::{Store, StoreConfig};
use citrate_core::H256;

/// Names the child's store.
const STORE: &str = "CITRATE_TEST_STORE";

fn content(round: u8, number: u32) -> Vec<u8> {
    let mut content = vec![round; 700_000];
    content.extend(number.to_le_bytes());
    content
}

/// What the children of the test below do; does nothing otherwise.
#[test]
fn child() {
    let Some(path) = env::var_os(STORE) else { return };
    let round = env::var("CITRATE_TEST_ROUND").unwrap().parse().unwrap();
    let store = Store::open(StoreConfig::new(path)).unwrap();
    for number in 0.. {
        let hash = store.add_bytes(&content(round, number), "").unwrap().hash;
        println!("ADDED {hash:x}");
    }
}

/// Runs a child until it has added some artifacts, kills it at once, and gives those that it said it had added.
fn killed_after(path: &Path, round: u8) -> Vec<H256> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(STORE, path)
        .env("CITRATE_TEST_ROUND", round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut added = Vec::new();
    let output = BufReader::new(child.stdout.take().unwrap());
    for line in output.lines() {
        let line = line.unwrap();
        if let Some((_, hash)) = line.split_once("ADDED ") {
            added.push(hash.parse().unwrap());
            if added.len() > usize::from(round) {
                // What it prints from now on is read as well: it had added it.
                let _ = child.kill();
            }
        }
    }
    child.wait().unwrap();
    added
}

#[test]
fn a_kill_leaves_whole_artifacts_only() {
    let folder = tempfile::tempdir().unwrap();
    let mut added = Vec::new();
    for round in 0..6 {
        added.extend(killed_after(folder.path(), round));
        let store = Store::open(StoreConfig::new(folder.path())).unwrap();
        let listed = store.list().unwrap();
        assert!(added.len() > usize::from(round));
        for hash in &added {
            assert!(listed.iter().any(|artifact| artifact.hash == *hash), "{hash:?} is lost");
        }
        for artifact in &listed {
            let content = store.read(&artifact.hash, 1_000_000).unwrap();
            assert_eq!(content.len() as u64, artifact.bytes);
        }
    }
}
