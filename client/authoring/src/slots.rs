//! When the next slot begins.

use std::time::Duration;

use citrate_dag_types::Slot;

/// The next slot to author in, and how long until it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The slot.
    pub slot: Slot,
    /// Time until it begins; zero when it has.
    pub wait: Duration,
}

/// Hands out each slot at most once, and never one that is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotClock {
    last: Option<Slot>,
}

impl SlotClock {
    /// A clock that has handed out nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next slot. A clock that went back waits for the slot after the last one that was handed
    /// out, and a node that slept goes on with the present one.
    pub fn next(&mut self, now_ms: u64, slot_duration_ms: u64) -> Tick {
        let duration_ms = slot_duration_ms.max(1);
        let current = Slot::at(now_ms, duration_ms);
        let slot = match self.last {
            Some(last) if last >= current => Slot(last.0.saturating_add(1)),
            _ => current,
        };
        self.last = Some(slot);
        let wait_ms = slot.starts_at_ms(duration_ms).saturating_sub(now_ms);
        Tick { slot, wait: Duration::from_millis(wait_ms) }
    }
}
