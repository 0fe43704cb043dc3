//! Forgetting old blocks: what they proposed and executed, and those beside the selected chain.

use crate::{
    Db, DbError, Pruning,
    columns::{ACCEPTED, HEADERS, META, PAYLOADS, TRANSACTIONS},
    op::Op,
    row::Numbers,
};
use citrate_core::{BlockNumber, H256, Header, OpaqueExtrinsic};
use codec::{Decode, Encode};

/// In `META`: the [`Bodies`].
pub(crate) const BODIES_KEY: &[u8] = b"bodies";
/// LIMIT: blocks that one call forgets, but for the mergeset that it has begun.
const FORGET_MAX: usize = 128;
/// LIMIT: rows that one call looks at.
const ROWS_MAX: usize = 512;

/// Down to where blocks are whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Bodies {
    /// From this number of the selected chain on, accepted lists and what they were made of are here.
    pub(crate) from: BlockNumber,
    /// Blocks beside the selected chain below this number are gone.
    pub(crate) side_from: BlockNumber,
}

impl Default for Bodies {
    fn default() -> Self {
        Self { from: 1, side_from: 1 }
    }
}

impl Db {
    /// The lowest block of the selected chain whose accepted list, merged blocks and their payloads are
    /// here.
    pub fn bodies_from(&self) -> BlockNumber {
        self.bodies.read().from
    }

    /// Which old blocks are kept.
    pub fn blocks_pruning(&self) -> Pruning {
        self.blocks_pruning
    }

    /// Forgets what blocks of the selected chain executed, up to the one with number `last`: the accepted
    /// list, the payloads that it was made of, the merged blocks that are not of the chain, and the
    /// records of their transactions. Headers of the chain stay. The caller vouches that nothing that
    /// is not final needs them. Returns how many blocks were forgotten; a call forgets a bounded
    /// number, so that it has to be repeated.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub fn forget_bodies(&self, last: BlockNumber) -> Result<usize, DbError> {
        let _writing = self.writer.lock();
        let mut bodies = *self.bodies.read();
        let (mut ops, mut count) = (Vec::new(), 0);
        let mut numbers = Numbers::new(self);
        while bodies.from <= last && count < FORGET_MAX {
            let Some(hash) = self.hash_at(bodies.from)? else { break };
            self.forget_accepted(&hash, &mut ops)?;
            for (place, block) in self.merged(&hash)?.unwrap_or_default().iter().enumerate() {
                self.forget_payload(&block.hash, &mut ops)?;
                // The first one is the selected parent: its header belongs to the chain.
                if place > 0 {
                    self.forget_header(&block.hash, &mut numbers, &mut ops)?;
                }
                count += 1;
            }
            ops.push(Op::remove(ACCEPTED, hash));
            count += 1;
            bodies.from += 1;
        }
        ops.extend(numbers.into_ops());
        self.write_bodies(bodies, ops)?;
        Ok(count)
    }

    /// Forgets blocks beside the selected chain that were never merged, lowest number first, up to the
    /// first one that the DAG still has or that is not `dead`. Bounded like [`Self::forget_bodies`].
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub fn forget_side_blocks(&self, dead: impl Fn(&Header) -> bool) -> Result<usize, DbError> {
        let _writing = self.writer.lock();
        let mut bodies = *self.bodies.read();
        let (mut ops, mut count) = (Vec::new(), 0);
        let mut numbers = Numbers::new(self);
        for block in self.blocks_from(bodies.side_from, ROWS_MAX)? {
            if count >= FORGET_MAX {
                break;
            }
            if self.hash_at(block.number)? == Some(block.hash) {
                bodies.side_from = block.number;
                continue;
            }
            let row = self.row(&block.hash)?;
            if !row.is_some_and(|row| row.dag.is_none() && dead(&row.header)) {
                break;
            }
            bodies.side_from = block.number;
            self.forget_accepted(&block.hash, &mut ops)?;
            ops.push(Op::remove(ACCEPTED, block.hash));
            self.forget_payload(&block.hash, &mut ops)?;
            self.forget_header(&block.hash, &mut numbers, &mut ops)?;
            count += 1;
        }
        ops.extend(numbers.into_ops());
        self.write_bodies(bodies, ops)?;
        Ok(count)
    }

    /// The records of transactions that this block executed or skipped.
    fn forget_accepted(&self, hash: &H256, ops: &mut Vec<Op>) -> Result<(), DbError> {
        let accepted = self.accepted(hash)?.unwrap_or_default();
        let skipped = self.skipped(hash)?.unwrap_or_default();
        let hashes = accepted.iter().map(OpaqueExtrinsic::hash);
        for transaction in hashes.chain(skipped.into_iter().map(|skipped| skipped.hash)) {
            let record = self.transaction(&transaction)?;
            if record.is_some_and(|record| record.accepting_block == Some(*hash)) {
                ops.push(Op::remove(TRANSACTIONS, transaction));
            }
        }
        Ok(())
    }

    /// A payload, and the records of transactions in it that no block executed.
    fn forget_payload(&self, hash: &H256, ops: &mut Vec<Op>) -> Result<(), DbError> {
        let Some(payload) = self.payload(hash)? else { return Ok(()) };
        for transaction in payload.iter().map(OpaqueExtrinsic::hash) {
            let record = self.transaction(&transaction)?;
            if record.is_some_and(|r| r.payload_block == *hash && r.accepting_block.is_none()) {
                ops.push(Op::remove(TRANSACTIONS, transaction));
            }
        }
        if !payload.is_empty() {
            ops.push(Op::remove(PAYLOADS, hash));
        }
        Ok(())
    }

    fn forget_header(
        &self,
        hash: &H256,
        numbers: &mut Numbers<'_>,
        ops: &mut Vec<Op>,
    ) -> Result<(), DbError> {
        let Some(header) = self.header(hash)? else { return Ok(()) };
        ops.push(Op::remove(HEADERS, hash));
        numbers.remove(header.number, hash)?;
        self.headers.lock().pop(hash);
        Ok(())
    }

    fn write_bodies(&self, bodies: Bodies, mut ops: Vec<Op>) -> Result<(), DbError> {
        if bodies == *self.bodies.read() && ops.is_empty() {
            return Ok(());
        }
        ops.push(Op::set(META, BODIES_KEY, &bodies));
        self.backend.write(ops)?;
        *self.bodies.write() = bodies;
        Ok(())
    }
}
