//! What is kept with a header, and which blocks there are.

use crate::{Db, DbError, columns::BY_NUMBER, op::Op};
use citrate_core::{BlockNumber, H256, Header};
use codec::{Decode, Encode};
use std::collections::{BTreeMap, btree_map::Entry};

/// A value of `HEADERS`: one for each block, because a row more in any table costs as much as all that is in this one.
#[derive(Debug, Clone, Encode, Decode)]
pub(crate) struct Row {
    /// First, so that it can be read alone.
    pub(crate) header: Header,
    /// Whether the payload is in `PAYLOADS`, or was or will be: an empty one never is.
    pub(crate) has_payload: bool,
    /// What the DAG knows of the block, in the caller's encoding, until it is pruned from the DAG.
    pub(crate) dag: Option<Vec<u8>>,
}

/// What a write changes in `BY_NUMBER`, where several blocks share a row.
pub(crate) struct Numbers<'a> {
    db: &'a Db,
    rows: BTreeMap<BlockNumber, Vec<H256>>,
}

impl<'a> Numbers<'a> {
    pub(crate) fn new(db: &'a Db) -> Self {
        Self { db, rows: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, number: BlockNumber, hash: &H256) -> Result<(), DbError> {
        let hashes = self.row(number)?;
        if let Err(place) = hashes.binary_search(hash) {
            hashes.insert(place, *hash);
        }
        Ok(())
    }

    pub(crate) fn remove(&mut self, number: BlockNumber, hash: &H256) -> Result<(), DbError> {
        self.row(number)?.retain(|other| other != hash);
        Ok(())
    }

    fn row(&mut self, number: BlockNumber) -> Result<&mut Vec<H256>, DbError> {
        Ok(match self.rows.entry(number) {
            Entry::Occupied(row) => row.into_mut(),
            Entry::Vacant(row) => row.insert(self.db.hashes_at(number)?),
        })
    }

    pub(crate) fn into_ops(self) -> impl Iterator<Item = Op> {
        self.rows.into_iter().map(|(number, hashes)| match hashes.is_empty() {
            true => Op::remove(BY_NUMBER, number.to_be_bytes()),
            false => Op::set(BY_NUMBER, number.to_be_bytes(), &hashes),
        })
    }
}
