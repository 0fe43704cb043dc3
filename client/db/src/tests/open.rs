//! Opening: locks, other chains, other formats, torn and corrupted journals.

use super::{assert_state, build, extend, genesis, on_disk, open};
use crate::{
    BlockCommit, Db, DbConfig, DbError, Head, Pruning, Sync, columns::FORMAT, journal::Journal,
};
use citrate_core::H256;
use std::{fs, path::Path, sync::Arc};

fn fails(config: &DbConfig) -> DbError {
    Db::open(config).expect_err("must not open")
}

#[test]
fn each_reason_not_to_open_has_its_error() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let config = on_disk(folder.path(), Pruning::Keep(1));
    let db = open(&config);
    let g = genesis(&db);
    assert!(matches!(fails(&config), DbError::Locked { .. }));
    drop(db);

    let other = DbConfig { genesis: Some(H256::zero()), ..config.clone() };
    assert!(matches!(fails(&other), DbError::WrongChain { found, .. } if found == g.hash));
    let archive = DbConfig { pruning: Pruning::Archive, ..config.clone() };
    assert!(matches!(fails(&archive), DbError::PruningMismatch));
    let same = DbConfig { genesis: Some(g.hash), pruning: Pruning::Keep(9), ..config.clone() };
    drop(open(&same));

    let format = folder.path().join("format");
    fs::write(&format, "99").expect("written");
    assert!(matches!(fails(&config), DbError::VersionMismatch { found, .. } if found == "99"));
    fs::remove_file(&format).expect("removed");
    assert!(matches!(fails(&config), DbError::Corrupted(_)));
    fs::write(&format, format!("{FORMAT}\n")).expect("written");
    drop(open(&config));
    fs::write(folder.path().join("tables/metadata"), "nonsense").expect("written");
    assert!(matches!(fails(&config), DbError::Corrupted(_)));

    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    assert!(matches!(fails(&DbConfig::on_disk(file)), DbError::Io(_)));
}

#[test]
fn a_first_start_that_was_killed_is_begun_again() {
    let expected = format!("{FORMAT}\n");
    for sync in [Sync::Process, Sync::Disk] {
        for (name, content) in [("format.new", ""), ("format.new", "4"), ("format", "")] {
            let folder = tempfile::tempdir().expect("temporary folder");
            let file = folder.path().join(name);
            fs::write(&file, content).expect("written");
            let inode = inode(&file);
            let config = DbConfig { sync, ..on_disk(folder.path(), Pruning::Archive) };
            genesis(&open(&config));
            let format = folder.path().join("format");
            assert_eq!(fs::read_to_string(&format).expect("readable"), expected);
            assert!(!folder.path().join("format.new").exists());
            // Only a whole file has the name.
            assert_eq!(inode == self::inode(&format), name == "format.new", "{name}");
            fs::write(&format, "").expect("written");
            assert!(matches!(fails(&config), DbError::VersionMismatch { .. }), "it has tables");
        }
    }
}

/// Which file it is, whatever its name.
fn inode(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).expect("exists").ino()
}

#[test]
fn only_a_database_that_nobody_uses_is_deleted() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("db");
    let db = open(&on_disk(&path, Pruning::Archive));
    let g = genesis(&db);
    assert!(matches!(crate::remove(&path), Err(DbError::Locked { .. })));
    assert_state(&db, &g);
    drop(db);
    crate::remove(&path).expect("deleted");
    assert!(!path.exists());
    assert!(matches!(crate::remove(&path), Err(DbError::Io(_))));
}

#[test]
fn what_waits_for_the_tables_is_found_among_what_they_have() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let config = DbConfig { pruning: Pruning::Archive, ..DbConfig::on_disk(folder.path()) };
    let mut db = open(&config);
    let root = genesis(&db);
    let write = |db: &Arc<Db>, salt: u8, record: u8| {
        let (block, commit) = build(db, Some(&root), salt, &[]);
        let dag = Some(vec![record]);
        db.commit(BlockCommit { dag, head: Head::Unchanged, ..commit }).expect("written");
        block.hash
    };
    // Opening again brings the first half into the tables; the second one is far from filling a group.
    let mut hashes: Vec<H256> = (0..8).map(|salt| write(&db, 2 * salt, 2 * salt)).collect();
    drop(db);
    db = open(&config);
    hashes.extend((0..8).map(|salt| write(&db, 2 * salt + 1, 2 * salt + 1)));
    write(&db, 4, 104);
    db.prune_dag(&root.hash, &[hashes[0], hashes[8]]).expect("written");
    let mut records: Vec<Vec<u8>> =
        (2..16).filter(|record| *record != 4).map(|r| vec![r]).collect();
    records.push(vec![104]);
    hashes.sort_unstable();
    for _ in 0..2 {
        let mut found = db.dag_records().expect("readable");
        found.sort_unstable();
        assert_eq!(found, records);
        assert_eq!(db.children(&root.hash).expect("readable"), hashes);
        let listed = db.blocks_from(1, 100).expect("readable");
        assert_eq!(listed.iter().map(|block| block.hash).collect::<Vec<H256>>(), hashes);
        assert_eq!(db.blocks_from(0, 4).expect("readable").len(), 4);
        drop(db);
        db = open(&config);
    }
}

#[test]
fn everything_is_there_after_reopening() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (round, sync) in [(0u8, Sync::Process), (1, Sync::Disk)] {
        let path = folder.path().join(round.to_string());
        let config = DbConfig { sync, ..on_disk(&path, Pruning::Archive) };
        let mut blocks = vec![genesis(&open(&config))];
        for i in 1..12 {
            let db = open(&config);
            assert_eq!(db.best().expect("genesis").hash, blocks[blocks.len() - 1].hash);
            for j in 0..6 {
                let parent = &blocks[blocks.len() - 1];
                let (block, _) = extend(&db, parent, i, &[(j, Some(i)), (i, Some(j))]);
                blocks.push(block);
            }
            db.finalize(&blocks[blocks.len() - 3].hash).expect("final");
        }
        let db = open(&config);
        assert_eq!(db.finalized().expect("genesis").number, 64);
        for block in &blocks {
            assert_state(&db, block);
            assert_eq!(db.hash_at(block.header.number).expect("readable"), Some(block.hash));
        }
    }
}

#[test]
fn the_journal_is_cut_when_it_is_long() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let config = on_disk(folder.path(), Pruning::Keep(4));
    let db = open(&config);
    let mut block = genesis(&db);
    for i in 0..100u8 {
        block = extend(&db, &block, 1, &[(i, Some(i))]).0;
        let bytes = fs::metadata(folder.path().join("journal")).expect("exists").len();
        assert!(bytes <= config.journal_bytes_max, "{bytes}");
    }
    assert_state(&db, &block);
}

fn frames(path: &Path) -> Result<Vec<(u64, Vec<u8>)>, DbError> {
    let mut frames = Vec::new();
    Journal::open(path, Sync::Process, &mut |number, body| {
        frames.push((number, body.to_vec()));
        Ok(())
    })?;
    Ok(frames)
}

#[test]
fn a_journal_torn_at_any_byte_keeps_the_whole_frames() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("journal");
    let mut journal = Journal::open(&path, Sync::Disk, &mut |_, _| Ok(())).expect("opens");
    let bodies = [vec![1u8; 30], vec![], vec![3; 7]];
    let mut ends = vec![0];
    for (number, body) in (5..).zip(&bodies) {
        journal.append(number, body).expect("written");
        ends.push(journal.bytes());
    }
    drop(journal);
    let whole = fs::read(&path).expect("readable");
    for length in 0..=whole.len() {
        for zeros in [0, 1, 40] {
            let mut torn = whole[..length].to_vec();
            torn.resize(length + zeros, 0);
            fs::write(&path, torn).expect("written");
            let count = ends.iter().filter(|end| **end <= length as u64).count() - 1;
            let expected: Vec<_> = (5..).zip(bodies[..count].iter().cloned()).collect();
            match frames(&path) {
                Ok(read) => assert_eq!(read, expected, "{length} + {zeros}"),
                // Zeros can complete a frame's length, so that what follows looks like a frame.
                Err(DbError::Corrupted(_)) => assert!(zeros > 0 && length as u64 != ends[count]),
                Err(other) => unreachable!("{other}"),
            }
        }
    }
    // A changed byte before the last frame is not a torn write.
    for at in 0..whole.len() {
        let mut bad = whole.clone();
        bad[at] ^= 1;
        fs::write(&path, &bad).expect("written");
        match frames(&path) {
            Ok(read) => assert!(read.len() < bodies.len()),
            Err(error) => assert!(matches!(error, DbError::Corrupted(_))),
        }
    }
    let mut bad = whole;
    bad[25] ^= 1;
    fs::write(&path, &bad).expect("written");
    assert!(matches!(frames(&path), Err(DbError::Corrupted(_))));
}

#[test]
fn a_journal_that_does_not_continue_the_tables_is_corruption() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let config = on_disk(folder.path(), Pruning::Archive);
    genesis(&open(&config));
    let path = folder.path().join("journal");
    let mut journal = Journal::open(&path, Sync::Process, &mut |_, _| Ok(())).expect("opens");
    journal.clear().expect("cleared");
    journal.append(77, &[0]).expect("written");
    drop(journal);
    assert!(matches!(fails(&config), DbError::Corrupted(_)));
}

#[test]
fn a_failed_write_closes_the_database_for_writing() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let config = on_disk(folder.path(), Pruning::Archive);
    let db = open(&config);
    let g = genesis(&db);
    db.backend.break_journal();
    assert!(matches!(db.offchain_set(b"k", Some(b"v")), Err(DbError::Io(_))));
    assert!(matches!(db.offchain_set(b"k", Some(b"v")), Err(DbError::Closed)));
    assert_state(&db, &g);
    drop(db);
    let db = open(&config);
    assert_eq!(db.offchain_get(b"k").expect("readable"), None);
    db.offchain_set(b"k", Some(b"v")).expect("written");
}
