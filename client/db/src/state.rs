//! A block's state: its record, and reading it.

use crate::{
    Db, DbError,
    columns::{STATES, USES},
    op::Op,
};
use citrate_core::{BlockNumber, H256};
use citrate_trie::{NodeDelta, NodeStore, StateView, TrieError};
use codec::{Decode, Encode};
use std::sync::Arc;

/// What is kept of a state besides its nodes: little, because every read of the state begins here.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct StateRecord {
    pub(crate) root: H256,
    pub(crate) parent: H256,
    pub(crate) number: BlockNumber,
    /// On a fork that can never become final; only archives keep such states.
    pub(crate) abandoned: bool,
}

/// How a state's nodes differ from its parent's, until it is final and the parent forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Uses {
    /// Uses of nodes that the state added, to give back when the block is abandoned.
    pub(crate) inserted: Vec<(H256, u32)>,
    /// Uses of nodes that the state dropped, to give back when its parent is forgotten.
    pub(crate) removed: Vec<(H256, u32)>,
}

impl Db {
    /// The state after this block.
    ///
    /// # Errors
    /// [`DbError::UnknownBlock`], [`DbError::NotExecuted`] or [`DbError::StatePruned`].
    pub fn state_at(self: &Arc<Self>, hash: &H256) -> Result<StateView, DbError> {
        if let Some(record) = self.state_record(hash)? {
            return Ok(StateView::new(Arc::<Self>::clone(self), record.root));
        }
        let header = self.header(hash)?.ok_or(DbError::UnknownBlock(*hash))?;
        let was_executed = self.get(crate::columns::ACCEPTED, hash.as_bytes())?.is_some();
        let finalized = self.finalized().is_some_and(|block| header.number <= block.number);
        Err(if was_executed || finalized {
            DbError::StatePruned(*hash)
        } else {
            DbError::NotExecuted(*hash)
        })
    }

    /// Whether the state after this block can be read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn has_state(&self, hash: &H256) -> Result<bool, DbError> {
        Ok(self.state_record(hash)?.is_some())
    }

    pub(crate) fn state_record(&self, hash: &H256) -> Result<Option<StateRecord>, DbError> {
        self.read(STATES, hash.as_bytes())
    }

    /// The uses of a state that is not an archive's.
    pub(crate) fn uses(&self, hash: &H256) -> Result<Uses, DbError> {
        let uses = self.read(USES, hash.as_bytes())?;
        uses.ok_or_else(|| DbError::Corrupted(format!("no uses of nodes for block {hash:?}")))
    }

    /// Operations that store a new state's nodes.
    pub(crate) fn use_nodes(&self, delta: NodeDelta, ops: &mut Vec<Op>) {
        let mut cache = self.nodes.lock();
        for (hash, node, count) in delta.inserted {
            cache.insert(hash, &node);
            ops.push(Op::Use { hash, node, count });
        }
    }
}

impl NodeStore for Db {
    fn node(&self, hash: &H256) -> Result<Option<Vec<u8>>, TrieError> {
        if let Some(node) = self.nodes.lock().get(hash) {
            return Ok(Some(node));
        }
        let node = self
            .get(crate::columns::NODES, hash.as_bytes())
            .map_err(|error| TrieError::Store(Box::new(error)))?;
        if let Some(node) = &node {
            self.nodes.lock().insert(*hash, node);
        }
        Ok(node)
    }
}
