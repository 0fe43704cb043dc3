//! How to open a database.

use citrate_core::H256;
use std::path::PathBuf;

/// Which old states, or blocks, are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pruning {
    /// Every one, also those of abandoned forks.
    Archive,
    /// The last finalised one, this many before it, and all that are not finalised.
    Keep(u32),
}

/// What an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// The process being killed.
    Process,
    /// The machine losing power as well, at the price of a disk flush for each write.
    Disk,
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct DbConfig {
    /// The database's folder; `None` keeps everything in memory.
    pub path: Option<PathBuf>,
    /// Which old states are kept. Archive or not is fixed when the database is created.
    pub pruning: Pruning,
    /// Which old blocks are kept: all, or so many behind the finalised one, and what the DAG still
    /// needs. Of the others there are the headers of the selected chain.
    pub blocks: Pruning,
    /// LIMIT: bytes of trie nodes that are cached.
    pub cache_bytes: usize,
    /// What an acknowledged write survives.
    pub sync: Sync,
    /// Refuse a database of a chain with another genesis block.
    pub genesis: Option<H256>,
    /// LIMIT: the journal is emptied into the tables when it is longer than this.
    pub journal_bytes_max: u64,
}

impl DbConfig {
    /// A database in memory that forgets nothing.
    pub fn in_memory() -> Self {
        Self {
            path: None,
            pruning: Pruning::Archive,
            blocks: Pruning::Archive,
            cache_bytes: 16 << 20,
            sync: Sync::Process,
            genesis: None,
            journal_bytes_max: 16 << 20,
        }
    }

    /// A database in this folder that keeps 256 finalised states.
    pub fn on_disk(path: impl Into<PathBuf>) -> Self {
        Self {
            path: Some(path.into()),
            pruning: Pruning::Keep(256),
            cache_bytes: 64 << 20,
            ..Self::in_memory()
        }
    }
}
