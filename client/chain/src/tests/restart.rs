use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use citrate_core::{H256, OpaqueExtrinsic};
use citrate_dag_types::DagBlock;
use citrate_db::{Db, DbConfig, TxStatus};

use super::{NOW_MS, extend, status};
use crate::testing::{TestRuntime, balance, block_by, genesis, open, open_of, transfer};
use crate::{Chain, ChainConfig, ChainError};

#[test]
fn a_restart_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let config = DbConfig::on_disk(folder.path());
    let tx = transfer(0, 1, 0, 100);
    let (best, finalized) = {
        let chain = open(&config).unwrap();
        extend(&chain, vec![]);
        extend(&chain, vec![tx.clone()]);
        (chain.best(), chain.finalized())
    };
    let chain = open(&config).unwrap();
    assert_eq!((chain.best(), chain.finalized()), (best, finalized));
    assert_eq!(status(&chain, &tx), Some(TxStatus::Pending));
    let accepting = extend(&chain, vec![]);
    assert_eq!(chain.best().number, 3);
    assert_eq!(balance(&chain, &accepting, 1), 1_100, "the payload was not lost");
    assert_eq!(status(&chain, &tx), Some(TxStatus::Accepted));
}

/// Copies a database's folder, with so much of its journal.
fn copy(from: &Path, to: &Path, journal: usize) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target, journal);
        } else if entry.file_name() == "journal" {
            fs::write(target, &fs::read(entry.path()).unwrap()[..journal]).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Where the journal's frames end: see `docs/design/db.md`.
fn frame_ends(journal: &[u8]) -> Vec<usize> {
    let mut ends = vec![0];
    while let Some(length) = journal.get(ends[ends.len() - 1]..).and_then(<[u8]>::first_chunk) {
        let body = usize::try_from(u32::from_le_bytes(*length)).unwrap();
        ends.push(ends[ends.len() - 1] + 20 + body);
    }
    ends
}

/// The records say what the selected chain has of these transactions.
fn assert_records(chain: &Chain, transactions: &[OpaqueExtrinsic]) {
    let mut accepting: BTreeMap<H256, H256> = BTreeMap::new();
    for number in 1..=chain.best().number {
        let hash = chain.hash_at(number).unwrap().unwrap();
        let block = chain.block_transactions(&hash).unwrap().unwrap();
        accepting.extend(block.accepted.iter().map(|tx| (tx.hash, hash)));
    }
    for transaction in transactions.iter().map(OpaqueExtrinsic::hash) {
        let record = chain.transaction(&transaction).unwrap();
        let expected = accepting.get(&transaction).copied();
        let is_accepted = record.as_ref().is_some_and(|r| r.status == TxStatus::Accepted);
        assert_eq!(is_accepted, expected.is_some());
        assert_eq!(record.and_then(|record| record.accepting_block), expected);
    }
}

/// Makes blocks of one author above each other, the first with this payload.
fn branch(
    chain: &Chain,
    author: u8,
    length: u64,
    mut payload: Vec<OpaqueExtrinsic>,
) -> Vec<DagBlock> {
    let mut parent = chain.genesis_hash();
    let next = |slot| {
        let payload = std::mem::take(&mut payload);
        let block = block_by(author, chain, vec![parent], slot, payload).unwrap();
        parent = chain.import_at(block.clone(), NOW_MS).unwrap().hash;
        block
    };
    (10..10 + length).map(next).collect()
}

#[test]
fn a_reorganisation_that_is_cut_short_leaves_every_record_right() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    let journal = || fs::read(whole.join("journal")).unwrap();
    let transactions = [transfer(0, 3, 0, 1), transfer(1, 3, 0, 2), transfer(2, 3, 0, 3)];
    let [common, left, right] = transactions.clone();
    let chain = open_of(2, &DbConfig::on_disk(&whole)).unwrap();
    branch(&chain, 0, 2, vec![common.clone(), left.clone()]);
    assert_eq!(status(&chain, &left), Some(TxStatus::Accepted));
    let elsewhere = open_of(2, &DbConfig::in_memory()).unwrap();
    let longer = branch(&elsewhere, 1, 3, vec![right, common]);
    let before = journal().len();
    for block in longer {
        chain.import_at(block, NOW_MS).unwrap();
    }
    assert_eq!(chain.best(), elsewhere.best());
    assert_eq!(status(&chain, &left), Some(TxStatus::Pending));
    assert_records(&chain, &transactions);
    // A process that is killed leaves what it wrote up to some frame of the journal.
    let ends = frame_ends(&journal()).into_iter().filter(|end| *end >= before);
    let ends: Vec<usize> = ends.collect();
    assert!(ends.len() > 6, "{ends:?}");
    for end in ends {
        let path = folder.path().join(end.to_string());
        copy(&whole, &path, end);
        let chain = open_of(2, &DbConfig::on_disk(&path)).unwrap();
        assert_records(&chain, &transactions);
    }
}

#[test]
fn another_genesis_is_refused() {
    let db = Arc::new(Db::open(&DbConfig::in_memory()).unwrap());
    let open = |state: &crate::GenesisState| {
        Chain::open(Arc::clone(&db), Arc::new(TestRuntime), state, ChainConfig::default())
    };
    let hash = open(&genesis()).unwrap().genesis_hash();
    assert_eq!(open(&genesis()).unwrap().genesis_hash(), hash);
    let mut other = genesis();
    other.top.insert(b"x".to_vec(), vec![1]);
    let refused = open(&other).unwrap_err();
    assert!(matches!(refused, ChainError::OtherGenesis { found, .. } if found == hash));
    other.top.clear();
    assert!(matches!(open(&other).unwrap_err(), ChainError::NoCode { .. }));
}
