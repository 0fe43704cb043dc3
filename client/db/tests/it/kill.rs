//! `kill -9` at random points: every acknowledged block and state is there afterwards.
//!
//! The test starts its own executable as a child that commits blocks without end and prints the
//! number of each block once `commit` has returned. Block `n`'s changes depend on `n` alone, so
//! that the parent knows every state without the child.

#![expect(clippy::cast_possible_truncation, reason = "small numbers of a test")]

use citrate_core::{Digest, H256, Header, OpaqueExtrinsic, hashing::blake2_256};
use citrate_db::{BlockCommit, Db, DbConfig, Executed, Head, Pruning};
use citrate_trie::{ChangeSet, StateVersion, StateView, root};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

const FOLDER: &str = "CITRATE_DB_KILL_TEST_FOLDER";
const KILLS: u64 = 16;
const KEEP: u32 = 8;
/// Blocks between the tip and what the child finalises.
const LAG: u32 = 3;
/// A fork block is written beside each block whose number divides by this.
const FORK_EVERY: u32 = 4;

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

fn config(folder: &Path) -> DbConfig {
    // Small, so that the child is also killed while the journal is cut.
    let journal_bytes_max = 64 << 10;
    DbConfig { pruning: Pruning::Keep(KEEP), journal_bytes_max, ..DbConfig::on_disk(folder) }
}

/// Some keys get new values, short and long, and some go.
fn changes(number: u32, fork: bool) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
    let mut changes = BTreeMap::new();
    for i in 0..8u32 {
        let seed = blake2_256(format!("{number} {fork} {i}").as_bytes());
        let key = blake2_256(&[seed[0] % 200])[..16].to_vec();
        let value = seed.repeat(usize::from(seed[1]) % 8);
        changes.insert(key, (seed[2] > 60).then_some(value));
    }
    changes
}

/// What every acknowledged block is, worked out from nothing.
#[derive(Default)]
struct Expected {
    states: Vec<Model>,
    headers: Vec<Header>,
}

impl Expected {
    fn extend_to(&mut self, number: u32) {
        while self.headers.len() <= number as usize {
            let next = self.headers.len() as u32;
            let mut state = self.states.last().cloned().unwrap_or_default();
            for (key, value) in changes(next, false) {
                match value {
                    Some(value) => state.insert(key, value),
                    None => state.remove(&key),
                };
            }
            let parent = self.headers.last().map(Header::hash).unwrap_or_default();
            self.headers.push(header(parent, next, root(&state, StateVersion::V1)));
            self.states.push(state);
        }
    }
}

fn header(parent_hash: H256, number: u32, state_root: H256) -> Header {
    let extrinsics_root = H256::repeat_byte(9);
    Header { parent_hash, number, state_root, extrinsics_root, digest: Digest::default() }
}

/// What the DAG would know of a block.
fn header_record(number: u32) -> Vec<u8> {
    number.to_le_bytes().repeat(8)
}

fn payload(number: u32) -> Vec<OpaqueExtrinsic> {
    vec![OpaqueExtrinsic(number.to_le_bytes().repeat(20))]
}

fn commit(db: &Arc<Db>, parent: Option<H256>, number: u32, fork: bool) {
    let view = parent.map_or_else(StateView::empty, |parent| db.state_at(&parent).expect("parent"));
    let change = ChangeSet { top: changes(number, fork), ..ChangeSet::default() };
    let (state_root, delta) = view.apply(&change, StateVersion::V1).expect("readable");
    let header = header(parent.unwrap_or_default(), number, state_root);
    let executed = Executed { accepted: payload(number), delta, ..Executed::default() };
    let block = BlockCommit {
        hash: header.hash(),
        header,
        payload: payload(number),
        executed: Some(executed),
        head: if fork { Head::Unchanged } else { Head::Best },
        transactions: Vec::new(),
        dag: Some(header_record(number)),
    };
    db.commit(block).expect("committed");
}

/// The child's side; does nothing when the variable is not set, as in an ordinary test run.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let db = Arc::new(Db::open(&config(&PathBuf::from(folder))).expect("opens"));
    let mut out = std::io::stdout();
    loop {
        let best = db.best();
        let number = best.map_or(0, |best| best.number + 1);
        let parent = best.map(|best| best.hash);
        if number > 0 && number.is_multiple_of(FORK_EVERY) {
            commit(&db, parent, number, true);
        }
        commit(&db, parent, number, false);
        writeln!(out, "ack {number}").expect("parent listens");
        out.flush().expect("parent listens");
        if number.is_multiple_of(2) && number > LAG {
            let hash = db.hash_at(number - LAG).expect("readable").expect("selected");
            db.finalize(&hash).expect("final");
        }
    }
}

/// Runs the child until it has acknowledged some blocks and a little longer; returns the last one.
fn run_and_kill(folder: &Path, acknowledgements: u64, longer: Duration) -> Option<u32> {
    let mut child = Command::new(std::env::current_exe().expect("own path"))
        .args(["--exact", "kill::child", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut next = || loop {
        let line = lines.next()?.expect("readable");
        // The test harness writes its own words before the first one.
        if let Some((_, number)) = line.split_once("ack ") {
            return Some(number.parse::<u32>().expect("a number"));
        }
    };
    let mut last = None;
    for _ in 0..acknowledgements {
        last = next().or(last);
    }
    let end = Instant::now() + longer;
    while Instant::now() < end {
        std::hint::spin_loop();
    }
    // SIGKILL on Unix.
    child.kill().expect("was running");
    assert!(!child.wait().expect("ends").success());
    // What it acknowledged before it was killed is still in the pipe.
    while let Some(number) = next() {
        last = Some(number);
    }
    last
}

fn check(folder: &Path, acknowledged: u32, expected: &mut Expected) {
    let db = Arc::new(Db::open(&config(folder)).expect("opens after the kill"));
    let best = db.best().expect("genesis was acknowledged");
    assert!(best.number >= acknowledged, "block {acknowledged} is lost");
    expected.extend_to(best.number);
    let finalized = db.finalized().expect("genesis was acknowledged");
    let records = db.dag_records().expect("readable");
    for number in 0..=best.number {
        assert!(records.contains(&header_record(number)), "{number}");
        let header = &expected.headers[number as usize];
        let hash = header.hash();
        assert_eq!(db.hash_at(number).expect("readable"), Some(hash));
        if number + 60 < best.number {
            continue;
        }
        assert_eq!(db.header(&hash).expect("readable").as_ref(), Some(header));
        assert_eq!(db.payload(&hash).expect("readable"), Some(payload(number)));
        assert_eq!(db.accepted(&hash).expect("readable"), Some(payload(number)));
        let kept = number + KEEP >= finalized.number;
        assert_eq!(db.has_state(&hash).expect("readable"), kept, "{number}");
        if kept {
            let view = db.state_at(&hash).expect("kept");
            let pairs = view.pairs_with_prefix(&[], None, usize::MAX).expect("whole");
            assert_eq!(view.root, header.state_root);
            assert_eq!(pairs.into_iter().collect::<Model>(), expected.states[number as usize]);
        }
    }
    assert_eq!(best.hash, expected.headers[best.number as usize].hash());
}

#[test]
fn nothing_acknowledged_is_lost_slow() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let seed: u64 = std::env::var("CITRATE_SEED").map_or(7, |seed| seed.parse().expect("a number"));
    let mut expected = Expected::default();
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        let random = blake2_256(format!("{seed} {kill}").as_bytes());
        // A few kills hit the start and the first block, most the middle of a run.
        let acknowledgements = u64::from(random[0]) % 90 + u64::from(acknowledged == 0);
        let longer =
            Duration::from_micros(u64::from(u16::from_le_bytes([random[1], random[2]])) / 4);
        let last = run_and_kill(folder.path(), acknowledgements, longer);
        acknowledged = last.unwrap_or(acknowledged).max(acknowledged);
        check(folder.path(), acknowledged, &mut expected);
    }
    assert!(acknowledged > 100, "{acknowledged} blocks are too few to show anything");
}
