//! Headers whose blocks are not imported yet.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use citrate_core::{H256, Header, OpaqueExtrinsic};
use citrate_dag::payload_bytes;

use crate::io::{PeerId, RequestId};

/// A header of the window.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) header: Header,
    pub(super) parents: Vec<H256>,
    /// Blue blocks in its past, as it says.
    pub(super) blue_score: u64,
    /// Who served it.
    pub(super) source: PeerId,
    pub(super) payload: Option<Vec<OpaqueExtrinsic>>,
    /// The request that asks for its payload.
    asked: Option<RequestId>,
    /// Peers that said that they do not have it.
    pub(super) lacking: BTreeSet<PeerId>,
    /// Whether it was handed to the imports.
    is_importing: bool,
    /// It is not tried before.
    pub(super) not_before_ms: u64,
}

/// Headers in the order in which they came: parents first. LIMIT: `window_max` and `window_bytes_max` of
/// [`SyncConfig`](crate::SyncConfig), kept by who asks for more.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Some may be gone from `items`.
    order: VecDeque<H256>,
    items: BTreeMap<H256, Item>,
    /// Bytes of the payloads.
    bytes: usize,
}

impl Window {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn contains(&self, hash: &H256) -> bool {
        self.items.contains_key(hash)
    }

    pub(super) fn get(&self, hash: &H256) -> Option<&Item> {
        self.items.get(hash)
    }

    pub(super) fn get_mut(&mut self, hash: &H256) -> Option<&mut Item> {
        self.items.get_mut(hash)
    }

    pub(super) fn push(
        &mut self,
        hash: H256,
        header: Header,
        parents: Vec<H256>,
        blue_score: u64,
        source: PeerId,
    ) {
        let item = Item {
            header,
            parents,
            blue_score,
            source,
            payload: None,
            asked: None,
            lacking: BTreeSet::new(),
            is_importing: false,
            not_before_ms: 0,
        };
        if self.items.insert(hash, item).is_none() {
            self.order.push_back(hash);
        }
    }

    /// The block is known, or given up.
    pub(super) fn remove(&mut self, hash: &H256) {
        if let Some(item) = self.items.remove(hash) {
            self.bytes = self.bytes.saturating_sub(item.payload.map_or(0, |p| payload_bytes(&p)));
        }
        while self.order.front().is_some_and(|first| !self.items.contains_key(first)) {
            self.order.pop_front();
        }
    }

    /// Puts a payload that fits its header in its place.
    pub(super) fn fill(&mut self, hash: &H256, payload: Vec<OpaqueExtrinsic>) {
        let Some(item) = self.items.get_mut(hash).filter(|item| item.needs_payload()) else {
            return;
        };
        self.bytes = self.bytes.saturating_add(payload_bytes(&payload));
        item.payload = Some(payload);
    }

    /// Takes the payload to import the block.
    pub(super) fn take_payload(&mut self, hash: &H256) -> Option<Vec<OpaqueExtrinsic>> {
        let item = self.items.get_mut(hash)?;
        let payload = item.payload.take()?;
        item.is_importing = true;
        self.bytes = self.bytes.saturating_sub(payload_bytes(&payload));
        Some(payload)
    }

    /// The import failed through no fault of the block: its payload is asked for again.
    pub(super) fn retry(&mut self, hash: &H256, not_before_ms: u64) {
        if let Some(item) = self.items.get_mut(hash) {
            (item.is_importing, item.not_before_ms) = (false, not_before_ms);
        }
    }

    /// The first `count`, in order.
    pub(super) fn first(&self, count: usize) -> impl Iterator<Item = (&H256, &Item)> {
        let present = self.order.iter().filter_map(|hash| self.items.get_key_value(hash));
        present.take(count)
    }

    pub(super) fn ask(&mut self, id: RequestId, hashes: &[H256]) {
        for hash in hashes {
            if let Some(item) = self.items.get_mut(hash) {
                item.asked = Some(id);
            }
        }
    }

    /// Payloads of this request can be asked for again.
    pub(super) fn release(&mut self, id: RequestId, hashes: &[H256]) {
        for hash in hashes {
            if let Some(item) = self.items.get_mut(hash).filter(|item| item.asked == Some(id)) {
                item.asked = None;
            }
        }
    }

    /// A peer is gone.
    pub(super) fn forget(&mut self, peer: PeerId) {
        for item in self.items.values_mut() {
            item.lacking.remove(&peer);
        }
    }
}

impl Item {
    /// Whether its payload is missing, asked for or not.
    fn needs_payload(&self) -> bool {
        self.payload.is_none() && !self.is_importing
    }

    /// Whether its payload has to be asked for.
    pub(super) fn is_open(&self, now_ms: u64) -> bool {
        self.needs_payload() && self.asked.is_none() && self.not_before_ms <= now_ms
    }
}
