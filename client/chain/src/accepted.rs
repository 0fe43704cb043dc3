//! The transactions of a block, as the pool and wallets follow them.

use std::collections::BTreeMap;

use citrate_core::{BlockNumber, H256, OpaqueExtrinsic, TransactionValidityError};

use crate::chain::Chain;
use crate::error::ChainError;

/// A transaction that a block executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedTransaction {
    /// Its hash.
    pub hash: H256,
    /// Its index in the block's accepted list, inherents included.
    pub index: u32,
    /// The block whose payload carried it.
    pub payload_block: H256,
    /// The transaction.
    pub extrinsic: OpaqueExtrinsic,
}

/// The transactions of an executed block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockTransactions {
    /// The block.
    pub hash: H256,
    /// Its number.
    pub number: BlockNumber,
    /// What its own payload proposes.
    pub payload: Vec<H256>,
    /// What it executed from the payloads it merged; inherents are not listed.
    pub accepted: Vec<AcceptedTransaction>,
    /// What it skipped: transaction, the block whose payload carried it, and why.
    pub skipped: Vec<(H256, H256, TransactionValidityError)>,
}

impl Chain {
    /// The transactions of an executed block; `None` when there is no such block.
    ///
    /// # Errors
    /// The database failed.
    pub fn block_transactions(&self, hash: &H256) -> Result<Option<BlockTransactions>, ChainError> {
        let (Some(header), Some(body)) = (self.db.header(hash)?, self.db.accepted(hash)?) else {
            return Ok(None);
        };
        let payload = self.db.payload(hash)?.unwrap_or_default();
        let payload = payload.iter().map(OpaqueExtrinsic::hash).collect();
        let mut transactions = BlockTransactions {
            hash: *hash,
            number: header.number,
            payload,
            accepted: Vec::new(),
            skipped: Vec::new(),
        };
        let mut carriers: BTreeMap<H256, H256> = BTreeMap::new();
        let merged = self.db.merged(hash)?.unwrap_or_default();
        let executed = merged.iter().filter(|block| block.is_executed).map(|block| block.hash);
        for candidate in self.candidates(&executed.collect::<Vec<_>>())? {
            carriers.entry(candidate.hash).or_insert(candidate.payload_block);
        }
        for (index, extrinsic) in (0u32..).zip(body) {
            let hash = extrinsic.hash();
            if let Some(payload_block) = carriers.get(&hash).copied() {
                let accepted = AcceptedTransaction { hash, index, payload_block, extrinsic };
                transactions.accepted.push(accepted);
            }
        }
        for skipped in self.db.skipped(hash)?.unwrap_or_default() {
            if let Some(carrier) = carriers.get(&skipped.hash) {
                transactions.skipped.push((skipped.hash, *carrier, skipped.reason));
            }
        }
        Ok(Some(transactions))
    }
}
