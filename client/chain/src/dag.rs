//! The DAG of blocks, beside the database that keeps its records.

use std::sync::Arc;

use citrate_core::{H256, Header, sr25519};
use citrate_dag::ghostdag::{
    Claims, Dag, DagError, DagRules, Marks, NewBlock, Producer, Root, StoredBlock, Work,
};
use citrate_dag::{CheckedHeader, Mergeset};
use citrate_dag_types::{Colour, DagConfiguration, DagDigest, EquivocationProof, Merged, Slot};
use citrate_db::Db;
use codec::{DecodeAll, Encode};

use crate::chain::Chain;
use crate::error::ChainError;

/// Record of the parameters that the chain began with: the DAG's limits follow from them.
const CONFIGURATION: &[u8] = b"dag/configuration";

/// The DAG of the blocks in the database.
///
/// `configuration` gives the parameters of the first block's state. It is asked only once, because
/// that state may be forgotten later.
pub(crate) fn open(
    db: &Db,
    genesis: H256,
    configuration: impl FnOnce() -> Result<Arc<DagConfiguration>, ChainError>,
) -> Result<Dag, ChainError> {
    let configuration = match db.auxiliary_get(CONFIGURATION)? {
        Some(stored) => Arc::new(decode::<DagConfiguration>(&stored)?),
        None => {
            let configuration = configuration()?;
            db.auxiliary_set(&[(CONFIGURATION, Some(&configuration.encode()))])?;
            configuration
        }
    };
    let rules = DagRules::of(&configuration)?;
    let new = Dag::new(Root::genesis(genesis, Work::one()), rules);
    let records = db.dag_records()?;
    if records.is_empty() {
        return Ok(new);
    }
    let mut blocks =
        records.iter().map(|record| decode(record)).collect::<Result<Vec<StoredBlock>, _>>()?;
    let root = db.dag_root()?;
    if root.is_none() {
        blocks.extend(new.stored(&genesis));
    }
    // In the DAG's own order each block comes after its past.
    blocks
        .sort_unstable_by_key(|block| (block.blue_work, block.stall, block.tie_break, block.hash));
    let marks = Marks {
        pruning_point: root.unwrap_or(genesis),
        finalised: db.finalized().map_or(genesis, |block| block.hash),
        sink: db.best().map_or(genesis, |block| block.hash),
    };
    Ok(Dag::restore(rules, blocks, marks)?)
}

fn decode<T: DecodeAll>(mut record: &[u8]) -> Result<T, ChainError> {
    T::decode_all(&mut record).map_err(|source| ChainError::DagRecord { source })
}

/// The parents that a header names, the selected one first.
pub(crate) fn parents(header: &Header, digest: &DagDigest) -> Vec<H256> {
    std::iter::once(header.parent_hash).chain(digest.other_parents.iter().copied()).collect()
}

/// Who made a block.
pub(crate) fn producer(slot: Slot, author: &sr25519::Public) -> Producer {
    Producer { slot: slot.0, author: author.0 }
}

/// A header as the DAG takes it. Every block weighs the same: stake counts in the lottery only.
pub(crate) fn new_block(hash: H256, checked: &CheckedHeader) -> NewBlock {
    let CheckedHeader { unsealed, digest, author, vrf_output } = checked;
    NewBlock {
        hash,
        parents: parents(unsealed, digest),
        tie_break: *vrf_output,
        weight: Work::one(),
        producer: Some(producer(digest.slot, author)),
        claims: Claims {
            selected_parent: Some(unsealed.parent_hash),
            blue_score: Some(digest.blue_score),
            blue_work: None,
        },
    }
}

/// A block that is yet to be made, as the DAG takes it.
pub(crate) fn candidate(parents: &[H256], producer: Producer) -> NewBlock {
    NewBlock {
        hash: H256::zero(),
        parents: parents.to_vec(),
        tie_break: [0; 32],
        weight: Work::one(),
        producer: Some(producer),
        claims: Claims::default(),
    }
}

/// Where a new block belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its parents, the selected one first.
    pub parents: Vec<H256>,
    /// The blocks whose payloads it executes, in their order.
    pub merges: Vec<H256>,
}

/// A block that another one merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MergedInfo {
    /// Its hash.
    pub hash: H256,
    /// Its colour in the merging block's view; `None` when that is forgotten, which happens to
    /// mergesets that are too long for a header.
    pub colour: Option<Colour>,
    /// Whether its payload was executed; that of a second block for one slot is not.
    pub is_executed: bool,
}

impl Chain {
    /// What a block merged, in consensus order, its selected parent first. `None` for a block that is
    /// unknown, or was never executed and is pruned from the DAG.
    ///
    /// # Errors
    /// The database failed.
    pub fn mergeset(&self, hash: &H256) -> Result<Option<Vec<MergedInfo>>, ChainError> {
        let present = self.with_dag(|dag| Some(Mergeset::of(dag, &dag.block(hash)?)));
        if let Some(Mergeset { blocks, executed }) = present.filter(|set| !set.blocks.is_empty()) {
            let info = |(hash, colour)| {
                let is_executed = executed.contains(&hash);
                MergedInfo { hash, colour: Some(colour), is_executed }
            };
            return Ok(Some(blocks.into_iter().map(info).collect()));
        }
        let Some(merged) = self.db.merged(hash)? else { return Ok(None) };
        if merged.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let listed = match self.digest(hash)?.merged {
            Merged::List(list) => list.into_iter().map(|block| Some(block.colour)).collect(),
            Merged::Hash(_) => vec![None; merged.len()],
        };
        let colours = std::iter::once(Some(Colour::Blue)).chain(listed);
        let infos = merged.iter().zip(colours).map(|(block, colour)| MergedInfo {
            hash: block.hash,
            colour,
            is_executed: block.is_executed,
        });
        Ok(Some(infos.collect()))
    }

    /// Looks at the DAG. Imports wait meanwhile.
    pub fn with_dag<R>(&self, look: impl FnOnce(&Dag) -> R) -> R {
        look(&self.dag.read())
    }

    /// Where a block in this slot by this author belongs: on the tip of the selected chain, and on the
    /// other tips that it may merge. `None` when the tip is not of an earlier slot, or the author's block of this one
    /// is known: a second one would be an equivocation, whatever this node remembers of the first.
    ///
    /// # Errors
    /// A rule of the DAG speaks against it.
    pub fn place_for(
        &self,
        slot: Slot,
        author: &sr25519::Public,
    ) -> Result<Option<Place>, DagError> {
        let dag = self.dag.read();
        let producer = producer(slot, author);
        if !dag.blocks_of(&producer).is_empty() {
            return Ok(None);
        }
        let Some(parents) = dag.parents_for(Some(producer)) else { return Ok(None) };
        let info = dag.preview(&candidate(&parents, producer))?;
        let merges = Mergeset::of(&dag, &info).executed;
        Ok(Some(Place { parents, merges }))
    }

    /// The proof that the author of this block made another one of the same slot, if that one is in the DAG.
    ///
    /// # Errors
    /// The database.
    pub fn equivocation(&self, hash: &H256) -> Result<Option<EquivocationProof>, ChainError> {
        let other = self.with_dag(|dag| {
            let blocks = dag.blocks_of(&dag.producer(hash)?);
            blocks.into_iter().find(|other| other != hash)
        });
        let Some(other) = other else { return Ok(None) };
        let header = |hash: H256| {
            let missing = ChainError::Incomplete { hash, what: "the header" };
            self.db.header(&hash)?.ok_or(missing)
        };
        Ok(Some(EquivocationProof { first: header(other)?, second: header(*hash)? }))
    }

    /// What a digest lists of a mergeset.
    pub(crate) fn merged(&self, mergeset: &Mergeset) -> Result<Merged, ChainError> {
        mergeset.merged(|hash| self.digest(hash))
    }

    /// The DAG digest of a stored block that is not the first one.
    pub(crate) fn digest(&self, hash: &H256) -> Result<DagDigest, ChainError> {
        let header = self.db.header(hash)?;
        let header = header.ok_or(ChainError::Incomplete { hash: *hash, what: "the header" })?;
        DagDigest::from_header(&header).map_err(|source| ChainError::Digest { hash: *hash, source })
    }

    /// The DAG's record of a block, to be written.
    pub(crate) fn dag_record(&self, hash: &H256) -> Option<Vec<u8>> {
        self.dag.read().stored(hash).map(|stored| stored.encode())
    }
}
