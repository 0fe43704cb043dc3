//! A node.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use citrate_core::{BlockNumber, H256};
use citrate_dag::ghostdag::ChainChange;
use citrate_dag_types::DagBlock;
use citrate_finality::{Finality, FinalityConfig};
use citrate_sync::testing::MemoryChain;
use citrate_sync::{GossipId, ImportOutcome, SyncConfig, SyncCore};
use citrate_txpool::{BestUpdate, BlockTxs, PoolApi as _, PoolConfig, TxPool};

use crate::scenario::{Role, Scenario};
use crate::transactions::{Ledger, PoolPort, Watched};
use crate::voter::{Disk, Key, Keyring, Port, SharedChain};
use crate::world::Packet;

/// What a node starts with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub(crate) seed: u64,
    pub(crate) clock_ms: u64,
}

/// A node. What is imported survives a crash, nothing else does.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) role: Role,
    pub(crate) skew_ms: i64,
    pub(crate) chain: SharedChain,
    /// What a withholder knows and nobody else.
    pub(crate) secret: Option<MemoryChain>,
    pub(crate) withheld: Vec<DagBlock>,
    /// The first slot of a private DAG.
    pub(crate) fork: Option<u64>,
    pub(crate) core: SyncCore,
    pub(crate) pool: Arc<TxPool>,
    pool_port: Arc<PoolPort>,
    /// When transactions came into the pool.
    /// Transactions that their senders asked this node for.
    pub(crate) watched: Vec<Watched>,
    pub(crate) finality: Finality,
    /// What of finality survives a crash.
    ports: (Arc<Port>, Arc<Disk>, Arc<Key>),
    /// The height of what is final here.
    pub(crate) finalised: BlockNumber,
    /// When the voter is woken next.
    pub(crate) wake_ms: Option<u64>,
    pub(crate) is_up: bool,
    /// Counts the starts: what was meant for an earlier one is dropped.
    pub(crate) start: u64,
    /// Connections, and the node at the other end.
    pub(crate) connections: BTreeMap<u64, usize>,
    /// Gossip messages that came or went, by a hash over their bytes.
    pub(crate) gossiped: BTreeSet<u64>,
    /// Gossip messages that wait for a verdict, with the connection that they came on.
    pub(crate) unjudged: BTreeMap<GossipId, (u64, Packet)>,
    /// Blocks in import.
    pub(crate) importing: VecDeque<DagBlock>,
    pub(crate) is_syncing: bool,
}

impl Node {
    pub(crate) fn new(
        role: Role,
        skew_ms: i64,
        scenario: &Scenario,
        voter: usize,
        (ring, ledger): (&Arc<Keyring>, &Arc<Ledger>),
        start: Start,
    ) -> Self {
        let chain = MemoryChain::new(scenario.rules);
        let secret = (role == Role::Withholder).then(|| chain.clone());
        let chain: SharedChain = Arc::new(chain.into());
        let port = Arc::new(Port { chain: Arc::clone(&chain), ring: Arc::clone(ring) });
        let key = Arc::new(Key { ring: Arc::clone(ring), voter });
        let ports = (port, Arc::<Disk>::default(), key);
        let (shared, ledger) = (Arc::clone(&chain), Arc::clone(ledger));
        let pool_port = Arc::new(PoolPort { chain: shared, ledger });
        let pool = TxPool::new(Arc::<PoolPort>::clone(&pool_port), PoolConfig::default());
        Self {
            role,
            skew_ms,
            chain,
            secret,
            withheld: Vec::new(),
            fork: None,
            core: SyncCore::new(scenario.sync, start.seed),
            finality: start_voter(&ports, start.clock_ms),
            pool,
            pool_port,
            watched: Vec::new(),
            ports,
            finalised: 0,
            wake_ms: None,
            is_up: true,
            start: 0,
            connections: BTreeMap::new(),
            gossiped: BTreeSet::new(),
            unjudged: BTreeMap::new(),
            importing: VecDeque::new(),
            is_syncing: false,
        }
    }

    /// Takes a block into the chain, and into the withholder's own.
    pub(crate) fn import(&mut self, block: &DagBlock) -> ImportOutcome {
        let outcome = self.chain.write().import(block.clone());
        if outcome == ImportOutcome::Imported
            && let Some(secret) = self.secret.as_mut().filter(|_| self.role == Role::Withholder)
        {
            secret.import(block.clone());
        }
        outcome
    }

    /// Everything that is not on disk is gone.
    pub(crate) fn stop(&mut self) {
        self.is_up = false;
        self.start += 1;
        self.connections.clear();
        self.gossiped.clear();
        self.unjudged.clear();
        self.importing.clear();
        self.withheld.clear();
        self.wake_ms = None;
        self.watched.clear();
        self.secret = self.secret.as_ref().map(|_| self.chain.read().clone());
    }

    pub(crate) fn restart(&mut self, sync: SyncConfig, start: Start) {
        self.core = SyncCore::new(sync, start.seed);
        self.finality = start_voter(&self.ports, start.clock_ms);
        self.pool = TxPool::new(Arc::<PoolPort>::clone(&self.pool_port), PoolConfig::default());
        // The best block's own payload is not merged yet.
        let best = self.pool_port.best().0;
        self.follow_chain(&[ChainChange { removed: Vec::new(), added: vec![best] }]);
        self.is_up = true;
    }

    /// Tells the pool how the selected chain moved.
    pub(crate) fn follow_chain(&self, changes: &[ChainChange]) {
        for change in changes {
            let chain = self.chain.read();
            let blocks = |hashes: &[H256]| -> Vec<BlockTxs> {
                let outcome = |hash| self.pool_port.ledger.outcome(&chain, hash);
                hashes.iter().filter_map(outcome).map(|outcome| outcome.block.clone()).collect()
            };
            let (retracted, enacted) = (blocks(&change.removed), blocks(&change.added));
            let number = enacted.last().map_or(0, |block| block.number);
            drop(chain);
            self.pool.on_best(&BestUpdate { number, retracted, enacted });
        }
    }
}

fn start_voter(ports: &(Arc<Port>, Arc<Disk>, Arc<Key>), clock_ms: u64) -> Finality {
    let (chain, disk, key) = ports;
    let (chain, disk, key) = (Arc::clone(chain), Arc::clone(disk), Arc::clone(key));
    Finality::new(FinalityConfig::default(), chain, disk, key, clock_ms)
}
