//! Where each transaction is, for whoever asks by hash.

use std::collections::BTreeMap;

use citrate_core::{H256, OpaqueExtrinsic, TransactionValidityError, UnknownTransaction};
use citrate_dag::{SkipReason, Skipped};
use citrate_db::{TxRecord, TxStatus};

use crate::accepted::BlockTransactions;
use crate::chain::Chain;
use crate::error::ChainError;

/// The code under which a trap is recorded.
const TRAPPED: TransactionValidityError =
    TransactionValidityError::Unknown(UnknownTransaction::Custom(u8::MAX));

/// The reason that is recorded; `None` for a duplicate, whose record is that of its first copy.
fn recorded(reason: &SkipReason) -> Option<TransactionValidityError> {
    match reason {
        SkipReason::Invalid(error) => Some(*error),
        SkipReason::Duplicate => None,
        _ => Some(TRAPPED),
    }
}

/// What the database keeps of skipped transactions.
pub(crate) fn stored(skipped: &[Skipped]) -> Vec<citrate_db::Skipped> {
    let keep = |(candidate, reason): &Skipped| {
        Some(citrate_db::Skipped { hash: candidate.hash, reason: recorded(reason)? })
    };
    skipped.iter().filter_map(keep).collect()
}

impl Chain {
    /// The records of a new block's payload: what nobody has executed waits.
    pub(crate) fn pending_records(
        &self,
        hash: H256,
        payload: &[OpaqueExtrinsic],
    ) -> Result<Vec<(H256, TxRecord)>, ChainError> {
        let mut records = Vec::new();
        for transaction in payload.iter().map(OpaqueExtrinsic::hash) {
            // Of several payloads that carry it, the first one here is named.
            if self.db.transaction(&transaction)?.is_none() {
                records.push((transaction, pending(hash)));
            }
        }
        Ok(records)
    }

    /// The records that a block of the selected chain changes.
    fn records(&self, block: &BlockTransactions) -> Result<Vec<(H256, TxRecord)>, ChainError> {
        let mut records: BTreeMap<H256, TxRecord> = BTreeMap::new();
        for tx in &block.accepted {
            let record = TxRecord {
                payload_block: tx.payload_block,
                accepting_block: Some(block.hash),
                index: Some(tx.index),
                status: TxStatus::Accepted,
            };
            records.insert(tx.hash, record);
        }
        for (hash, payload_block, reason) in &block.skipped {
            if self.is_accepted_elsewhere(hash, &block.hash)? {
                continue;
            }
            let record = TxRecord {
                payload_block: *payload_block,
                accepting_block: Some(block.hash),
                index: None,
                status: TxStatus::Skipped(*reason),
            };
            records.insert(*hash, record);
        }
        for hash in &block.payload {
            let accepted_here = records.get(hash).is_some_and(|r| r.status == TxStatus::Accepted);
            if !accepted_here && !self.is_accepted_elsewhere(hash, &block.hash)? {
                records.insert(*hash, pending(block.hash));
            }
        }
        Ok(records.into_iter().collect())
    }

    /// Lets what these blocks decided wait again. Done before they leave the selected chain: whoever is killed in
    /// between finds them on it at the next start, and enacts them.
    pub(crate) fn retract_records(&self, blocks: &[H256]) -> Result<(), ChainError> {
        for hash in blocks {
            let Some(block) = self.block_transactions(hash)? else { continue };
            let accepted = block.accepted.iter().map(|tx| (tx.hash, tx.payload_block));
            let skipped = block.skipped.iter().map(|(hash, carrier, _)| (*hash, *carrier));
            let mut records = Vec::new();
            for (transaction, carrier) in accepted.chain(skipped) {
                let record = self.db.transaction(&transaction)?;
                // What this block skipped may be accepted by one that stays.
                if record.is_some_and(|record| record.accepting_block == Some(*hash)) {
                    records.push((transaction, pending(carrier)));
                }
            }
            self.db.set_transactions(&records)?;
        }
        Ok(())
    }

    /// Notes what these blocks of the selected chain decided. Done once they are on it, parents first.
    pub(crate) fn enact_records(&self, blocks: &[H256]) -> Result<(), ChainError> {
        for hash in blocks {
            let Some(block) = self.block_transactions(hash)? else { continue };
            let records = self.records(&block)?;
            self.db.set_transactions(&records)?;
        }
        Ok(())
    }

    /// Whether another block of the selected chain accepted the transaction.
    fn is_accepted_elsewhere(&self, hash: &H256, here: &H256) -> Result<bool, ChainError> {
        let Some(record) = self.db.transaction(hash)? else { return Ok(false) };
        let Some(block) = record.accepting_block.filter(|block| block != here) else {
            return Ok(false);
        };
        if record.status != TxStatus::Accepted {
            return Ok(false);
        }
        let Some(header) = self.db.header(&block)? else { return Ok(false) };
        Ok(self.db.hash_at(header.number)? == Some(block))
    }
}

fn pending(payload_block: H256) -> TxRecord {
    TxRecord { payload_block, accepting_block: None, index: None, status: TxStatus::Pending }
}
