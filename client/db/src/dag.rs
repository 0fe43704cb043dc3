//! What the DAG knows of its blocks: kept for the caller, in the caller's encoding.

use crate::{
    Db, DbError,
    columns::{HEADERS, META},
    op::Op,
    row::Row,
};
use citrate_core::{BlockNumber, H256};
use codec::{Decode, Encode};
use std::collections::BTreeSet;

/// In `META`: the [`DagRoot`].
pub(crate) const ROOT_KEY: &[u8] = b"dag";

/// Where the DAG begins.
#[derive(Debug, Clone, Copy, Encode, Decode)]
pub(crate) struct DagRoot {
    /// Its lowest block, above which everything is.
    pub(crate) block: H256,
    /// No block of the DAG has a lower number; beside the root there may be some with a lower one than its own.
    pub(crate) from: BlockNumber,
}

impl Db {
    /// The records of all blocks that were not pruned from the DAG, lowest number first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn dag_records(&self) -> Result<Vec<Vec<u8>>, DbError> {
        let (from, root) = match self.dag_start()? {
            Some(root) => (root.from, self.header(&root.block)?.map_or(0, |header| header.number)),
            None => (0, 0),
        };
        let mut records = Vec::new();
        for number in from..=BlockNumber::MAX {
            let hashes = self.hashes_at(number)?;
            // Of a database that starts at a later block not all numbers below the root are here.
            if hashes.is_empty() && number > root {
                break;
            }
            for hash in hashes {
                records.extend(self.row(&hash)?.and_then(|row| row.dag));
            }
        }
        Ok(records)
    }

    /// The block below which the DAG was pruned; `None` before it ever was.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn dag_root(&self) -> Result<Option<H256>, DbError> {
        Ok(self.dag_start()?.map(|root| root.block))
    }

    fn dag_start(&self) -> Result<Option<DagRoot>, DbError> {
        self.read(META, ROOT_KEY)
    }

    /// Forgets the DAG's records of blocks, and notes the lowest block that is left. Headers and
    /// payloads stay.
    ///
    /// # Errors
    /// [`DbError::UnknownBlock`] for a lowest block that is not here, or when the database cannot be read or written.
    pub fn prune_dag(&self, root: &H256, gone: &[H256]) -> Result<(), DbError> {
        let _writing = self.writer.lock();
        let number = self.header(root)?.ok_or(DbError::UnknownBlock(*root))?.number;
        let mut from = self.dag_start()?.map_or(0, |root| root.from);
        let mut ops = Vec::new();
        for hash in gone {
            if let Some(row) = self.row(hash)? {
                ops.push(Op::set(HEADERS, hash, &Row { dag: None, ..row }));
            }
        }
        let gone: BTreeSet<&H256> = gone.iter().collect();
        while from < number {
            let left = self.hashes_at(from)?.into_iter().filter(|hash| !gone.contains(hash));
            let rows = left.map(|hash| self.row(&hash)).collect::<Result<Vec<_>, _>>()?;
            if rows.into_iter().flatten().any(|row| row.dag.is_some()) {
                break;
            }
            from += 1;
        }
        ops.push(Op::set(META, ROOT_KEY, &DagRoot { block: *root, from }));
        self.backend.write(ops)
    }
}
