//! Making blocks, honestly or not.

use std::sync::Arc;

use citrate_core::OpaqueExtrinsic;
use citrate_dag_types::{DagBlock, Slot};
use citrate_sync::{Input, Wire};

use super::{Message, Packet, Topic, World};
use crate::byzantine;
use crate::scenario::Role;

/// Blocks that a withholder hides before it shows them.
const WITHHELD_MAX: usize = 4;
/// Blocks that an equivocator makes of one slot.
const VERSIONS: u8 = 3;

impl World {
    /// A node has won a slot that begins.
    pub(super) fn author(&mut self, node: usize, slot: u64) {
        let Some(state) = self.nodes.get(node).filter(|state| state.is_up) else { return };
        let author = u32::try_from(node).unwrap_or(u32::MAX);
        let output = self.scenario.rules.vrf_output(author, Slot(slot));
        let authors = u64::from(self.scenario.rules.authors);
        let draw = output.last_chunk::<8>().map_or(0, |tail| u64::from_le_bytes(*tail));
        let share = (draw % authors.max(1), authors.max(1));
        let payload = self.transactions.choose(
            node,
            share,
            &state.seen,
            self.now_ms,
            self.scenario.payload_max,
        );
        let role = state.role;
        let shared = Arc::clone(&state.chain);
        let public = shared.read();
        let chain = state.secret.as_ref().unwrap_or(&public);
        let Some(block) = chain.build(author, slot, payload.clone()) else { return };
        match role {
            Role::Honest | Role::LyingServer | Role::DoubleVoter => {
                drop(public);
                self.show(node, block);
            }
            Role::WrongState => {
                let block = byzantine::wrong_state(chain, block);
                drop(public);
                self.show(node, block);
            }
            Role::Spammer => {
                let bytes = byzantine::spam(chain, &block, &mut self.random);
                drop(public);
                self.show(node, block);
                self.publish(node, None, Topic::Blocks, Packet::new(bytes));
            }
            Role::Withholder => {
                drop(public);
                self.withhold(node, block);
            }
            Role::Equivocator => {
                drop(public);
                self.equivocate(node, slot, &payload);
            }
        }
    }

    /// Imports a block of a node's own and sends it to everybody.
    fn show(&mut self, node: usize, block: DagBlock) {
        self.trace(node, block.hash().as_bytes());
        self.born_ms.entry(block.hash()).or_insert(self.now_ms);
        self.import_own(node, &block);
        self.input(node, Input::Authored(block));
    }

    fn withhold(&mut self, node: usize, block: DagBlock) {
        let Some(state) = self.nodes.get_mut(node) else { return };
        if let Some(secret) = &mut state.secret {
            secret.import(block.clone());
        }
        state.withheld.push(block);
        if state.withheld.len() >= WITHHELD_MAX {
            self.show_withheld(node);
        }
    }

    /// Shows everything that a node hid.
    pub(super) fn show_withheld(&mut self, node: usize) {
        let Some(state) = self.nodes.get_mut(node) else { return };
        for block in std::mem::take(&mut state.withheld) {
            self.show(node, block);
        }
    }

    /// Several blocks of one slot, of which each peer is shown another.
    fn equivocate(&mut self, node: usize, slot: u64, payload: &[OpaqueExtrinsic]) {
        let author = u32::try_from(node).unwrap_or(u32::MAX);
        let Some(state) = self.nodes.get(node) else { return };
        let versions: Vec<DagBlock> = (0..VERSIONS)
            .filter_map(|version| {
                let mark = OpaqueExtrinsic(vec![version; 3]);
                let payload = payload.iter().cloned().chain([mark]).collect();
                state.chain.read().build(author, slot, payload)
            })
            .collect();
        let connections: Vec<u64> = state.connections.keys().copied().collect();
        for block in &versions {
            self.born_ms.entry(block.hash()).or_insert(self.now_ms);
            self.import_own(node, block);
        }
        for (connection, block) in connections.into_iter().zip(versions.iter().cycle()) {
            self.send(
                connection,
                node,
                Message::Gossip(Topic::Blocks, Packet::new(block.to_bytes())),
            );
        }
    }
}
