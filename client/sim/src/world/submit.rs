//! Transactions from their senders to blocks.

use std::collections::{BTreeMap, BTreeSet};

use citrate_core::{BlockNumber, H256, OpaqueExtrinsic, TransactionSource, Weight, sr25519};
use citrate_dag::Mergeset;
use citrate_dag::ghostdag::BlockInfo;
use citrate_dag_types::{Authority, DagConfiguration, Slot};
use citrate_sync::testing::MemoryChain;
use citrate_txpool::{Lane, PoolError, TxStatus, propose};

use super::{Packet, Topic, World};
use crate::check::Violation;
use crate::scenario::{Role, Scenario};
use crate::transactions::{BYTES, Watched};

/// Bytes of a transaction's length before it in a payload.
const LENGTH_BYTES: usize = 2;

impl World {
    /// The honest node that a sender talks to.
    fn home(&self, sender: u32) -> Option<usize> {
        let honest: Vec<usize> =
            (0..self.nodes.len()).filter(|node| self.scenario.is_honest(*node)).collect();
        honest.get(sender as usize % honest.len().max(1)).copied()
    }

    /// A sender submits its next transaction, if its node is up.
    pub(super) fn submit(&mut self, sender: u32) {
        let Some(home) = self.home(sender) else { return };
        let Some(state) = self.nodes.get_mut(home).filter(|state| state.is_up) else { return };
        let transaction = {
            let chain = state.chain.read();
            let sink = chain.dag().sink();
            let best = chain.block(&sink).map_or(0, |block| block.header.number);
            let nonce = self.ledger.nonce(&chain, &sink, sender);
            self.senders.next(sender, nonce, best)
        };
        let extrinsic = transaction.extrinsic();
        let taken = state.pool.submit_and_watch(TransactionSource::External, extrinsic.clone());
        // Refused: the sender knows that at once.
        let Ok((hash, stream)) = taken else { return };
        self.senders.nonces[sender as usize] += 1;
        state.watched.push(Watched::new(hash, stream));
        self.publish(home, None, Topic::Transactions, &Packet::new(extrinsic.0));
    }

    /// A transaction of another node arrives.
    pub(super) fn transaction_arrived(&mut self, connection: u64, to: usize, packet: &Packet) {
        let Some(state) = self.nodes.get_mut(to) else { return };
        let extrinsic = OpaqueExtrinsic(packet.bytes.to_vec());
        match state.pool.submit(TransactionSource::External, extrinsic) {
            Ok(_) | Err(PoolError::AlreadyImported(_)) => {
                self.publish(to, Some(connection), Topic::Transactions, packet);
            }
            Err(_) => {}
        }
    }

    /// What an author puts in a payload.
    pub(super) fn payload(
        &self,
        node: usize,
        slot: u64,
        chain: &MemoryChain,
        info: &BlockInfo,
    ) -> Vec<OpaqueExtrinsic> {
        let Some(state) = self.nodes.get(node) else { return Vec::new() };
        // What this block merges it executes as well: that is not proposed again.
        let merged = Mergeset::of(chain.dag(), info).blocks;
        let merged = merged.iter().skip(1).filter_map(|(hash, _)| chain.block(hash));
        let taken: BTreeSet<H256> =
            merged.flat_map(|block| block.payload.iter().map(OpaqueExtrinsic::hash)).collect();
        let author = u32::try_from(node).unwrap_or(u32::MAX);
        let output = self.scenario.rules.vrf_output(author, Slot(slot));
        let configuration = configuration(&self.scenario);
        let lane = Lane::draw(&configuration, &output);
        propose(&state.pool.ready(), &taken, &configuration, |tx| lane.holds(tx))
    }

    /// Whether everybody knows what became of each transaction.
    pub(super) fn is_settled(&mut self) -> bool {
        let mut is_settled = true;
        for state in &mut self.nodes {
            for watched in &mut state.watched {
                is_settled &= watched.is_settled();
            }
        }
        is_settled
    }

    /// No more blocks are made: every transaction that a node took must be accepted, or its sender
    /// be told that it is not.
    pub(super) fn settle(&mut self) {
        self.is_active = false;
        self.report.active_ms = self.now_ms;
        let mut final_at: BTreeMap<H256, BlockNumber> = BTreeMap::new();
        let Some(state) = self.nodes.iter().find(|state| state.role == Role::Honest) else {
            return;
        };
        let chain = state.chain.read();
        for hash in self.final_chain.values() {
            let Some(outcome) = self.ledger.outcome(&chain, hash) else { continue };
            let hashes = outcome.block.accepted.iter().map(|tx| tx.hash);
            for hash in hashes {
                if final_at.insert(hash, outcome.block.number).is_some() {
                    self.violation.get_or_insert(Violation::AcceptedTwice(hash));
                }
            }
        }
        for watched in self.nodes.iter().flat_map(|state| &state.watched) {
            let is_accounted = match &watched.last {
                Some(TxStatus::Finalized { .. }) => final_at.contains_key(&watched.hash),
                // Not of what a full pool dropped, or became final late: others may have taken it.
                Some(TxStatus::Invalid | TxStatus::Usurped(_)) => {
                    !final_at.contains_key(&watched.hash)
                }
                // Whoever is told that it is not accepted may send another with the same nonce.
                Some(status) if status.is_final() => true,
                _ => false,
            };
            if !is_accounted {
                let (hash, said) = (watched.hash, format!("{:?}", watched.last));
                self.violation.get_or_insert(Violation::Unaccounted { hash, said });
            }
            let is_accepted = matches!(watched.last, Some(TxStatus::Finalized { .. }));
            self.report.acknowledged += 1;
            self.report.accepted += usize::from(is_accepted);
        }
    }
}

/// The parameters that authors share.
fn configuration(scenario: &Scenario) -> DagConfiguration {
    let rules = &scenario.rules;
    let authority = Authority { key: sr25519::Public([0; 32]), weight: 1 };
    let payload_bytes = scenario.payload_max * (BYTES + LENGTH_BYTES);
    DagConfiguration {
        slot_duration_ms: rules.slot_ms,
        epoch_length: u64::MAX,
        election: rules.election,
        authorities: vec![authority; rules.authors as usize],
        randomness: [0; 32],
        payload_bytes_max: u32::try_from(payload_bytes).unwrap_or(u32::MAX),
        payload_weight_max: Weight::MAX,
        mergeset_max: u32::try_from(rules.dag.mergeset_max).unwrap_or(u32::MAX),
        delay_bound_ms: 0,
    }
}
