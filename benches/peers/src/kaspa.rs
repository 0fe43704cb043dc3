//! Their side: rusty-kaspa's GHOSTDAG and reachability managers with their own stores, called in the
//! order in which its header processor calls them.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use kaspa_consensus::model::services::reachability::{MTReachabilityService, ReachabilityService};
use kaspa_consensus::model::services::relations::MTRelationsService;
use kaspa_consensus::model::stores::ghostdag::{
    DbGhostdagStore, GhostdagStore, GhostdagStoreReader, MemoryGhostdagStore,
};
use kaspa_consensus::model::stores::headers::{
    CompactHeaderData, DbHeadersStore, HeaderStoreReader, HeaderWithBlockLevel,
};
use kaspa_consensus::model::stores::reachability::{
    DbReachabilityStore, MemoryReachabilityStore, StagingReachabilityStore,
};
use kaspa_consensus::model::stores::relations::{
    DbRelationsStore, MemoryRelationsStore, RelationsStoreReader,
};
use kaspa_consensus::processes::ghostdag::ordering::SortableBlock;
use kaspa_consensus::processes::ghostdag::protocol::GhostdagManager;
use kaspa_consensus::processes::reachability::inquirer;
use kaspa_consensus::processes::relations::RelationsStoreExtensions;
use kaspa_consensus_core::blockhash::{BlockHashes, ORIGIN};
use kaspa_consensus_core::header::Header;
use kaspa_database::prelude::{CachePolicy, ConnBuilder, DB, StoreError};
use kaspa_database::registry::DatabaseStorePrefixes;
use kaspa_hashes::Hash;
use kaspa_utils::mem_size::MemMode;
use parking_lot::RwLock;
use rocksdb::WriteBatch;

use crate::Agreed;
use crate::input::{Topology, hash};

/// The easiest target: every block weighs the same.
const BITS: u32 = 0x207f_ffff;
/// What its node has by default.
const FILES_MAX: i32 = 128;

/// Headers of which GHOSTDAG reads the work only.
pub(crate) struct SameWork;

impl HeaderStoreReader for SameWork {
    fn get_daa_score(&self, _: Hash) -> Result<u64, StoreError> {
        Ok(0)
    }

    fn get_blue_score(&self, _: Hash) -> Result<u64, StoreError> {
        Ok(0)
    }

    fn get_timestamp(&self, _: Hash) -> Result<u64, StoreError> {
        Ok(0)
    }

    fn get_bits(&self, _: Hash) -> Result<u32, StoreError> {
        Ok(BITS)
    }

    fn get_header(&self, hash: Hash) -> Result<Arc<Header>, StoreError> {
        Ok(Arc::new(Header::from_precomputed_hash(hash, Vec::new())))
    }

    fn get_header_with_block_level(&self, hash: Hash) -> Result<HeaderWithBlockLevel, StoreError> {
        Ok(HeaderWithBlockLevel { header: self.get_header(hash)?, block_level: 0 })
    }

    fn get_compact_header_data(&self, hash: Hash) -> Result<CompactHeaderData, StoreError> {
        Ok(self.get_header(hash)?.as_ref().into())
    }
}

type Manager<G, L, R> =
    GhostdagManager<G, MTRelationsService<L>, MTReachabilityService<R>, SameWork>;

fn manager<G, L, R>(
    k: u16,
    ghostdag: &Arc<G>,
    relations: &Arc<RwLock<L>>,
    reachability: &Arc<RwLock<R>>,
) -> Manager<G, L, R>
where
    G: GhostdagStoreReader,
    L: RelationsStoreReader,
    MTReachabilityService<R>: ReachabilityService,
    R: kaspa_consensus::model::stores::reachability::ReachabilityStoreReader,
{
    let relations = MTRelationsService::new(Arc::clone(relations));
    let reachability = MTReachabilityService::new(Arc::clone(reachability));
    let genesis = Hash::from_bytes(hash(0));
    GhostdagManager::new(
        genesis,
        k,
        Arc::clone(ghostdag),
        relations,
        Arc::new(SameWork),
        reachability,
    )
}

/// Its stores in memory.
pub(crate) fn in_memory(topology: &Topology, k: u16) -> anyhow::Result<Arc<MemoryGhostdagStore>> {
    let ghostdag = Arc::new(MemoryGhostdagStore::new());
    let relations = Arc::new(RwLock::new(MemoryRelationsStore::new()));
    let reachability = Arc::new(RwLock::new(MemoryReachabilityStore::new()));
    let manager = manager(k, &ghostdag, &relations, &reachability);

    inquirer::init(&mut *reachability.write())?;
    let genesis = Hash::from_bytes(hash(0));
    ghostdag.insert(ORIGIN, manager.origin_ghostdag_data())?;
    relations.write().insert(ORIGIN, BlockHashes::new(Vec::new()))?;
    ghostdag.insert(genesis, Arc::new(manager.genesis_ghostdag_data()))?;
    inquirer::add_block(&mut *reachability.write(), genesis, ORIGIN, &mut std::iter::empty())?;
    relations.write().insert(genesis, BlockHashes::new(vec![ORIGIN]))?;

    let mut tip = SortableBlock::new(genesis, 0u64.into());
    for (hash, parents) in topology.blocks() {
        let hash = Hash::from_bytes(hash);
        let parents: Vec<Hash> = parents.into_iter().map(Hash::from_bytes).collect();
        let data = Arc::new(manager.ghostdag(&parents));
        ghostdag.insert(hash, Arc::clone(&data))?;
        let mut store = reachability.write();
        let mut merged = data.unordered_mergeset_without_selected_parent();
        inquirer::add_block(&mut *store, hash, data.selected_parent, &mut merged)?;
        let block = SortableBlock::new(hash, data.blue_work);
        if block > tip {
            inquirer::hint_virtual_selected_parent(&mut *store, hash)?;
            tip = block;
        }
        drop(store);
        relations.write().insert(hash, BlockHashes::new(parents))?;
    }
    Ok(ghostdag)
}

/// Its stores on RocksDB.
struct Stores {
    db: Arc<DB>,
    ghostdag: Arc<DbGhostdagStore>,
    relations: Arc<RwLock<DbRelationsStore>>,
    reachability: Arc<RwLock<DbReachabilityStore>>,
    /// Written for the pruning of the reachability index.
    reachability_relations: DbRelationsStore,
    headers: DbHeadersStore,
}

impl Stores {
    /// With about the caches that its node gives them.
    fn open(folder: &Path) -> anyhow::Result<Self> {
        let threads = std::thread::available_parallelism()?.get();
        let builder = ConnBuilder::default().with_db_path(folder.to_path_buf());
        let builder = builder.with_files_limit(FILES_MAX).with_parallelism(threads);
        let db = builder.build().ok().context("RocksDB does not open")?;
        let tracked =
            |max_size, mem_mode| CachePolicy::Tracked { max_size, min_items: 0, mem_mode };
        let (units, bytes) =
            (|max| tracked(max, MemMode::Units), |max| tracked(max, MemMode::Bytes));
        let hashes = |bytes: usize| units(bytes / 32);
        let ghostdag = DbGhostdagStore::new(
            Arc::clone(&db),
            0,
            bytes(80_000_000),
            CachePolicy::Count(15_000_000 / 100),
        );
        let relations =
            DbRelationsStore::new(Arc::clone(&db), 0, hashes(80_000_000), hashes(20_000_000));
        let reachability = DbReachabilityStore::new(
            Arc::clone(&db),
            CachePolicy::Count(100_000_000 / 88),
            hashes(100_000_000),
        );
        let reachability_relations = DbRelationsStore::with_prefix(
            Arc::clone(&db),
            DatabaseStorePrefixes::ReachabilityRelations.as_ref(),
            hashes(80_000_000),
            hashes(20_000_000),
        );
        let compact = CachePolicy::Count(5_000_000 / 64);
        let headers = DbHeadersStore::new(Arc::clone(&db), bytes(80_000_000), compact);
        let (relations, reachability) =
            (Arc::new(RwLock::new(relations)), Arc::new(RwLock::new(reachability)));
        let ghostdag = Arc::new(ghostdag);
        Ok(Self { db, ghostdag, relations, reachability, reachability_relations, headers })
    }
}

/// The blocks on RocksDB, in one batch for each block as its header processor writes them: GHOSTDAG's data,
/// reachability, relations and headers. What its other managers write is left out.
pub(crate) fn on_disk(topology: &Topology, k: u16, folder: &Path) -> anyhow::Result<()> {
    let Stores { db, ghostdag, relations, reachability, mut reachability_relations, headers } =
        Stores::open(folder)?;
    let manager = manager(k, &ghostdag, &relations, &reachability);

    inquirer::init(&mut *reachability.write())?;
    let genesis = Hash::from_bytes(hash(0));
    ghostdag.insert(ORIGIN, manager.origin_ghostdag_data())?;
    relations.write().insert(ORIGIN, BlockHashes::new(Vec::new()))?;
    ghostdag.insert(genesis, Arc::new(manager.genesis_ghostdag_data()))?;
    inquirer::add_block(&mut *reachability.write(), genesis, ORIGIN, &mut std::iter::empty())?;
    relations.write().insert(genesis, BlockHashes::new(vec![ORIGIN]))?;
    reachability_relations.insert(ORIGIN, BlockHashes::new(Vec::new()))?;
    reachability_relations.insert(genesis, BlockHashes::new(vec![ORIGIN]))?;

    let mut tip = SortableBlock::new(genesis, 0u64.into());
    for (hash, parents) in topology.blocks() {
        let hash = Hash::from_bytes(hash);
        let parents: Vec<Hash> = parents.into_iter().map(Hash::from_bytes).collect();
        let data = Arc::new(manager.ghostdag(&parents));
        let mut batch = WriteBatch::default();
        ghostdag.insert_batch(&mut batch, hash, &data)?;
        let header = Header::from_precomputed_hash(hash, parents.clone());
        headers.insert_batch(&mut batch, hash, Arc::new(header), 0)?;
        let mut staging = StagingReachabilityStore::new(reachability.upgradable_read());
        let mut merged = data.unordered_mergeset_without_selected_parent();
        inquirer::add_block(&mut staging, hash, data.selected_parent, &mut merged)?;
        let block = SortableBlock::new(hash, data.blue_work);
        if block > tip {
            inquirer::hint_virtual_selected_parent(&mut staging, hash)?;
            tip = block;
        }
        let mut relations = relations.write();
        let parents = BlockHashes::new(parents);
        relations.insert_batch(&mut batch, hash, Arc::clone(&parents))?;
        reachability_relations.insert_batch(&mut batch, hash, parents)?;
        let written = staging.commit(&mut batch)?;
        db.write(batch)?;
        drop((written, relations));
    }
    Ok(())
}

/// The store as it is read from the folder.
pub(crate) fn reopen(folder: &Path) -> anyhow::Result<Arc<DbGhostdagStore>> {
    Ok(Stores::open(folder)?.ghostdag)
}

/// What both sides must agree on.
pub(crate) fn agreed(
    store: &impl GhostdagStoreReader,
    topology: &Topology,
) -> anyhow::Result<Agreed> {
    let mut agreed = Agreed::default();
    for (hash, _) in topology.blocks() {
        let data = store.get_data(Hash::from_bytes(hash))?;
        let [blues, reds] = [&data.mergeset_blues, &data.mergeset_reds]
            .map(|list| list.iter().map(|hash| hash.as_bytes()));
        agreed.add(data.selected_parent.as_bytes(), data.blue_score, blues, reds);
    }
    Ok(agreed)
}
