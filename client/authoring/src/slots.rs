//! When to author.

use std::time::Duration;

use citrate_dag_types::Slot;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// A slot has begun that was not handed out before.
    Due(Slot),
    /// The next slot begins after this time by the clock as it stands.
    Wait(Duration),
}

/// Hands out each slot at most once, and only the one that the clock is in.
///
/// It is asked for the time again after each wait, because the clock of a machine may be set, and
/// the machine may sleep: the slots that went by are not made up, and after a clock that went back
/// the next slot is the one after the last that was handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotClock {
    last: Option<Slot>,
}

impl SlotClock {
    /// A clock that has handed out nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The slot at this time, unless it was handed out before: then, how long until the next one.
    pub fn next(&mut self, now_ms: u64, slot_duration_ms: u64) -> Tick {
        let duration_ms = slot_duration_ms.max(1);
        let current = Slot::at(now_ms, duration_ms);
        match self.last {
            Some(last) if last >= current => {
                let next = Slot(last.0.saturating_add(1));
                let wait_ms = next.starts_at_ms(duration_ms).saturating_sub(now_ms);
                Tick::Wait(Duration::from_millis(wait_ms))
            }
            _ => {
                self.last = Some(current);
                Tick::Due(current)
            }
        }
    }
}
