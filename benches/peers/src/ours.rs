//! Our side: `citrate-dag`, and on disk what the node writes for each block.

use std::path::Path;

use anyhow::Context;
use citrate_core::{Digest, H256, Header, U256};
use citrate_dag::ghostdag::{Claims, Dag, DagRules, Marks, NewBlock, Root, StoredBlock};
use citrate_db::{BlockCommit, Db, DbConfig, Executed, Head};
use codec::{DecodeAll, Encode};

use crate::Agreed;
use crate::input::{Topology, hash};

/// The limits that Kaspa's managers do not have are out of reach.
fn rules(k: u16) -> DagRules {
    DagRules {
        k,
        parents_max: usize::MAX,
        mergeset_max: usize::MAX,
        merge_depth: u64::MAX,
        pruning_depth: u64::MAX,
        merge_slots_max: None,
    }
}

fn insert(dag: &mut Dag, hash: [u8; 32], parents: Vec<[u8; 32]>) -> anyhow::Result<()> {
    let parents = parents.into_iter().map(H256).collect();
    let (producer, claims) = (None, Claims::default());
    let block = NewBlock {
        hash: H256(hash),
        parents,
        tie_break: hash,
        weight: U256::one(),
        producer,
        claims,
    };
    Ok(dag.insert(&block)?)
}

fn new(k: u16) -> Dag {
    Dag::new(Root::genesis(H256(hash(0)), U256::one()), rules(k))
}

/// The DAG in memory.
pub(crate) fn in_memory(topology: &Topology, k: u16) -> anyhow::Result<Dag> {
    let mut dag = new(k);
    for (hash, parents) in topology.blocks() {
        insert(&mut dag, hash, parents)?;
    }
    Ok(dag)
}

/// The DAG in memory and its blocks on disk, each acknowledged before the next one.
pub(crate) fn on_disk(topology: &Topology, k: u16, folder: &Path) -> anyhow::Result<()> {
    let db = Db::open(&DbConfig::on_disk(folder))?;
    let mut dag = new(k);
    commit(&db, &dag, H256(hash(0)), Vec::new(), true)?;
    for (hash, parents) in topology.blocks() {
        let named = parents.iter().copied().map(H256).collect();
        insert(&mut dag, hash, parents)?;
        dag.add_payload(&H256(hash));
        commit(&db, &dag, H256(hash), named, false)?;
    }
    Ok(())
}

/// Writes a block as the node does before it is executed.
fn commit(db: &Db, dag: &Dag, hash: H256, parents: Vec<H256>, first: bool) -> anyhow::Result<()> {
    let record = dag.stored(&hash).context("it was inserted")?;
    let header = Header {
        parent_hash: record.selected_parent.unwrap_or_default(),
        number: u32::try_from(record.number)?,
        state_root: H256::zero(),
        extrinsics_root: H256::zero(),
        digest: Digest { logs: vec![citrate_core::DigestItem::Other(parents.encode())] },
    };
    db.commit(BlockCommit {
        hash,
        header,
        payload: Vec::new(),
        executed: first.then(Executed::default),
        head: if first { Head::Best } else { Head::Unchanged },
        transactions: Vec::new(),
        dag: Some(record.encode()),
    })?;
    Ok(())
}

/// The DAG as it is read from the folder, by the way that the node takes.
pub(crate) fn reopen(k: u16, folder: &Path) -> anyhow::Result<Dag> {
    let db = Db::open(&DbConfig::on_disk(folder))?;
    let records = db.dag_records()?;
    let decoded = records.iter().map(|record| Ok(StoredBlock::decode_all(&mut record.as_slice())?));
    let mut blocks = decoded.collect::<anyhow::Result<Vec<StoredBlock>>>()?;
    blocks
        .sort_unstable_by_key(|block| (block.blue_work, block.stall, block.tie_break, block.hash));
    let first = H256(hash(0));
    let marks = Marks { pruning_point: first, finalised: first, sink: first };
    let mut first = new(k).stored(&first).context("it is there")?;
    first.status = citrate_dag::ghostdag::Status::Valid;
    Ok(Dag::restore(rules(k), blocks, marks)?)
}

/// What both sides must agree on.
pub(crate) fn agreed(dag: &Dag, topology: &Topology) -> anyhow::Result<Agreed> {
    let mut agreed = Agreed::default();
    for (hash, _) in topology.blocks() {
        let block = dag.block(&H256(hash)).context("it was inserted")?;
        let selected = block.selected_parent.context("it has parents")?;
        let [blues, reds] = [&block.blues, &block.reds].map(|list| list.iter().map(|hash| hash.0));
        agreed.add(selected.0, block.blue_score, blues, reds);
    }
    Ok(agreed)
}
