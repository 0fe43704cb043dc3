//! What the DAG knows of its blocks: kept for the caller, in the caller's encoding.

use crate::{
    Db, DbError,
    columns::{DAG, META},
    op::Op,
};
use citrate_core::H256;

/// In `META`: the lowest block of the DAG.
pub(crate) const ROOT_KEY: &[u8] = b"dag";

impl Db {
    /// The records of all blocks that were not pruned from the DAG, in no useful order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn dag_records(&self) -> Result<Vec<Vec<u8>>, DbError> {
        let mut keys = Vec::new();
        self.backend.scan(DAG, &[], &mut |key| {
            keys.push(key.to_vec());
            true
        })?;
        let missing = || DbError::Corrupted("a block of the DAG without a record".into());
        keys.iter().map(|key| self.get(DAG, key)?.ok_or_else(missing)).collect()
    }

    /// The block below which the DAG was pruned; `None` before it ever was.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn dag_root(&self) -> Result<Option<H256>, DbError> {
        self.read(META, ROOT_KEY)
    }

    /// Forgets the DAG's records of blocks, and notes the lowest block that is left. Headers and
    /// payloads stay.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn prune_dag(&self, root: &H256, gone: &[H256]) -> Result<(), DbError> {
        let _writing = self.writer.lock();
        let mut ops = vec![Op::set(META, ROOT_KEY, root)];
        ops.extend(gone.iter().map(|hash| Op::remove(DAG, hash)));
        self.backend.write(ops)
    }
}
