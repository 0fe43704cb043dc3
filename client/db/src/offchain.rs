//! Local storage of off-chain workers, and records of other parts of the node.

use crate::{
    Db, DbError,
    columns::{AUXILIARY, OFFCHAIN},
    op::Op,
};

impl Db {
    /// A value of the off-chain storage. The key includes the kind of storage.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn offchain_get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
        self.get(OFFCHAIN, key)
    }

    /// Sets a value of the off-chain storage, or removes it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn offchain_set(&self, key: &[u8], value: Option<&[u8]>) -> Result<(), DbError> {
        let _writing = self.writer.lock();
        self.backend.write(vec![put(OFFCHAIN, key, value)])
    }

    /// Sets a value of the off-chain storage if it is `old`; says whether it was.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn offchain_compare_and_set(
        &self,
        key: &[u8],
        old: Option<&[u8]>,
        new: &[u8],
    ) -> Result<bool, DbError> {
        let _writing = self.writer.lock();
        if self.get(OFFCHAIN, key)?.as_deref() != old {
            return Ok(false);
        }
        self.backend.write(vec![put(OFFCHAIN, key, Some(new))])?;
        Ok(true)
    }

    /// A record of another part of the node, such as a finality vote.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn auxiliary_get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
        self.get(AUXILIARY, key)
    }

    /// Sets or removes records of another part of the node, all or none of them.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn auxiliary_set(&self, records: &[(&[u8], Option<&[u8]>)]) -> Result<(), DbError> {
        let _writing = self.writer.lock();
        let ops = records.iter().map(|(key, value)| put(AUXILIARY, key, *value)).collect();
        self.backend.write(ops)
    }
}

fn put(column: u8, key: &[u8], value: Option<&[u8]>) -> Op {
    let key = key.to_vec();
    match value {
        Some(value) => Op::Set { column, key, value: value.to_vec() },
        None => Op::Remove { column, key },
    }
}
