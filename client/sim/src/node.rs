//! A node.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use citrate_dag_types::DagBlock;
use citrate_sync::testing::{MemoryChain, TestRules};
use citrate_sync::{GossipId, ImportOutcome, SyncConfig, SyncCore};

use crate::scenario::Role;
use crate::transactions;

/// A node. What is imported survives a crash, nothing else does.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) role: Role,
    pub(crate) skew_ms: i64,
    pub(crate) chain: MemoryChain,
    /// What a withholder knows and nobody else.
    pub(crate) secret: Option<MemoryChain>,
    pub(crate) withheld: Vec<DagBlock>,
    pub(crate) core: SyncCore,
    pub(crate) is_up: bool,
    /// Counts the starts: what was meant for an earlier one is dropped.
    pub(crate) start: u64,
    /// Connections, and the node at the other end.
    pub(crate) connections: BTreeMap<u64, usize>,
    /// Gossip messages that came or went, by a hash over their bytes.
    pub(crate) gossiped: BTreeSet<[u8; 32]>,
    /// Gossip messages that wait for a verdict, with the connection that they came on.
    pub(crate) unjudged: BTreeMap<GossipId, (u64, Vec<u8>)>,
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
        rules: TestRules,
        sync: SyncConfig,
        seed: u64,
    ) -> Self {
        let chain = MemoryChain::new(rules);
        let secret = (role == Role::Withholder).then(|| chain.clone());
        Self {
            role,
            skew_ms,
            chain,
            secret,
            withheld: Vec::new(),
            core: SyncCore::new(sync, seed),
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
        let outcome = self.chain.import(block.clone());
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
        self.secret = self.secret.as_ref().map(|_| self.chain.clone());
    }

    pub(crate) fn restart(&mut self, sync: SyncConfig, seed: u64) {
        self.core = SyncCore::new(sync, seed);
        self.is_up = true;
    }
}
