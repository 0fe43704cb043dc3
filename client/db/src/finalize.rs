//! Finality: forks are abandoned and old states forgotten.

use crate::{
    BlockRef, Db, DbError, Finalization, Pruning,
    columns::{STATES, USES},
    db::Meta,
    op::Op,
    state::StateRecord,
};
use citrate_core::{BlockNumber, H256};
use std::collections::HashSet;

/// LIMIT: old states that finalising a block forgets; more are left for the next one.
const FORGET_MAX: u32 = 256;

impl Db {
    /// Makes a block of the selected chain final, with all below it.
    ///
    /// States of executed blocks beside the chain are given up; so is, unless this is an archive,
    /// each finalised state that is further back than the pruning option says. The work depends on
    /// how much those blocks changed, not on the size of the state.
    ///
    /// # Errors
    /// [`DbError::NotSelected`], [`DbError::NotExecuted`], [`DbError::UnknownBlock`] or
    /// [`DbError::NotOnFinalizedChain`] for a block below the finalised one.
    pub fn finalize(&self, hash: &H256) -> Result<Finalization, DbError> {
        let _writing = self.writer.lock();
        let mut meta = self.meta.read().clone().ok_or(DbError::NoGenesis)?;
        if meta.finalized.hash == *hash {
            return Ok(Finalization::default());
        }
        let number = self.header(hash)?.ok_or(DbError::UnknownBlock(*hash))?.number;
        if number <= meta.finalized.number {
            return Err(DbError::NotOnFinalizedChain(*hash));
        }
        if self.hash_at(number)? != Some(*hash) {
            return Err(DbError::NotSelected(*hash));
        }
        if !self.has_state(hash)? {
            return Err(DbError::NotExecuted(*hash));
        }
        let mut done = Finalization::default();
        for number in meta.finalized.number + 1..=number {
            done.blocks.extend(self.hash_at(number)?);
        }
        let mut ops = Vec::new();
        self.abandon(&meta, number, &mut done, &mut ops)?;
        meta.finalized = BlockRef { number, hash: *hash };
        if let Pruning::Keep(keep) = self.pruning {
            self.forget(&mut meta, keep, &done.blocks, &mut ops)?;
        }
        self.write_with_meta(meta, ops)?;
        Ok(done)
    }

    /// Gives up the states of executed blocks that do not descend from the new finalised block.
    fn abandon(
        &self,
        meta: &Meta,
        target: BlockNumber,
        done: &mut Finalization,
        ops: &mut Vec<Op>,
    ) -> Result<(), DbError> {
        let mut kept: HashSet<H256> = done.blocks.iter().copied().collect();
        for block in self.blocks_from(meta.finalized.number + 1, usize::MAX)? {
            if kept.contains(&block.hash) {
                continue;
            }
            let Some(record) = self.state_record(&block.hash)? else { continue };
            if block.number > target && kept.contains(&record.parent) {
                kept.insert(block.hash);
            } else if !record.abandoned {
                done.pruned.push(block.hash);
                self.give_up(&block.hash, record, ops)?;
            }
        }
        Ok(())
    }

    fn give_up(
        &self,
        hash: &H256,
        mut record: StateRecord,
        ops: &mut Vec<Op>,
    ) -> Result<(), DbError> {
        if self.pruning == Pruning::Archive {
            record.abandoned = true;
            ops.push(Op::set(STATES, hash, &record));
        } else {
            release(&self.uses(hash)?.inserted, ops);
            ops.push(Op::remove(STATES, hash));
            ops.push(Op::remove(USES, hash));
        }
        Ok(())
    }

    /// Forgets the states of finalised blocks that are too old.
    fn forget(
        &self,
        meta: &mut Meta,
        keep: u32,
        new: &[H256],
        ops: &mut Vec<Op>,
    ) -> Result<(), DbError> {
        let last = meta.finalized.number.saturating_sub(keep);
        let last = last.min(meta.pruned_to.saturating_add(FORGET_MAX));
        // What others download is kept for them, and what is above it.
        let pinned = self.pins.lock().lowest(meta.finalized.number);
        let last = last.min(pinned.unwrap_or(BlockNumber::MAX));
        for number in meta.pruned_to + 1..=last {
            let hash = self.hash_at(number)?;
            let hash = hash.ok_or_else(|| DbError::Corrupted(format!("no block {number}")))?;
            let record = self.state_record(&hash)?;
            let record = record.ok_or_else(|| DbError::Corrupted(format!("no state {number}")))?;
            // What this state dropped was needed by its parent only.
            release(&self.uses(&hash)?.removed, ops);
            ops.push(Op::remove(STATES, record.parent));
            ops.push(Op::remove(USES, hash));
            meta.pruned_to = number;
        }
        tracing::debug!(target: "db", finalized = meta.finalized.number, blocks = new.len(), pruned_to = meta.pruned_to, "finalised");
        Ok(())
    }
}

fn release(uses: &[(H256, u32)], ops: &mut Vec<Op>) {
    ops.extend(uses.iter().map(|(hash, count)| Op::Release { hash: *hash, count: *count }));
}
