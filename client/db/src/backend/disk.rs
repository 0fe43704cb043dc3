//! Tables on disk: parity-db behind a journal.

use super::{
    Backend,
    group::{Change, Group},
};
use crate::{
    DbConfig, DbError, Sync,
    columns::{COUNT, FORMAT, META, NODES, has_hash_keys},
    journal::Journal,
    op::Op,
};
use codec::{Decode, Encode};
use parity_db::{ColumnOptions, Operation, Options};
use parking_lot::{Mutex, RwLock};
use std::{
    fs::{File, TryLockError},
    io::Write,
    path::Path,
};

/// In `META`: number of the last journal frame that is in the tables.
const APPLIED: &[u8] = b"applied";
const FORMAT_FILE: &str = "format";
/// Becomes the format file once it is whole.
const FORMAT_FILE_NEW: &str = "format.new";
const LOCK_FILE: &str = "lock";
const JOURNAL_FILE: &str = "journal";
const TABLES_FOLDER: &str = "tables";

/// LIMIT: the tables get what was written when it is more than this many bytes.
const GROUP_BYTES_MAX: usize = 1 << 20;

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
    /// Locked before `tables` by who needs both.
    group: RwLock<Group>,
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
        let mut group = Group::default();
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
                group.add(ops);
                applied = number;
                if group.bytes() > GROUP_BYTES_MAX {
                    tables.commit_changes(changes(&mut group, number))?;
                }
                Ok(())
            })?;
        if config.sync == Sync::Disk {
            // The journal's name survives what its frames do.
            sync_folder(path)?;
        }
        if applied == in_tables {
            // The tables were just read from disk, so that all frames are known to be there.
            journal.clear()?;
        } else {
            tables.commit_changes(changes(&mut group, applied))?;
            tracing::info!(target: "db", frames = applied - in_tables, "journal replayed");
        }
        Ok(Self {
            options,
            tables: RwLock::new(Some(tables)),
            group: RwLock::new(group),
            writer: Mutex::new(Writer { journal, next: applied + 1, failed: false }),
            journal_bytes_max: config.journal_bytes_max,
            _lock: lock,
        })
    }

    /// Hands the group to the tables.
    fn flush(&self, writer: &Writer) -> Result<(), DbError> {
        let mut group = self.group.write();
        if group.bytes() > 0 {
            let tables = self.tables.read();
            let tables = tables.as_ref().ok_or(DbError::Closed)?;
            tables.commit_changes(changes(&mut group, writer.next - 1))?;
        }
        Ok(())
    }

    /// Makes the tables durable and cuts the journal.
    ///
    /// parity-db says only by ending that it has written everything: it is closed, opened, and has
    /// to know the last frame.
    fn checkpoint(&self, writer: &mut Writer) -> Result<(), DbError> {
        self.flush(writer)?;
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
        let bytes = {
            let mut group = self.group.write();
            group.add(ops);
            group.bytes()
        };
        if bytes > GROUP_BYTES_MAX {
            self.flush(writer)?;
        }
        if writer.journal.bytes() > self.journal_bytes_max {
            self.checkpoint(writer)?;
        }
        Ok(())
    }
}

impl Backend for Disk {
    fn get(&self, column: u8, key: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
        if let Some(value) = self.group.read().get(column, key) {
            return Ok(value.map(<[u8]>::to_vec));
        }
        let tables = self.tables.read();
        Ok(tables.as_ref().ok_or(DbError::Closed)?.get(column, key)?)
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

impl Drop for Disk {
    fn drop(&mut self) {
        let writer = self.writer.get_mut();
        if writer.failed {
            return;
        }
        let number = writer.next - 1;
        if let (Some(tables), group) = (self.tables.get_mut(), self.group.get_mut())
            && group.bytes() > 0
            && let Err(error) = tables.commit_changes(changes(group, number))
        {
            // The journal has it.
            tracing::debug!(target: "db", %error, "the last writes are replayed at the next start");
        }
    }
}

/// What a group does to the tables, the last frame in it being of this number.
fn changes(group: &mut Group, number: u64) -> impl Iterator<Item = Change> + use<> {
    let mark = (META, Operation::Set(APPLIED.to_vec(), number.to_le_bytes().to_vec()));
    group.take().chain([mark])
}

fn options(path: &Path, sync: Sync) -> Options {
    let columns = (0..COUNT)
        .map(|column| ColumnOptions {
            preimage: column == NODES,
            ref_counted: column == NODES,
            uniform: has_hash_keys(column),
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
    let has_tables = path.join(TABLES_FOLDER).exists();
    match std::fs::read_to_string(path.join(FORMAT_FILE)) {
        // A name whose content was lost with the machine, before anything else was written.
        Ok(found) if found.is_empty() && !has_tables => Ok(write_format(path)?),
        Ok(found) if found.trim() == FORMAT.to_string() => Ok(()),
        Ok(found) => {
            Err(DbError::VersionMismatch { expected: FORMAT, found: found.trim().to_owned() })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if has_tables {
                return Err(DbError::Corrupted("format file is missing".into()));
            }
            Ok(write_format(path)?)
        }
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(DbError::VersionMismatch { expected: FORMAT, found: "unreadable".into() })
        }
        Err(error) => Err(DbError::Io(error)),
    }
}

/// Whoever is killed meanwhile leaves no format file, or a whole one.
fn write_format(path: &Path) -> std::io::Result<()> {
    let new = path.join(FORMAT_FILE_NEW);
    let mut file = File::create(&new)?;
    file.write_all(format!("{FORMAT}\n").as_bytes())?;
    file.sync_all()?;
    std::fs::rename(new, path.join(FORMAT_FILE))?;
    sync_folder(path)
}

/// Makes the names in a folder durable.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}
