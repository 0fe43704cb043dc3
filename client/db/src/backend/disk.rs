//! Tables on disk: parity-db behind a journal.

use super::Backend;
use crate::{
    DbConfig, DbError, Sync,
    columns::{COUNT, FORMAT, META, NODES, has_hash_keys, is_ordered},
    journal::Journal,
    op::Op,
};
use codec::{Decode, Encode};
use parity_db::{ColumnOptions, Operation, Options};
use parking_lot::{Mutex, RwLock};
use std::{
    fs::{File, TryLockError},
    path::Path,
};

/// In `META`: number of the last journal frame that is in the tables.
const APPLIED: &[u8] = b"applied";
const FORMAT_FILE: &str = "format";
const LOCK_FILE: &str = "lock";
const JOURNAL_FILE: &str = "journal";
const TABLES_FOLDER: &str = "tables";

type Change = (u8, Operation<Vec<u8>, Vec<u8>>);

struct Writer {
    journal: Journal,
    /// Number of the next frame.
    next: u64,
    failed: bool,
}

/// Tables on disk.
pub(crate) struct Disk {
    options: Options,
    /// `None` only if reopening failed, which also sets `Writer::failed`.
    tables: RwLock<Option<parity_db::Db>>,
    writer: Mutex<Writer>,
    journal_bytes_max: u64,
    /// Held, not read: other processes cannot take it while this one lives.
    _lock: File,
}

impl Disk {
    pub(crate) fn open(path: &Path, config: &DbConfig) -> Result<Self, DbError> {
        std::fs::create_dir_all(path)?;
        let lock = lock(path)?;
        check_format(path)?;
        let options = options(&path.join(TABLES_FOLDER), config.sync);
        let tables = parity_db::Db::open_or_create(&options)?;
        let mut applied = applied(&tables)?;
        let in_tables = applied;
        let mut journal =
            Journal::open(&path.join(JOURNAL_FILE), config.sync, &mut |number, body| {
                if number <= applied {
                    return Ok(());
                }
                if number != applied + 1 {
                    return Err(DbError::Corrupted(format!("journal begins at frame {number}")));
                }
                let ops = Vec::<Op>::decode(&mut &*body)
                    .map_err(|_bad| DbError::Corrupted(format!("journal frame {number}")))?;
                tables.commit_changes(changes(ops, number))?;
                applied = number;
                Ok(())
            })?;
        if applied == in_tables {
            // The tables were just read from disk, so that all frames are known to be there.
            journal.clear()?;
        } else {
            tracing::info!(target: "db", frames = applied - in_tables, "journal replayed");
        }
        Ok(Self {
            options,
            tables: RwLock::new(Some(tables)),
            writer: Mutex::new(Writer { journal, next: applied + 1, failed: false }),
            journal_bytes_max: config.journal_bytes_max,
            _lock: lock,
        })
    }

    /// Makes the tables durable and cuts the journal.
    ///
    /// parity-db says only by ending that it has written everything: it is closed, opened, and has
    /// to know the last frame.
    fn checkpoint(&self, writer: &mut Writer) -> Result<(), DbError> {
        let mut tables = self.tables.write();
        drop(tables.take());
        let reopened = parity_db::Db::open(&self.options)?;
        let applied = applied(&reopened)?;
        *tables = Some(reopened);
        drop(tables);
        if applied + 1 != writer.next {
            return Err(DbError::Corrupted(format!(
                "tables end at frame {applied} of {}",
                writer.next - 1
            )));
        }
        writer.journal.clear()
    }

    fn try_write(&self, writer: &mut Writer, ops: Vec<Op>) -> Result<(), DbError> {
        let number = writer.next;
        writer.journal.append(number, &ops.encode())?;
        writer.next = number + 1;
        {
            let tables = self.tables.read();
            let tables = tables.as_ref().ok_or(DbError::Closed)?;
            tables.commit_changes(changes(ops, number))?;
        }
        if writer.journal.bytes() > self.journal_bytes_max {
            self.checkpoint(writer)?;
        }
        Ok(())
    }
}

impl Backend for Disk {
    fn get(&self, column: u8, key: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
        let tables = self.tables.read();
        Ok(tables.as_ref().ok_or(DbError::Closed)?.get(column, key)?)
    }

    fn scan(
        &self,
        column: u8,
        from: &[u8],
        visit: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), DbError> {
        let tables = self.tables.read();
        let mut iter = tables.as_ref().ok_or(DbError::Closed)?.iter(column)?;
        iter.seek(from)?;
        while let Some((key, _)) = iter.next()? {
            if !visit(&key) {
                break;
            }
        }
        Ok(())
    }

    fn write(&self, ops: Vec<Op>) -> Result<(), DbError> {
        let mut writer = self.writer.lock();
        if writer.failed {
            return Err(DbError::Closed);
        }
        let result = self.try_write(&mut writer, ops);
        writer.failed = result.is_err();
        result
    }

    #[cfg(test)]
    fn nodes(&self) -> std::collections::BTreeMap<citrate_core::H256, u32> {
        // Reopening brings everything into the tables, which alone can be walked.
        self.checkpoint(&mut self.writer.lock()).expect("reopens");
        let mut nodes = std::collections::BTreeMap::new();
        let tables = self.tables.read();
        tables
            .as_ref()
            .expect("open")
            .iter_column_while(NODES, |entry| {
                let hash = citrate_core::hashing::blake2_256(&entry.value);
                nodes.insert(hash.into(), entry.rc);
                true
            })
            .expect("readable");
        nodes
    }

    #[cfg(test)]
    fn break_journal(&self) {
        self.writer.lock().journal.break_file();
    }
}

fn changes(ops: Vec<Op>, number: u64) -> impl Iterator<Item = Change> {
    let mark = (META, Operation::Set(APPLIED.to_vec(), number.to_le_bytes().to_vec()));
    ops.into_iter().flat_map(operations).chain([mark])
}

fn operations(op: Op) -> Vec<Change> {
    match op {
        Op::Set { column, key, value } => vec![(column, Operation::Set(key, value))],
        Op::Remove { column, key } => vec![(column, Operation::Dereference(key))],
        Op::Use { hash, node, count } => {
            let key = hash.0.to_vec();
            let more = (1..count).map(|_| (NODES, Operation::Reference(key.clone())));
            let mut changes = vec![(NODES, Operation::Set(key.clone(), node))];
            changes.extend(more);
            changes
        }
        Op::Release { hash, count } => {
            (0..count).map(|_| (NODES, Operation::Dereference(hash.0.to_vec()))).collect()
        }
    }
}

fn options(path: &Path, sync: Sync) -> Options {
    let columns = (0..COUNT)
        .map(|column| ColumnOptions {
            preimage: column == NODES,
            ref_counted: column == NODES,
            uniform: has_hash_keys(column),
            btree_index: is_ordered(column),
            ..ColumnOptions::default()
        })
        .collect();
    let to_disk = sync == Sync::Disk;
    Options {
        columns,
        sync_wal: to_disk,
        sync_data: to_disk,
        stats: false,
        ..Options::with_columns(path, COUNT)
    }
}

fn applied(tables: &parity_db::Db) -> Result<u64, DbError> {
    match tables.get(META, APPLIED)? {
        Some(number) => match <[u8; 8]>::try_from(number) {
            Ok(number) => Ok(u64::from_le_bytes(number)),
            Err(_) => Err(DbError::Corrupted("number of the last journal frame".into())),
        },
        None => Ok(0),
    }
}

fn lock(path: &Path) -> Result<File, DbError> {
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path.join(LOCK_FILE))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DbError::Locked { path: path.to_path_buf() }),
        Err(TryLockError::Error(error)) => Err(DbError::Io(error)),
    }
}

/// Deletes a database, unless another process has it open.
///
/// # Errors
/// [`DbError::Locked`] or [`DbError::Io`].
pub fn remove(path: &Path) -> Result<(), DbError> {
    let lock = lock(path)?;
    std::fs::remove_dir_all(path)?;
    // Held until here, so that nobody opens what is being deleted.
    drop(lock);
    Ok(())
}

fn check_format(path: &Path) -> Result<(), DbError> {
    let file = path.join(FORMAT_FILE);
    match std::fs::read_to_string(&file) {
        Ok(found) if found.trim() == FORMAT.to_string() => Ok(()),
        Ok(found) => {
            Err(DbError::VersionMismatch { expected: FORMAT, found: found.trim().to_owned() })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if path.join(TABLES_FOLDER).exists() {
                return Err(DbError::Corrupted("format file is missing".into()));
            }
            Ok(std::fs::write(file, format!("{FORMAT}\n"))?)
        }
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(DbError::VersionMismatch { expected: FORMAT, found: "unreadable".into() })
        }
        Err(error) => Err(DbError::Io(error)),
    }
}
