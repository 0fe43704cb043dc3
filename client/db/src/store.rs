//! Writing blocks and moving the selected chain.

use crate::{
    BlockCommit, BlockRef, Db, DbError, Executed, Head, Pruning, Route,
    columns::{ACCEPTED, HEADERS, META, NUMBERS, PAYLOADS, STATES, TRANSACTIONS, USES},
    db::{META_KEY, Meta},
    op::Op,
    row::{Numbers, Row},
    state::{StateRecord, Uses},
};
use citrate_core::{H256, Header};

impl Db {
    /// Writes a block; when this returns, it survives the process being killed.
    ///
    /// The first block has to be executed and without a parent: it becomes the genesis block, the
    /// best and the finalised one. A block that is written again keeps what it has.
    ///
    /// # Errors
    /// [`DbError::WrongChain`] for another genesis block, [`DbError::UnknownBlock`] or
    /// [`DbError::NotExecuted`] when the parent is not there as needed, and
    /// [`DbError::NotOnFinalizedChain`] when the selected chain would leave it.
    pub fn commit(&self, block: BlockCommit) -> Result<Route, DbError> {
        let _writing = self.writer.lock();
        let mut meta = match self.meta.read().clone() {
            Some(meta) => meta,
            None => new_meta(&block, self.pruning)?,
        };
        let mut ops = Vec::new();
        let BlockCommit { hash, header, payload, executed, head, transactions, dag } = block;
        let is_genesis = header.number == 0;
        if is_genesis && hash != meta.genesis {
            return Err(DbError::WrongChain { expected: hash, found: meta.genesis });
        }
        let is_cached = self.headers.lock().contains(&header.parent_hash);
        if !is_genesis && !is_cached && self.header(&header.parent_hash)?.is_none() {
            return Err(DbError::UnknownBlock(header.parent_hash));
        }
        let row = self.row(&hash)?;
        let executed_before = row.is_some() && self.state_record(&hash)?.is_some();
        if let (Some(executed), false) = (executed, executed_before) {
            self.execute(&meta, &hash, &header, executed, &mut ops)?;
        } else if head == Head::Best && !executed_before {
            return Err(DbError::NotExecuted(hash));
        }
        match row {
            None => {
                let has_payload = !payload.is_empty();
                if has_payload {
                    ops.push(Op::set(PAYLOADS, hash, &payload));
                }
                let mut numbers = Numbers::new(self);
                numbers.add(header.number, &hash)?;
                ops.extend(numbers.into_ops());
                let row = Row { header: header.clone(), has_payload, dag };
                ops.push(Op::set(HEADERS, hash, &row));
            }
            Some(row) if dag.is_some() && dag != row.dag => {
                ops.push(Op::set(HEADERS, hash, &Row { dag, ..row }));
            }
            Some(_) => {}
        }
        ops.extend(transactions.iter().map(|(tx, record)| Op::set(TRANSACTIONS, tx, record)));
        let route = match head {
            Head::Best => self.select(&mut meta, hash, &header, &mut ops)?,
            Head::Unchanged => Route::default(),
        };
        self.write_with_meta(meta, ops)?;
        self.headers.lock().put(hash, header);
        Ok(route)
    }

    /// Makes an executed block the tip of the selected chain.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub fn set_best(&self, hash: &H256) -> Result<Route, DbError> {
        let _writing = self.writer.lock();
        let (route, meta, ops) = self.plan_best(hash)?;
        self.write_with_meta(meta, ops)?;
        Ok(route)
    }

    /// What [`Self::set_best`] would change now.
    ///
    /// # Errors
    /// As [`Self::set_best`].
    pub fn route_to(&self, hash: &H256) -> Result<Route, DbError> {
        let _writing = self.writer.lock();
        Ok(self.plan_best(hash)?.0)
    }

    fn plan_best(&self, hash: &H256) -> Result<(Route, Meta, Vec<Op>), DbError> {
        let header = self.header(hash)?.ok_or(DbError::UnknownBlock(*hash))?;
        if !self.has_state(hash)? {
            return Err(DbError::NotExecuted(*hash));
        }
        let mut meta = self.meta.read().clone().ok_or(DbError::NoGenesis)?;
        let mut ops = Vec::new();
        let route = self.select(&mut meta, *hash, &header, &mut ops)?;
        Ok((route, meta, ops))
    }

    /// Records what became of transactions.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_transactions(
        &self,
        transactions: &[(H256, crate::TxRecord)],
    ) -> Result<(), DbError> {
        let _writing = self.writer.lock();
        let set = |(tx, record): &(H256, _)| Op::set(TRANSACTIONS, tx, record);
        self.backend.write(transactions.iter().map(set).collect())
    }

    fn execute(
        &self,
        meta: &Meta,
        hash: &H256,
        header: &Header,
        executed: Executed,
        ops: &mut Vec<Op>,
    ) -> Result<(), DbError> {
        if header.number > 0 {
            let parent = self.state_record(&header.parent_hash)?;
            let parent = parent.ok_or(DbError::NotExecuted(header.parent_hash))?;
            if header.number <= meta.finalized.number || parent.abandoned {
                return Err(DbError::NotOnFinalizedChain(*hash));
            }
        }
        let Executed { accepted, skipped, merged, delta } = executed;
        let record = StateRecord {
            root: header.state_root,
            parent: header.parent_hash,
            number: header.number,
            abandoned: false,
        };
        if self.pruning != Pruning::Archive {
            let inserted = delta.inserted.iter().map(|(node, _, uses)| (*node, *uses)).collect();
            let uses = Uses { inserted, removed: delta.removed.clone() };
            ops.push(Op::set(USES, hash, &uses));
        }
        self.use_nodes(delta, ops);
        ops.push(Op::set(STATES, hash, &record));
        ops.push(Op::set(ACCEPTED, hash, &(accepted, skipped, merged)));
        Ok(())
    }

    /// Moves the selected chain to end in `hash`, down to where both chains meet.
    fn select(
        &self,
        meta: &mut Meta,
        hash: H256,
        header: &Header,
        ops: &mut Vec<Op>,
    ) -> Result<Route, DbError> {
        let mut route = Route::default();
        for number in (header.number.saturating_add(1)..=meta.best.number).rev() {
            route.retracted.extend(self.hash_at(number)?);
            ops.push(Op::remove(NUMBERS, number.to_be_bytes()));
        }
        let mut block = BlockRef { number: header.number, hash };
        let mut parent = header.parent_hash;
        loop {
            let selected = self.hash_at(block.number)?;
            if selected == Some(block.hash) {
                break;
            }
            if block.number <= meta.finalized.number && block.number > 0 {
                return Err(DbError::NotOnFinalizedChain(hash));
            }
            route.retracted.extend(selected);
            route.enacted.push(block.hash);
            ops.push(Op::set(NUMBERS, block.number.to_be_bytes(), &block.hash));
            let Some(below) = block.number.checked_sub(1) else { break };
            block = BlockRef { number: below, hash: parent };
            let header = self.header(&parent)?.ok_or(DbError::UnknownBlock(parent))?;
            parent = header.parent_hash;
        }
        // Also when nothing was enacted the chain may not become shorter than what is final.
        if header.number < meta.finalized.number {
            return Err(DbError::NotOnFinalizedChain(hash));
        }
        route.enacted.reverse();
        meta.best = BlockRef { number: header.number, hash };
        Ok(route)
    }

    pub(crate) fn write_with_meta(&self, meta: Meta, mut ops: Vec<Op>) -> Result<(), DbError> {
        if self.meta.read().as_ref() != Some(&meta) {
            ops.push(Op::set(META, META_KEY, &meta));
        }
        if ops.is_empty() {
            return Ok(());
        }
        self.backend.write(ops)?;
        *self.meta.write() = Some(meta);
        Ok(())
    }
}

fn new_meta(block: &BlockCommit, pruning: Pruning) -> Result<Meta, DbError> {
    if block.header.number != 0 || block.executed.is_none() || block.head != Head::Best {
        return Err(DbError::NoGenesis);
    }
    let genesis = BlockRef { number: 0, hash: block.hash };
    Ok(Meta {
        genesis: block.hash,
        best: genesis,
        finalized: genesis,
        pruned_to: 0,
        archive: pruning == Pruning::Archive,
    })
}
