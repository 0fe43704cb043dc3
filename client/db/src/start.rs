//! Starting at a later block than the first one, with a state that was downloaded.

use crate::{
    BlockRef, Db, DbError, Pruning,
    bodies::{BODIES_KEY, Bodies},
    columns::{AUXILIARY, HEADERS, META, NUMBERS, PAYLOADS, STATES, USES},
    dag::{DagRoot, ROOT_KEY},
    op::Op,
    row::{Numbers, Row},
    state::StateRecord,
};
use citrate_core::{BlockNumber, H256, Header, OpaqueExtrinsic};
use std::collections::BTreeMap;

/// LIMIT: blocks since a state was asked for last, after which it is not kept for that any more.
const PIN_IDLE_BLOCKS: BlockNumber = 3_000;
/// LIMIT: blocks for which a state is kept because it is asked for: half an hour at ten blocks a second.
const PIN_BLOCKS_MAX: BlockNumber = 18_000;
/// LIMIT: states that are kept because they are asked for.
const PINS_MAX: usize = 8;

/// States that are kept longer because others download them: by number, the finalised number when each
/// was asked for last. With a state all above it are kept.
#[derive(Debug, Default)]
pub(crate) struct Pins(BTreeMap<BlockNumber, BlockNumber>);

impl Pins {
    /// The lowest state that is to be kept.
    pub(crate) fn lowest(&mut self, finalized: BlockNumber) -> Option<BlockNumber> {
        self.0.retain(|number, asked| {
            finalized.saturating_sub(*asked) <= PIN_IDLE_BLOCKS
                && finalized.saturating_sub(*number) <= PIN_BLOCKS_MAX
        });
        self.0.first_key_value().map(|(number, _)| *number)
    }
}

/// Where a database starts.
#[derive(Debug, Clone)]
pub struct Start {
    /// The block, whose state's nodes are here; executed elsewhere.
    pub block: H256,
    /// The headers of the block and of those below it that may still matter, by hash.
    pub headers: Vec<(H256, Header)>,
    /// The block's payload.
    pub payload: Vec<OpaqueExtrinsic>,
    /// The DAG's records of these blocks, in the caller's encoding.
    pub dag: Vec<(H256, Vec<u8>)>,
    /// The DAG's lowest block.
    pub root: H256,
    /// Records of other parts of the node to be removed.
    pub records: Vec<Vec<u8>>,
}

impl Db {
    /// Writes nodes of a state that is being downloaded, each with one use more, takes uses away, and sets or
    /// removes records of other parts of the node: all or nothing.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn write_nodes(
        &self,
        nodes: Vec<(H256, Vec<u8>)>,
        released: &[H256],
        records: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    ) -> Result<(), DbError> {
        let _writing = self.writer.lock();
        let used = nodes.into_iter().map(|(hash, node)| Op::Use { hash, node, count: 1 });
        let released = released.iter().map(|hash| Op::Release { hash: *hash, count: 1 });
        let records = records.into_iter().map(|(key, value)| match value {
            Some(value) => Op::Set { column: AUXILIARY, key, value },
            None => Op::Remove { column: AUXILIARY, key },
        });
        self.backend.write(used.chain(released).chain(records).collect())
    }

    /// Makes a block whose state was downloaded the best and the last final one, on top of nothing but the
    /// first block, whose state is given up.
    ///
    /// # Errors
    /// [`DbError::NotOnFinalizedChain`] if there are blocks already, [`DbError::PruningMismatch`] in an
    /// archive, which keeps everything from the first block on, [`DbError::UnknownBlock`] if the
    /// headers do not hold together, or when the database cannot be written.
    pub fn start_at(&self, start: Start) -> Result<(), DbError> {
        let _writing = self.writer.lock();
        let mut meta = self.meta.read().clone().ok_or(DbError::NoGenesis)?;
        let Start { block, headers, payload, dag, root, records } = start;
        if meta.best.number > 0 {
            return Err(DbError::NotOnFinalizedChain(block));
        }
        if self.pruning == Pruning::Archive {
            return Err(DbError::PruningMismatch);
        }
        let headers: BTreeMap<H256, Header> = headers.into_iter().collect();
        let header = headers.get(&block).ok_or(DbError::UnknownBlock(block))?;
        let mut dag: BTreeMap<H256, Vec<u8>> = dag.into_iter().collect();
        let in_dag = dag.keys().map(|hash| {
            headers.get(hash).map(|header| header.number).ok_or(DbError::UnknownBlock(*hash))
        });
        let in_dag = in_dag.collect::<Result<Vec<_>, _>>()?;
        let from = in_dag.into_iter().min().unwrap_or(header.number);
        let mut ops = vec![
            Op::set(PAYLOADS, block, &payload),
            Op::set(META, ROOT_KEY, &DagRoot { block: root, from }),
        ];
        let mut numbers = Numbers::new(self);
        // A young chain's DAG reaches down to the first block, which is here already.
        let is_chains = |hash: &H256, header: &Header| header.number > 0 || *hash == meta.genesis;
        for (hash, header) in headers.iter().filter(|(hash, header)| is_chains(hash, header)) {
            let dag = dag.remove(hash);
            let row = match self.row(hash)? {
                Some(row) => Row { dag, ..row },
                // Payloads were not downloaded.
                None => Row { header: header.clone(), has_payload: true, dag },
            };
            ops.push(Op::set(HEADERS, hash, &row));
            numbers.add(header.number, hash)?;
        }
        ops.extend(numbers.into_ops());
        let mut lowest = header.number;
        let mut at = Some((block, header));
        while let Some((hash, header)) = at.filter(|(_, header)| header.number > 0) {
            ops.push(Op::set(NUMBERS, header.number.to_be_bytes(), &hash));
            lowest = header.number;
            at = headers.get_key_value(&header.parent_hash).map(|(hash, header)| (*hash, header));
        }
        let record = StateRecord {
            root: header.state_root,
            parent: header.parent_hash,
            number: header.number,
            abandoned: false,
        };
        ops.push(Op::set(STATES, block, &record));
        let genesis = self.uses(&meta.genesis)?;
        let given_up = genesis.inserted.iter();
        ops.extend(given_up.map(|(hash, count)| Op::Release { hash: *hash, count: *count }));
        ops.push(Op::remove(STATES, meta.genesis));
        ops.push(Op::remove(USES, meta.genesis));
        ops.extend(records.into_iter().map(|key| Op::Remove { column: AUXILIARY, key }));
        let bodies = Bodies { from: header.number.saturating_add(1), side_from: lowest };
        ops.push(Op::set(META, BODIES_KEY, &bodies));
        let start = BlockRef { number: header.number, hash: block };
        (meta.best, meta.finalized, meta.pruned_to) = (start, start, start.number);
        self.write_with_meta(meta, ops)?;
        *self.bodies.write() = bodies;
        Ok(())
    }

    /// The lowest finalised block whose state is kept.
    pub fn states_from(&self) -> BlockNumber {
        self.meta.read().as_ref().map_or(0, |meta| meta.pruned_to)
    }

    /// Keeps the state of a finalised block, and those above it, for some thousand blocks more, because
    /// somebody downloads it. False if it is not here, or too many others are kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn pin_state(&self, hash: &H256) -> Result<bool, DbError> {
        let Some(record) = self.state_record(hash)? else { return Ok(false) };
        let finalized = self.finalized().map_or(0, |block| block.number);
        if record.number > finalized || self.hash_at(record.number)? != Some(*hash) {
            return Ok(false);
        }
        let mut pins = self.pins.lock();
        pins.lowest(finalized);
        if pins.0.len() >= PINS_MAX && !pins.0.contains_key(&record.number) {
            return Ok(false);
        }
        pins.0.insert(record.number, finalized);
        Ok(true)
    }
}
