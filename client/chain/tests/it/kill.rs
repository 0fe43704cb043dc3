//! `kill -9` at random points while a chain imports blocks beside each other, finalises and prunes its DAG.
//!
//! The test starts its own executable as a child that prints a block's hash once its import has returned. After
//! each kill every block that the database has is imported into a second chain, in memory and never
//! killed: what was reopened has to be the same.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use citrate_core::{H256, StateVersion, hashing::blake2_256};
use citrate_dag::ghostdag::{BlockInfo, Dag};
use citrate_dag_types::{DagBlock, DagDigest};
use citrate_db::{Db, DbConfig, Pruning};
use codec::{Decode, Encode};

use citrate_chain::Chain;
use citrate_chain::testing::{author, block_by, open, transfer};

const FOLDER: &str = "CITRATE_CHAIN_KILL_TEST_FOLDER";
const KILLS: u64 = 12;
/// Blocks until the DAG is pruned, and some more.
const BLOCKS_MIN: usize = 2_300;
/// LIMIT: kills until there are so many blocks.
const KILLS_MAX: u64 = 60;
const NOW_MS: u64 = 1_000_000_000;

fn config(folder: &Path) -> DbConfig {
    // A short journal, so that the child is also killed while it is cut.
    let journal_bytes_max = 256 << 10;
    DbConfig { pruning: Pruning::Keep(8), journal_bytes_max, ..DbConfig::on_disk(folder) }
}

/// The next block: every fourth one beside the best block, the others on all tips that they may merge.
fn next_block(chain: &Chain) -> DagBlock {
    let slots = chain.with_dag(|dag| {
        dag.tips().iter().filter_map(|tip| Some(dag.producer(tip)?.slot)).collect::<Vec<u64>>()
    });
    let slot = slots.into_iter().max().unwrap_or(0) + 1;
    let best = chain.best();
    let parents = match slot % 4 {
        0 if best.number > 2 => vec![chain.header(&best.hash).unwrap().unwrap().parent_hash],
        _ => chain.place_for(slot.into(), &author().public()).unwrap().unwrap().parents,
    };
    let sender = u8::try_from(slot % 3).unwrap();
    let nonce = chain.call(&best.hash, "AccountNonceApi_account_nonce", &[sender]).unwrap();
    let nonce = u32::decode(&mut nonce.as_slice()).unwrap();
    block_by(0, chain, parents, slot, vec![transfer(sender, 3, nonce, 0)]).unwrap()
}

/// The child's side; does nothing when the variable is not set, as in an ordinary test run.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let chain = open(&config(&PathBuf::from(folder))).unwrap();
    let mut out = std::io::stdout();
    loop {
        let imported = chain.import_at(next_block(&chain), NOW_MS).unwrap();
        writeln!(out, "ack {:?}", imported.hash.0).unwrap();
        out.flush().unwrap();
    }
}

/// Runs the child until it has acknowledged some blocks and a little longer; returns what it did.
fn run_and_kill(folder: &Path, acknowledgements: u64, longer: Duration) -> Vec<H256> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The test harness writes its own words before the first one.
    let mut next = || loop {
        let line = lines.next()?.unwrap();
        if let Some((_, bytes)) = line.split_once("ack [") {
            let bytes = bytes.trim_end_matches(']').split(", ").map(|byte| byte.parse().unwrap());
            return Some(H256::from_slice(&bytes.collect::<Vec<u8>>()));
        }
    };
    let mut acknowledged = Vec::new();
    for _ in 0..acknowledgements {
        acknowledged.extend(next());
    }
    let end = Instant::now() + longer;
    while Instant::now() < end {
        std::hint::spin_loop();
    }
    // SIGKILL on Unix.
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    // What it acknowledged before it was killed is still in the pipe.
    acknowledged.extend(std::iter::from_fn(next));
    acknowledged
}

/// Imports whatever the database has into the chain that is never killed, in the order of the slots.
fn follow(db: &Db, reference: &Chain) {
    let mut new = Vec::new();
    for block in db.blocks_from(1, usize::MAX).unwrap() {
        if reference.header(&block.hash).unwrap().is_none() {
            let header = db.header(&block.hash).unwrap().unwrap();
            let slot = DagDigest::from_header(&header).unwrap().slot;
            let payload = db.payload(&block.hash).unwrap().unwrap();
            new.push((slot, DagBlock { header, payload }));
        }
    }
    new.sort_by_key(|(slot, _)| *slot);
    for (_, block) in new {
        reference.import_at(block, NOW_MS).unwrap();
    }
}

/// What a DAG says of a block, as far as the other one was not pruned deeper.
fn common(info: BlockInfo, other: &Dag) -> BlockInfo {
    let known =
        |hashes: Vec<H256>| hashes.into_iter().filter(|hash| other.contains(hash)).collect();
    BlockInfo {
        parents: known(info.parents),
        selected_parent: info.selected_parent.filter(|parent| other.contains(parent)),
        blues: known(info.blues),
        reds: known(info.reds),
        ..info
    }
}

fn compare(chain: &Chain, reference: &Chain) {
    assert_eq!(chain.best(), reference.best());
    let last = chain.best().number;
    chain.with_dag(|dag| {
        reference.with_dag(|whole| {
            assert_eq!((dag.tips(), dag.sink()), (whole.tips(), whole.sink()));
            dag.reachability().validate().unwrap();
            let mut compared = 0;
            for stored in dag.all_stored() {
                let hash = stored.hash;
                let Some(expected) = whole.block(&hash) else { continue };
                assert_eq!(common(dag.block(&hash).unwrap(), whole), common(expected, dag));
                compared += 1;
            }
            assert!(compared >= dag.len().min(whole.len()) / 2, "{compared}");
        });
    });
    for number in last.saturating_sub(50)..=last {
        let hash = reference.hash_at(number).unwrap().unwrap();
        assert_eq!(chain.hash_at(number).unwrap(), Some(hash));
        assert_eq!(chain.mergeset(&hash).unwrap(), reference.mergeset(&hash).unwrap());
        assert_eq!(chain.accepted(&hash).unwrap(), reference.accepted(&hash).unwrap());
    }
    // Which payload a waiting transaction is recorded with depends on which came first.
    let decided = |chain: &Chain, hash: &H256| {
        let record = chain.transaction(hash).unwrap();
        record.map(|record| (record.status, record.accepting_block, record.index))
    };
    for block in chain.db().blocks_from(last.saturating_sub(50), usize::MAX).unwrap() {
        for transaction in chain.payload(&block.hash).unwrap().unwrap() {
            let hash = transaction.hash();
            assert_eq!(decided(chain, &hash), decided(reference, &hash), "{hash:?}");
        }
    }
    for block in [chain.best(), chain.finalized()] {
        let view = chain.state_at(&block.hash).unwrap();
        let pairs = view.pairs_with_prefix(&[], None, usize::MAX).unwrap();
        let root = citrate_trie::root(pairs, StateVersion::V1);
        assert_eq!(root, chain.header(&block.hash).unwrap().unwrap().state_root);
    }
}

fn check(folder: &Path, acknowledged: &[H256], reference: &Arc<Chain>) {
    let chain = open(&config(folder)).unwrap();
    for hash in acknowledged {
        assert!(chain.header(hash).unwrap().is_some(), "{hash:?} is lost");
        assert!(chain.payload(hash).unwrap().is_some(), "the payload of {hash:?} is lost");
        let number = chain.header(hash).unwrap().unwrap().number;
        let is_here = chain.with_dag(|dag| {
            dag.contains(hash)
                || dag
                    .block(&dag.pruning_point())
                    .is_some_and(|root| u64::from(number) <= root.number)
        });
        assert!(is_here, "{hash:?} is not in the DAG");
    }
    follow(chain.db(), reference);
    compare(&chain, reference);
    // The chain goes on, and so does its finality.
    let block = next_block(&chain);
    reference.import_at(block.clone(), NOW_MS).unwrap();
    chain.import_at(block, NOW_MS).unwrap();
    compare(&chain, reference);
    if chain.finalized().number + 1 == chain.best().number {
        assert_eq!(chain.finalized(), reference.finalized());
    }
}

#[test]
fn a_killed_chain_is_the_same_as_one_that_never_was_slow() {
    let folder = tempfile::tempdir().unwrap();
    let seed: u64 = std::env::var("CITRATE_SEED").map_or(11, |seed| seed.parse().unwrap());
    let reference = open(&DbConfig { pruning: Pruning::Keep(8), ..DbConfig::in_memory() }).unwrap();
    let blocks = || reference.db().blocks_from(1, usize::MAX).unwrap().len();
    for kill in 0..KILLS_MAX {
        if kill >= KILLS && blocks() > BLOCKS_MIN {
            break;
        }
        let random = blake2_256(&(seed, kill).encode());
        // The first kills hit the start and the first blocks.
        let most = if kill < 4 { 20 } else { 400 };
        let acknowledgements = u64::from(u16::from_le_bytes([random[0], random[1]])) % most;
        let longer = Duration::from_micros(u64::from(u16::from_le_bytes([random[2], random[3]])));
        let acknowledged = run_and_kill(folder.path(), acknowledgements, longer);
        check(folder.path(), &acknowledged, &reference);
    }
    assert!(blocks() > BLOCKS_MIN, "{} blocks are too few for a pruned DAG", blocks());
    let chain = open(&config(folder.path())).unwrap();
    let root = chain.with_dag(Dag::pruning_point);
    assert_ne!(root, chain.genesis_hash(), "the DAG was pruned");
}
