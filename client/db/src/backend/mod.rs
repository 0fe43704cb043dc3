//! Where the tables are: on disk or in memory.

mod disk;
mod group;
mod memory;

use crate::{DbError, op::Op};
pub(crate) use disk::Disk;
pub use disk::remove;
pub(crate) use memory::Memory;

/// Tables of keys and values.
pub(crate) trait Backend: Send + Sync {
    /// The value of a key.
    fn get(&self, column: u8, key: &[u8]) -> Result<Option<Vec<u8>>, DbError>;

    /// Does all operations in this order or, when the process ends early, none.
    fn write(&self, ops: Vec<Op>) -> Result<(), DbError>;

    /// The stored nodes and their uses.
    #[cfg(test)]
    fn nodes(&self) -> std::collections::BTreeMap<citrate_core::H256, u32>;

    /// Makes every further write to the journal fail.
    #[cfg(test)]
    fn break_journal(&self) {}
}
