//! Events: deposited by pallets, read by clients.

use crate::{Config, EventCount, EventRecord, EventTopics, Events, ExecutionPhase, Pallet, Phase};
use alloc::{boxed::Box, vec::Vec};
use citrate_core::H256;

/// The position of an event in its block.
pub type EventIndex = u32;

impl<T: Config> Pallet<T> {
    /// Deposits an event.
    pub fn deposit_event(event: impl Into<T::RuntimeEvent>) {
        Self::deposit_event_indexed(&[], event.into());
    }

    /// Deposits an event that can be found by topics.
    pub fn deposit_event_indexed(topics: &[H256], event: T::RuntimeEvent) {
        let number = Self::block_number();
        // Genesis has no block in which anybody would look for events.
        if number == 0 {
            return;
        }
        let phase = ExecutionPhase::<T>::get().unwrap_or(Phase::Initialization);
        let index = EventCount::<T>::get();
        let Some(next) = index.checked_add(1) else { return };
        EventCount::<T>::put(next);
        Events::<T>::append(Box::new(EventRecord { phase, event, topics: topics.to_vec() }));
        for topic in topics {
            EventTopics::<T>::append(topic, (number, index));
        }
    }

    /// The number of events so far.
    pub fn event_count() -> EventIndex {
        EventCount::<T>::get()
    }

    /// The events of the block, for tests and off-chain workers: reading them costs as much as they
    /// are long.
    pub fn events() -> Vec<EventRecord<T::RuntimeEvent, H256>> {
        Events::<T>::get().into_iter().map(|record| *record).collect()
    }

    /// The events of the block, one at a time, outside consensus.
    pub fn read_events_no_consensus()
    -> impl Iterator<Item = Box<EventRecord<T::RuntimeEvent, H256>>> {
        Events::<T>::get().into_iter()
    }

    /// Fails unless this event was deposited.
    ///
    /// # Panics
    /// It was not.
    #[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "FRAME's signature")]
    pub fn assert_has_event(event: T::RuntimeEvent) {
        let events = Self::events();
        assert!(
            events.iter().any(|record| record.event == event),
            "expected event {event:?} not found in {events:?}"
        );
    }

    /// Fails unless this event was the last.
    ///
    /// # Panics
    /// It was not.
    #[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "FRAME's signature")]
    pub fn assert_last_event(event: T::RuntimeEvent) {
        let last = Self::events().pop().expect("events were expected").event;
        assert_eq!(last, event, "expected event is not the last one");
    }
}
