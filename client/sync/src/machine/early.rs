//! Blocks of slots that have not begun.

use std::collections::BTreeMap;

use citrate_core::H256;
use citrate_dag_types::Slot;

use crate::machine::SyncCore;
use crate::machine::arrivals::Arrival;
use crate::port::SyncChain;

/// Blocks that are held back, by slot. LIMIT: [`SyncConfig::early_max`](crate::SyncConfig).
#[derive(Debug, Default)]
pub(super) struct Early(BTreeMap<(Slot, H256), Arrival>);

/// When a block's slot begins, seen from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timing {
    /// Now or earlier.
    InTime,
    /// So soon that it can be waited for.
    Soon,
    /// Too far away.
    TooEarly,
}

impl Early {
    pub(super) fn contains(&self, slot: Slot, hash: H256) -> bool {
        self.0.contains_key(&(slot, hash))
    }
}

impl SyncCore {
    pub(super) fn timing(&self, chain: &dyn SyncChain, slot: Slot) -> Timing {
        let starts_ms = slot.starts_at_ms(chain.slot_duration_ms());
        match starts_ms.saturating_sub(self.now_ms.saturating_add(self.config.clock_drift_ms)) {
            0 => Timing::InTime,
            wait if wait <= self.config.early_wait_max_ms => Timing::Soon,
            _ => Timing::TooEarly,
        }
    }

    /// Holds a block back, unless there are too many: then it comes back.
    pub(super) fn hold_back(&mut self, slot: Slot, arrival: Arrival) -> Option<Arrival> {
        let of_peer = self.early.0.values().filter(|early| early.peer == arrival.peer).count();
        let config = &self.config;
        if self.early.0.len() >= config.early_max || of_peer >= config.early_per_peer_max {
            return Some(arrival);
        }
        self.early.0.insert((slot, arrival.hash), arrival)
    }

    /// Takes the blocks whose slot has begun.
    pub(super) fn release_early(&mut self, chain: &dyn SyncChain) {
        while let Some((slot, _)) = self.early.0.first_key_value().map(|(key, _)| *key) {
            if self.timing(chain, slot) != Timing::InTime {
                break;
            }
            if let Some((_, arrival)) = self.early.0.pop_first() {
                self.admit(chain, arrival);
            }
        }
    }
}
