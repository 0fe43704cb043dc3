//! Taking blocks.

use std::time::{SystemTime, UNIX_EPOCH};

use citrate_core::{BlockNumber, H256};
use citrate_dag::ghostdag::Status;
use citrate_dag::{CheckedHeader, HeaderError, check_payload};
use citrate_dag_types::{DagBlock, DagDigest};
use citrate_db::{BlockCommit, Head};

use crate::chain::Chain;
use crate::dag;
use crate::error::ImportError;
use crate::event::ChainEvent;
use crate::select::Mismatch;

/// What became of an imported block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockStatus {
    /// It is the tip of the selected chain.
    Best,
    /// It is in the DAG, and the selected chain ends in another block. Whether it is executed
    /// depends on what builds on it.
    Side,
    /// It is kept and can never be on the selected chain.
    Disqualified(Mismatch),
}

/// A block that was imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its hash.
    pub hash: H256,
    /// Its number.
    pub number: BlockNumber,
    /// What became of it.
    pub status: BlockStatus,
}

impl Chain {
    /// Takes a block, by the machine's clock. See [`Self::import_at`].
    ///
    /// # Errors
    /// As [`Self::import_at`].
    pub fn import(&self, block: DagBlock) -> Result<Imported, ImportError> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.import_at(block, u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// Takes a block: checks its header and payload, puts it in the DAG, stores it, and moves the
    /// selected chain and finality, which executes what a better chain needs. When this returns, the
    /// block survives the process being killed.
    ///
    /// # Errors
    /// See [`ImportError`]. Nothing of the block is kept then, except when our own side failed. After the
    /// block was stored the next import goes on with it. A block that the database could not store is
    /// known until the process ends and gone then, and after a write that failed the database takes no other.
    pub fn import_at(&self, block: DagBlock, now_ms: u64) -> Result<Imported, ImportError> {
        let mut importing = self.importing.lock();
        let (hash, number) = (block.hash(), block.header.number);
        let digest = DagDigest::from_header(&block.header).map_err(HeaderError::from)?;
        self.check_known(hash, &block, &digest)?;
        self.prepare(hash, &block.header.parent_hash, digest.slot)?;
        let (checked, configuration) = self.check_header_at(&block.header, digest.slot, now_ms)?;
        check_payload(&checked.digest, &block.payload, &configuration)?;
        let pending = self.pending_records(hash, &block.payload)?;
        self.insert(hash, &checked)?;
        self.db.commit(BlockCommit {
            hash,
            header: block.header,
            payload: block.payload,
            executed: None,
            head: Head::Unchanged,
            transactions: pending,
            dag: self.dag_record(&hash),
        })?;
        self.send(ChainEvent::Added { hash });
        let mismatches = self.advance(&mut importing)?;
        let is_disqualified = self.dag.read().status(&hash) == Some(Status::Disqualified);
        let status = if self.best().hash == hash {
            BlockStatus::Best
        } else if is_disqualified {
            let own = mismatches.iter().find(|(block, _)| *block == hash);
            BlockStatus::Disqualified(own.map_or(Mismatch::Parent, |(_, mismatch)| *mismatch))
        } else {
            BlockStatus::Side
        };
        Ok(Imported { hash, number, status })
    }

    /// Whether the block is new, its parents are here, and something may still merge it.
    fn check_known(
        &self,
        hash: H256,
        block: &DagBlock,
        digest: &DagDigest,
    ) -> Result<(), ImportError> {
        let dag = self.dag.read();
        if dag.contains(&hash) || self.db.header(&hash)?.is_some() {
            return Err(ImportError::AlreadyKnown(hash));
        }
        for parent in dag::parents(&block.header, digest) {
            if dag.contains(&parent) {
                continue;
            }
            let is_forgotten = self.db.header(&parent)?.is_some();
            return Err(match is_forgotten {
                true => ImportError::TooOld(hash),
                false => ImportError::UnknownParent(parent),
            });
        }
        let finalised = dag.producer(&dag.finalised()).map_or(0, |producer| producer.slot);
        let window = dag.rules().merge_slots_max.unwrap_or(u64::MAX);
        if digest.slot.0.saturating_add(window) < finalised {
            return Err(ImportError::TooOld(hash));
        }
        Ok(())
    }

    /// Puts a block in the DAG, if it is what its digest says.
    fn insert(&self, hash: H256, checked: &CheckedHeader) -> Result<(), ImportError> {
        let new = dag::new_block(hash, checked);
        let mut dag = self.dag.write();
        let refused = |error| ImportError::of_dag(hash, error);
        match self.check_mergeset(&dag, &new, &checked.digest) {
            // `insert` finds that again, and remembers it.
            Ok(()) | Err(ImportError::Dag(_)) => {}
            Err(other) => return Err(other),
        }
        dag.insert(&new).map_err(refused)?;
        dag.add_payload(&hash);
        Ok(())
    }
}
