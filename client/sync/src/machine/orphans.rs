//! Blocks that wait for their parents.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use citrate_core::H256;
use citrate_dag_types::{DagDigest, Slot};

use crate::config::SyncConfig;
use crate::io::{GossipId, PeerId, Verdict};
use crate::machine::SyncCore;
use crate::machine::arrivals::Arrival;
use crate::port::SyncChain;
use crate::wire::Wire;

#[derive(Debug)]
struct Orphan {
    arrival: Arrival,
    bytes: usize,
    since_ms: u64,
}

/// Blocks that wait for their parents. LIMIT: count, bytes, count per peer, age, see
/// [`SyncConfig`]. The lowest slot goes first.
#[derive(Debug, Default)]
pub(super) struct Orphans {
    blocks: BTreeMap<H256, Orphan>,
    /// By parent.
    children: BTreeMap<H256, BTreeSet<H256>>,
    by_slot: BTreeSet<(Slot, H256)>,
    per_peer: BTreeMap<PeerId, BTreeSet<(Slot, H256)>>,
    bytes: usize,
}

impl Orphans {
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    pub(super) fn contains(&self, hash: &H256) -> bool {
        self.blocks.contains_key(hash)
    }

    /// Takes a block, and says whose place it took; that may be itself.
    fn insert(&mut self, arrival: Arrival, now_ms: u64, config: &SyncConfig) -> Vec<Arrival> {
        let bytes = codec::Encode::encoded_size(&arrival.block);
        debug_assert!(bytes <= <citrate_dag_types::DagBlock as Wire>::BYTES_MAX);
        let (hash, peer) = (arrival.hash, arrival.peer);
        let key = (arrival.digest.slot, hash);
        for parent in arrival.parents() {
            self.children.entry(parent).or_default().insert(hash);
        }
        self.by_slot.insert(key);
        self.per_peer.entry(peer).or_default().insert(key);
        self.bytes += bytes;
        self.blocks.insert(hash, Orphan { arrival, bytes, since_ms: now_ms });
        let mut evicted = Vec::new();
        let of_peer = self.per_peer.get(&peer).filter(|of| of.len() > config.orphans_per_peer_max);
        if let Some((_, lowest)) = of_peer.and_then(BTreeSet::first).copied() {
            evicted.extend(self.take(&lowest));
        }
        while self.blocks.len() > config.orphans_max || self.bytes > config.orphan_bytes_max {
            let Some((_, lowest)) = self.by_slot.first().copied() else { break };
            evicted.extend(self.take(&lowest));
        }
        evicted
    }

    fn take(&mut self, hash: &H256) -> Option<Arrival> {
        let Orphan { arrival, bytes, .. } = self.blocks.remove(hash)?;
        let key = (arrival.digest.slot, *hash);
        for parent in arrival.parents() {
            if let Some(children) = self.children.get_mut(&parent) {
                children.remove(hash);
                if children.is_empty() {
                    self.children.remove(&parent);
                }
            }
        }
        self.by_slot.remove(&key);
        if let Some(of_peer) = self.per_peer.get_mut(&arrival.peer) {
            of_peer.remove(&key);
            if of_peer.is_empty() {
                self.per_peer.remove(&arrival.peer);
            }
        }
        self.bytes = self.bytes.saturating_sub(bytes);
        Some(arrival)
    }

    fn children_of(&self, hash: &H256) -> Vec<H256> {
        self.children.get(hash).into_iter().flatten().copied().collect()
    }

    /// Whether any block waits for this one.
    pub(super) fn has_children(&self, hash: &H256) -> bool {
        self.children.contains_key(hash)
    }

    /// What waits for this one waits anew: it got on.
    fn refresh_descendants(&mut self, hash: &H256, now_ms: u64) {
        let mut queue = self.children_of(hash);
        while let Some(child) = queue.pop() {
            let Some(orphan) = self.blocks.get_mut(&child) else { continue };
            if orphan.since_ms < now_ms {
                orphan.since_ms = now_ms;
                queue.extend(self.children_of(&child));
            }
        }
    }

    fn older_than(&self, since_ms: u64) -> Vec<H256> {
        let old = self.blocks.iter().filter(|(_, orphan)| orphan.since_ms < since_ms);
        old.map(|(hash, _)| *hash).collect()
    }
}

impl SyncCore {
    /// Puts a block among the orphans and looks for the parents that nothing else will bring.
    pub(super) fn wait_for_parents(&mut self, chain: &dyn SyncChain, arrival: Arrival) {
        let (peer, depth, digest) = (arrival.peer, arrival.depth, arrival.digest.clone());
        let parents: Vec<H256> = arrival.parents().collect();
        let hash = arrival.hash;
        for evicted in self.orphans.insert(arrival, self.now_ms, &self.config) {
            self.judge(evicted.gossip, Verdict::Ignore);
        }
        if !self.orphans.contains(&hash) {
            return;
        }
        if depth > 0 {
            self.orphans.refresh_descendants(&hash, self.now_ms);
        }
        self.want_parents(chain, &parents, peer, depth, &digest);
    }

    /// Looks for the parents that nothing else will bring.
    fn want_parents(
        &mut self,
        chain: &dyn SyncChain,
        parents: &[H256],
        peer: PeerId,
        depth: u32,
        digest: &DagDigest,
    ) {
        let ours = chain.status().blue_score;
        let is_far = digest.blue_score > ours.saturating_add(self.config.far_blue_score);
        let is_deep = depth >= self.config.chase_max;
        let state = self.peers.get_mut(&peer);
        if (is_far || is_deep)
            && let Some(state) = state.filter(|state| state.drained_until_ms <= self.now_ms)
        {
            state.is_ahead = true;
            return;
        }
        for parent in parents {
            if !self.is_here(chain, parent) && !self.is_in_window(parent) {
                self.want(*parent, peer, digest.slot, depth.saturating_add(1));
            }
        }
    }

    /// Looks again for what orphans need and nobody is asked for, now and then: a place may be free,
    /// or another peer have it.
    pub(super) fn review_orphans(&mut self, chain: &dyn SyncChain) {
        if self.session.is_some() || self.review_ms > self.now_ms {
            return;
        }
        self.review_ms = self.now_ms.saturating_add(self.config.orphan_review_ms);
        let all = self.orphans.blocks.values().map(|orphan| {
            let arrival = &orphan.arrival;
            let parents: Vec<H256> = arrival.parents().collect();
            (parents, arrival.peer, arrival.depth, arrival.digest.clone())
        });
        for (parents, peer, depth, digest) in all.collect::<Vec<_>>() {
            self.want_parents(chain, &parents, peer, depth, &digest);
        }
    }

    /// A block is known now: its children may be able to go on.
    pub(super) fn release_orphans(&mut self, chain: &dyn SyncChain, hash: &H256) {
        self.wants.remove(hash);
        for child in self.orphans.children_of(hash) {
            let parents = self.orphans.blocks.get(&child).map(|orphan| &orphan.arrival);
            let is_ready = parents.is_some_and(|a| a.parents().all(|p| chain.contains(&p)));
            if is_ready && let Some(arrival) = self.orphans.take(&child) {
                self.connect(chain, arrival);
            }
        }
    }

    /// A block will not come: what waits for it is dropped.
    pub(super) fn drop_descendants(&mut self, hash: &H256) {
        let mut queue = VecDeque::from([*hash]);
        while let Some(parent) = queue.pop_front() {
            for child in self.orphans.children_of(&parent) {
                queue.push_back(child);
                if let Some(arrival) = self.orphans.take(&child) {
                    self.drop_orphan(arrival.gossip);
                }
            }
        }
        self.drop_useless_wants();
    }

    /// Drops the orphans that have waited too long.
    pub(super) fn expire_orphans(&mut self) {
        let Some(since_ms) = self.now_ms.checked_sub(self.config.orphan_age_max_ms) else { return };
        let old = self.orphans.older_than(since_ms);
        if old.is_empty() {
            return;
        }
        for hash in old {
            if let Some(arrival) = self.orphans.take(&hash) {
                self.drop_orphan(arrival.gossip);
            }
        }
        self.drop_useless_wants();
    }

    fn drop_orphan(&mut self, gossip: Option<GossipId>) {
        self.judge(gossip, Verdict::Ignore);
    }
}
