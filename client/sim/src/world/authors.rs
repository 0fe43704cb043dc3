//! Making blocks, honestly or not.

use std::sync::Arc;

use citrate_core::OpaqueExtrinsic;
use citrate_dag_types::{DagBlock, Slot};
use citrate_sync::testing::MemoryChain;
use citrate_sync::{Input, Wire};

use super::{Message, Packet, Topic, World};
use crate::byzantine;
use crate::check;
use crate::scenario::Role;

/// Blocks that a withholder hides before it shows them.
const WITHHELD_MAX: usize = 4;
/// Slots whose blocks make a private DAG.
const PRIVATE_SLOTS: usize = 6;
/// Blocks that an equivocator makes of one slot.
const VERSIONS: u8 = 3;

impl World {
    /// A slot begins; its author makes a block.
    pub(super) fn author(&mut self, node: usize, slot: u64) {
        let Some(state) = self.nodes.get(node).filter(|state| state.is_up) else { return };
        let author = u32::try_from(node).unwrap_or(u32::MAX);
        let role = state.role;
        if !self.scenario.rules.wins(author, Slot(slot)) {
            return;
        }
        if role == Role::PrivateDag {
            return self.mine_privately(node, slot);
        }
        let Some((block, payload)) = self.build(node, slot) else { return };
        match role {
            Role::Honest | Role::LyingServer | Role::DoubleVoter => self.show(node, block),
            Role::WrongState => {
                let block = self.with_chain(node, |chain| byzantine::wrong_state(chain, block));
                block.into_iter().for_each(|block| self.show(node, block));
            }
            Role::Spammer => {
                let mut random = self.random.fork();
                let spam = |chain: &MemoryChain| byzantine::spam(chain, &block, &mut random);
                let bytes = self.with_chain(node, spam).unwrap_or_default();
                self.show(node, block);
                self.publish(node, None, Topic::Blocks, &Packet::new(bytes));
            }
            Role::Withholder => self.withhold(node, block),
            Role::Equivocator => self.equivocate(node, slot, &payload),
            Role::PrivateDag => {}
        }
    }

    /// Reads the chain that a node builds on.
    fn with_chain<T>(&self, node: usize, read: impl FnOnce(&MemoryChain) -> T) -> Option<T> {
        let state = self.nodes.get(node)?;
        match &state.secret {
            Some(secret) => Some(read(secret)),
            None => Some(read(&state.chain.read())),
        }
    }

    /// A block of this slot, and its payload.
    fn build(&self, node: usize, slot: u64) -> Option<(DagBlock, Vec<OpaqueExtrinsic>)> {
        let author = u32::try_from(node).ok()?;
        let block = self.with_chain(node, |chain| {
            chain.build_with(author, slot, |info| self.payload(node, slot, chain, info))
        });
        block.flatten().map(|block| (block.clone(), block.payload))
    }

    /// Extends a DAG of the node's own blocks alone, several of each slot, and shows it once it is
    /// long. However many blocks it has, it must weigh no more than the slots that were won.
    fn mine_privately(&mut self, node: usize, slot: u64) {
        let author = u32::try_from(node).unwrap_or(u32::MAX);
        let Some(state) = self.nodes.get_mut(node) else { return };
        let shared = Arc::clone(&state.chain);
        let secret = state.secret.get_or_insert_with(|| shared.read().clone());
        if state.withheld.is_empty() {
            *secret = shared.read().clone();
            state.fork = Some(slot);
        }
        let versions = (0..VERSIONS).filter_map(|version| {
            let mark = OpaqueExtrinsic(vec![version; 3]);
            secret.build(author, slot, vec![mark])
        });
        for block in versions.collect::<Vec<_>>() {
            secret.import(block.clone());
            state.withheld.push(block);
        }
        let (first, rules) = (*state.fork.get_or_insert(slot), self.scenario.rules);
        let won = (first..=slot).filter(|slot| rules.wins(author, Slot(*slot))).count();
        if won > PRIVATE_SLOTS {
            // What nobody else has seen is judged before the others' blocks hide it.
            if let Err(violation) = check::work_is_won(secret) {
                self.violation.get_or_insert(violation);
            }
            self.show_withheld(node);
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
