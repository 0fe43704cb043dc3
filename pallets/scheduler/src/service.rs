//! What a block dispatches.

use crate::agenda::TaskAddress;
use crate::{Agenda, Config, Event, IncompleteSince, Lookup, Pallet, ScheduledOf};
use citrate_core::{BlockNumber, Weight};
use citrate_support::dispatch::{GetDispatchInfo, extract_actual_weight};
use citrate_support::pallet_prelude::*;
use citrate_support::traits::Dispatchable;
use citrate_support::traits::preimages::QueryPreimage as _;
use citrate_support::weights::WeightMeter;

/// What decoding a byte of a call weighs.
const BYTE_WEIGHT: Weight = Weight::from_parts(2_000, 0);

/// What came of a task.
enum Outcome<T: Config> {
    /// It was dispatched, or cannot ever be.
    Gone,
    /// There is no room left in this block.
    Postponed(ScheduledOf<T>),
}

impl<T: Config> Pallet<T> {
    /// Dispatches what is due, oldest agendas first, and says what it weighed.
    pub(crate) fn service(now: BlockNumber) -> Weight {
        let db = T::DbWeight::get();
        // What finding out that nothing is due weighs is not part of the share.
        let base = db.reads_writes(2, 1);
        if pallet_system::Pallet::<T>::was_closed_since(now) {
            // A migration is under way: calls wait as transactions do.
            let since = IncompleteSince::<T>::get().unwrap_or(now);
            IncompleteSince::<T>::put(since);
            return base;
        }
        let mut meter = WeightMeter::with_limit(T::MaximumWeight::get());
        let mut when = IncompleteSince::<T>::take().unwrap_or(now);
        let mut incomplete = None;
        // LIMIT: no more agendas a block than tasks in one, so that a gap without tasks is crossed in bounded time.
        for _ in 0..T::MaxScheduledPerBlock::get() {
            if when > now || meter.try_consume(db.reads_writes(1, 1)).is_err() {
                break;
            }
            if !Self::service_agenda(&mut meter, now, when) {
                incomplete = incomplete.or(Some(when));
                Self::deposit_event(Event::AgendaIncomplete { when });
            }
            when = when.saturating_add(1);
        }
        let incomplete = incomplete.or((when <= now).then_some(when));
        if let Some(since) = incomplete {
            IncompleteSince::<T>::put(since);
        }
        base.saturating_add(meter.consumed())
    }

    /// Dispatches the tasks of one agenda; says whether none is left that has to wait.
    fn service_agenda(meter: &mut WeightMeter, now: BlockNumber, when: BlockNumber) -> bool {
        // Taken out of the state: a call that is dispatched here finds nothing that it could change meanwhile.
        let mut agenda = Agenda::<T>::take(when);
        let mut order: Vec<(u8, u32)> = (0..)
            .zip(agenda.iter())
            .filter_map(|(index, task)| Some((task.as_ref()?.priority, index)))
            .collect();
        order.sort_unstable();
        let mut done = true;
        for (_, index) in order {
            let slot = usize::try_from(index).ok().and_then(|place| agenda.get_mut(place));
            let Some(slot) = slot else { continue };
            let Some(task) = slot.take() else { continue };
            match Self::service_task(meter, now, (when, index), task) {
                Outcome::Gone => {}
                Outcome::Postponed(task) => {
                    *slot = Some(task);
                    done = false;
                }
            }
        }
        Self::store(when, agenda);
        done
    }

    /// Dispatches a task if it fits, and places it anew if it is periodic.
    fn service_task(
        meter: &mut WeightMeter,
        now: BlockNumber,
        address: TaskAddress,
        mut task: ScheduledOf<T>,
    ) -> Outcome<T> {
        let id = task.maybe_id;
        let own = Self::task_weight(&task);
        if !meter.can_consume(own) && own.all_lte(Self::room()) {
            return Outcome::Postponed(task);
        }
        let Ok(call) = T::Preimages::peek(&task.call) else {
            meter.consume(own);
            Self::forget(&task);
            Self::deposit_event(Event::CallUnavailable { task: address, id });
            return Outcome::Gone;
        };
        let info = call.get_dispatch_info();
        let needed = own.saturating_add(info.call_weight);
        if needed.any_gt(Self::room()) {
            meter.consume(own);
            Self::forget(&task);
            Self::deposit_event(Event::PermanentlyOverweight { task: address, id });
            return Outcome::Gone;
        }
        if !meter.can_consume(needed) {
            return Outcome::Postponed(task);
        }
        if let Some(name) = id {
            // The call may schedule under its own name.
            Lookup::<T>::remove(name);
        }
        let result = call.dispatch(task.origin.clone().into());
        meter.consume(own.saturating_add(extract_actual_weight(&result, &info)));
        let result = result.map(|_| ()).map_err(|e| e.error);
        Self::deposit_event(Event::Dispatched { task: address, id, result });
        let Some((period, count)) = task.maybe_periodic else {
            T::Preimages::drop(&task.call);
            return Outcome::Gone;
        };
        task.maybe_periodic = (count > 1).then_some((period, count.saturating_sub(1)));
        let taken = id.is_some_and(Lookup::<T>::contains_key);
        let placed = if taken { Err(task) } else { Self::place(now.saturating_add(period), task) };
        if let Err(task) = placed {
            T::Preimages::drop(&task.call);
            Self::deposit_event(Event::PeriodicFailed { task: address, id });
        }
        Outcome::Gone
    }

    /// What the first task of a block finds: its share, less what reading an agenda weighs.
    fn room() -> Weight {
        T::MaximumWeight::get().saturating_sub(T::DbWeight::get().reads_writes(1, 1))
    }

    /// Forgets what else is known of a task that is gone.
    pub(crate) fn forget(task: &ScheduledOf<T>) {
        T::Preimages::drop(&task.call);
        if let Some(name) = task.maybe_id {
            Lookup::<T>::remove(name);
        }
    }

    /// What a task weighs besides its call's dispatch: its agenda's share, the call's bytes, its name, the next time.
    fn task_weight(task: &ScheduledOf<T>) -> Weight {
        let db = T::DbWeight::get();
        let stored = task.call.lookup_hash().map_or(Weight::zero(), |_| db.reads_writes(2, 2));
        let named = task.maybe_id.map_or(Weight::zero(), |_| db.reads_writes(1, 2));
        let again = task.maybe_periodic.map_or(Weight::zero(), |_| db.reads_writes(1, 1));
        let bytes = BYTE_WEIGHT.saturating_mul(task.call.len().unwrap_or(0).into());
        db.writes(1)
            .saturating_add(stored)
            .saturating_add(named)
            .saturating_add(again)
            .saturating_add(bytes)
    }
}
