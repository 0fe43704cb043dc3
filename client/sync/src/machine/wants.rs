//! Single blocks that are looked for.

use std::collections::{BTreeMap, BTreeSet};

use citrate_core::H256;
use citrate_dag_types::Slot;

use crate::io::{PeerId, RequestId};
use crate::machine::SyncCore;

/// LIMIT: blocks that nobody had which are remembered; the one to be forgotten first goes first.
const GIVEN_UP_MAX: usize = 4_096;

/// A block that is looked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Want {
    /// Generations below a block that came by itself.
    pub(super) depth: u32,
    /// The slot of the freshest block that needs it.
    pub(super) slot: Slot,
    /// Peers that must have it, in the order in which they showed it.
    pub(super) holders: Vec<PeerId>,
    /// Peers that said that they do not have it.
    pub(super) lacking: BTreeSet<PeerId>,
    pub(super) asked: Option<RequestId>,
    /// Whether no other block needs it: it is a peer's tip.
    pub(super) is_tip: bool,
}

/// Single blocks that are looked for. LIMIT: [`SyncConfig::wants_max`](crate::SyncConfig).
#[derive(Debug, Default)]
pub(super) struct Wants {
    blocks: BTreeMap<H256, Want>,
    given_up: BTreeMap<H256, GivenUp>,
}

/// A block that is not looked for at the moment.
#[derive(Debug)]
struct GivenUp {
    until_ms: u64,
    /// Who does not have it: whoever else shows it is asked. `None` if it is of no use anyway.
    lacking: Option<BTreeSet<PeerId>>,
}

impl Wants {
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    pub(super) fn get(&self, hash: &H256) -> Option<&Want> {
        self.blocks.get(hash)
    }

    pub(super) fn get_mut(&mut self, hash: &H256) -> Option<&mut Want> {
        self.blocks.get_mut(hash)
    }

    pub(super) fn remove(&mut self, hash: &H256) -> Option<Want> {
        self.blocks.remove(hash)
    }

    /// What is not asked for at the moment, the freshest first.
    pub(super) fn open(&self) -> Vec<H256> {
        let open = self.blocks.iter().filter(|(_, want)| want.asked.is_none());
        let mut open: Vec<_> = open.map(|(hash, want)| (want.slot, *hash)).collect();
        open.sort_unstable_by(|a, b| b.cmp(a));
        open.into_iter().map(|(_, hash)| hash).collect()
    }

    /// Blocks of this request can be asked for again.
    pub(super) fn release(&mut self, id: RequestId, hashes: &[H256]) {
        for hash in hashes {
            if let Some(want) = self.blocks.get_mut(hash).filter(|want| want.asked == Some(id)) {
                want.asked = None;
            }
        }
    }

    /// Other peers that must have these blocks are asked first.
    pub(super) fn postpone(&mut self, peer: PeerId, hashes: &[H256]) {
        for hash in hashes {
            let Some(want) = self.blocks.get_mut(hash) else { continue };
            if let Some(position) = want.holders.iter().position(|holder| *holder == peer) {
                let holder = want.holders.remove(position);
                want.holders.push(holder);
            }
        }
    }

    /// A peer is gone.
    pub(super) fn forget(&mut self, peer: PeerId) {
        for want in self.blocks.values_mut() {
            want.holders.retain(|holder| *holder != peer);
            want.lacking.remove(&peer);
        }
    }

    fn give_up(&mut self, hash: H256, given_up: GivenUp) {
        self.given_up.insert(hash, given_up);
        if self.given_up.len() > GIVEN_UP_MAX {
            let first = self.given_up.iter().min_by_key(|(_, given_up)| given_up.until_ms);
            if let Some(hash) = first.map(|(hash, _)| *hash) {
                self.given_up.remove(&hash);
            }
        }
    }
}

impl SyncCore {
    /// Looks for a block that this peer must have.
    pub(super) fn want(&mut self, hash: H256, peer: PeerId, slot: Slot, depth: u32) {
        let want = self.wanted(hash, peer, depth);
        if let Some(want) = want {
            want.slot = want.slot.max(slot);
            want.is_tip = false;
        }
    }

    /// Looks for a block that this peer names as one of its tips.
    pub(super) fn want_tip(&mut self, hash: H256, peer: PeerId) {
        let is_new = self.wants.get(&hash).is_none();
        if let Some(want) = self.wanted(hash, peer, 0).filter(|_| is_new) {
            want.is_tip = true;
        }
    }

    fn wanted(&mut self, hash: H256, peer: PeerId, depth: u32) -> Option<&mut Want> {
        let now_ms = self.now_ms;
        self.wants.given_up.retain(|_, given_up| given_up.until_ms > now_ms);
        let is_connected = self.peers.contains_key(&peer);
        let mut lacking = BTreeSet::new();
        if !self.wants.blocks.contains_key(&hash) {
            if self.wants.blocks.len() >= self.config.wants_max {
                return None;
            }
            if let Some(given_up) = self.wants.given_up.get_mut(&hash) {
                let others = given_up.lacking.as_mut();
                lacking = std::mem::take(others.filter(|l| is_connected && !l.contains(&peer))?);
                self.wants.given_up.remove(&hash);
            }
        }
        let new = || Want { depth, lacking, ..Want::default() };
        let want = self.wants.blocks.entry(hash).or_insert_with(new);
        if is_connected && !want.holders.contains(&peer) {
            want.holders.push(peer);
        }
        Some(want)
    }

    /// Nobody has this block: what waits for it is dropped.
    pub(super) fn give_up(&mut self, hash: H256) {
        let lacking = self.wants.blocks.remove(&hash).map(|want| want.lacking);
        self.do_without(hash, Some(lacking.unwrap_or_default()));
    }

    /// This block is of no use here, whoever has it: what waits for it is dropped.
    pub(super) fn dismiss(&mut self, hash: H256) {
        self.wants.blocks.remove(&hash);
        self.do_without(hash, None);
    }

    fn do_without(&mut self, hash: H256, lacking: Option<BTreeSet<PeerId>>) {
        let until_ms = self.now_ms.saturating_add(self.config.given_up_ms);
        self.wants.give_up(hash, GivenUp { until_ms, lacking });
        self.drop_descendants(&hash);
    }

    /// Stops looking for blocks that no orphan needs any more.
    pub(super) fn drop_useless_wants(&mut self) {
        let orphans = &self.orphans;
        self.wants.blocks.retain(|hash, want| want.is_tip || orphans.has_children(hash));
    }
}
