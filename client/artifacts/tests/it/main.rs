//! A process that is killed while it adds artifacts leaves whole ones only; one that is killed while it fetches one goes on
//! where it was.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "this is a test")]

use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use citrate_artifacts::{
    Claim, Partial, Pin, Position, Put, Request, Response, Serve, Store, StoreConfig,
};
use citrate_core::H256;
use codec::Encode;

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

/// A store that has a file of many blocks, and answers about it.
struct Source {
    _folder: tempfile::TempDir,
    serve: Serve,
    hash: H256,
    content: Vec<u8>,
}

impl Source {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(StoreConfig::new(folder.path())).unwrap());
        let content: Vec<u8> =
            (0..40 << 18).map(|at: u32| (at % 251) as u8 ^ (at >> 18) as u8).collect();
        let hash = store.add_bytes(&content, "").unwrap().hash;
        Self { _folder: folder, serve: Serve::new(store), hash, content }
    }

    fn ask(&mut self, request: &Request) -> Response {
        Response::from_bytes(&self.serve.answer(&request.encode()).unwrap()).unwrap()
    }

    fn begin(&mut self, store: &Store) -> Partial {
        let Response::Here(claim) = self.ask(&Request::Find(self.hash)) else { panic!("absent") };
        let expected = Claim { bytes: self.content.len() as u64, ..claim };
        assert_eq!(claim, expected);
        store.begin(&self.hash, claim).unwrap()
    }

    /// Puts the next block; `false` if there is none.
    fn put_next(&mut self, partial: &mut Partial) -> bool {
        let next: Option<Position> = partial.wanted().next();
        let Some(at) = next else { return false };
        let request = Request::Block { artifact: self.hash, at };
        let Response::Block(block) = self.ask(&request) else { panic!("no block {at:?}") };
        assert_eq!(partial.put(at, &block).unwrap(), Put::Taken);
        true
    }
}

/// What the children of the test below do; does nothing otherwise.
#[test]
fn fetching_child() {
    let Some(path) = env::var_os("CITRATE_TEST_FETCH") else { return };
    let store = Store::open(StoreConfig::new(path)).unwrap();
    let mut source = Source::new();
    let mut partial = source.begin(&store);
    while source.put_next(&mut partial) {
        println!("VERIFIED {}", partial.bytes_verified());
    }
}

#[test]
fn a_kill_costs_nothing_of_what_was_fetched() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = Source::new();
    let mut least = 0;
    for round in 0..5 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "fetching_child", "--nocapture"])
            .env("CITRATE_TEST_FETCH", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut seen = 0;
        for line in output.lines() {
            let line = line.unwrap();
            if let Some((_, bytes)) = line.split_once("VERIFIED ") {
                least = bytes.parse().unwrap();
                seen += 1;
                if seen > 3 + round {
                    // What it prints from now on is read as well: it had written it.
                    let _ = child.kill();
                }
            }
        }
        child.wait().unwrap();
        let store = Store::open(StoreConfig::new(folder.path())).unwrap();
        let partial = source.begin(&store);
        assert!(partial.bytes_verified() >= least, "{} < {least}", partial.bytes_verified());
    }
    assert!(least > 0);
    let store = Store::open(StoreConfig::new(folder.path())).unwrap();
    let mut partial = source.begin(&store);
    while source.put_next(&mut partial) {}
    store.complete(partial, "", Pin::No).unwrap();
    assert!(store.read(&source.hash, u64::MAX).unwrap() == source.content);
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
