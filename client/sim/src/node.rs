//! A node.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use citrate_core::BlockNumber;
use citrate_dag_types::DagBlock;
use citrate_finality::{Finality, FinalityConfig};
use citrate_sync::testing::MemoryChain;
use citrate_sync::{GossipId, ImportOutcome, SyncConfig, SyncCore};

use crate::scenario::{Role, Scenario};
use crate::transactions;
use crate::voter::{Disk, Key, Keyring, Port, SharedChain};
use crate::world::Packet;

/// A node. What is imported survives a crash, nothing else does.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) role: Role,
    pub(crate) skew_ms: i64,
    pub(crate) chain: SharedChain,
    /// What a withholder knows and nobody else.
    pub(crate) secret: Option<MemoryChain>,
    pub(crate) withheld: Vec<DagBlock>,
    pub(crate) core: SyncCore,
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
    /// Transactions in the blocks that it knows.
    pub(crate) seen: BTreeSet<u64>,
    pub(crate) is_syncing: bool,
}

impl Node {
    pub(crate) fn new(
        role: Role,
        skew_ms: i64,
        scenario: &Scenario,
        seed: u64,
        (ring, voter): (&Arc<Keyring>, usize),
        clock_ms: u64,
    ) -> Self {
        let chain = MemoryChain::new(scenario.rules);
        let secret = (role == Role::Withholder).then(|| chain.clone());
        let chain: SharedChain = Arc::new(chain.into());
        let port = Arc::new(Port { chain: Arc::clone(&chain), ring: Arc::clone(ring) });
        let key = Arc::new(Key { ring: Arc::clone(ring), voter });
        let ports = (port, Arc::<Disk>::default(), key);
        Self {
            role,
            skew_ms,
            chain,
            secret,
            withheld: Vec::new(),
            core: SyncCore::new(scenario.sync, seed),
            finality: start_voter(&ports, clock_ms),
            ports,
            finalised: 0,
            wake_ms: None,
            is_up: true,
            start: 0,
            connections: BTreeMap::new(),
            gossiped: BTreeSet::new(),
            unjudged: BTreeMap::new(),
            importing: VecDeque::new(),
            seen: BTreeSet::new(),
            is_syncing: false,
        }
    }

    /// Takes a block into the chain, and into the withholder's own.
    pub(crate) fn import(&mut self, block: &DagBlock) -> ImportOutcome {
        let outcome = self.chain.write().import(block.clone());
        if outcome == ImportOutcome::Imported {
            self.seen.extend(block.payload.iter().filter_map(transactions::number));
            if let Some(secret) = &mut self.secret {
                secret.import(block.clone());
            }
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
        self.secret = self.secret.as_ref().map(|_| self.chain.read().clone());
    }

    pub(crate) fn restart(&mut self, sync: SyncConfig, seed: u64, clock_ms: u64) {
        self.core = SyncCore::new(sync, seed);
        self.finality = start_voter(&self.ports, clock_ms);
        self.is_up = true;
    }
}

fn start_voter(ports: &(Arc<Port>, Arc<Disk>, Arc<Key>), clock_ms: u64) -> Finality {
    let (chain, disk, key) = ports;
    let (chain, disk, key) = (Arc::clone(chain), Arc::clone(disk), Arc::clone(key));
    Finality::new(FinalityConfig::default(), chain, disk, key, clock_ms)
}
