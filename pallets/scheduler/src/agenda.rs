//! Tasks, and how they come into an agenda and out of it.

use crate::{Agenda, Config, Error, Event, Lookup, Pallet, ScheduledOf};
use citrate_core::{BlockNumber, DispatchError, DispatchResult};
use citrate_support::pallet_prelude::*;
use citrate_support::traits::preimages::{Bounded, StorePreimage as _};
use citrate_support::traits::{CallerTrait as _, OriginTrait as _};
use core::fmt::Debug;

/// The name of a task.
pub type TaskName = [u8; 32];
/// A block, and a place in its agenda.
pub type TaskAddress = (BlockNumber, u32);
/// Every so many blocks, so often.
pub type Period = (BlockNumber, u32);

/// A call that waits for its block.
#[derive(
    CloneNoBound,
    PartialEqNoBound,
    EqNoBound,
    DebugNoBound,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[codec(encode_bound(Origin: Encode))]
#[codec(decode_bound(Origin: Decode))]
#[codec(decode_with_mem_tracking_bound(Origin: DecodeWithMemTracking))]
#[codec(mel_bound(Origin: MaxEncodedLen))]
#[scale_info(skip_type_params(Call))]
pub struct Scheduled<Call, Origin>
where
    Call: 'static,
    Origin: Clone + Eq + Debug,
{
    /// Its name.
    pub maybe_id: Option<TaskName>,
    /// The lower, the earlier.
    pub priority: u8,
    /// The call, or its hash.
    pub call: Bounded<Call>,
    /// How it is repeated after the next time.
    pub maybe_periodic: Option<Period>,
    /// Who dispatches it.
    pub origin: Origin,
}

/// When to dispatch.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// At this block.
    At(BlockNumber),
    /// When so many blocks lie between.
    After(BlockNumber),
}

impl<T: Config> Pallet<T> {
    pub(crate) fn do_schedule(
        origin: <T as pallet_system::Config>::RuntimeOrigin,
        maybe_id: Option<TaskName>,
        when: When,
        maybe_periodic: Option<Period>,
        priority: u8,
        call: &<T as Config>::RuntimeCall,
    ) -> DispatchResult {
        T::ScheduleOrigin::ensure_origin(origin.clone())?;
        let now = pallet_system::Pallet::<T>::block_number();
        let when = match when {
            When::At(block) => block,
            When::After(blocks) => now.saturating_add(blocks).saturating_add(1),
        };
        ensure!(when > now, Error::<T>::TargetBlockNumberInPast);
        if let Some(id) = maybe_id {
            ensure!(!Lookup::<T>::contains_key(id), Error::<T>::FailedToSchedule);
        }
        let task = Scheduled {
            maybe_id,
            priority,
            call: T::Preimages::bound(call)?,
            // The first time is one of them.
            maybe_periodic: maybe_periodic
                .filter(|(period, count)| *period > 0 && *count > 1)
                .map(|(period, count)| (period, count.saturating_sub(1))),
            origin: origin.into_caller(),
        };
        Self::place(when, task).map_err(|_task| Error::<T>::FailedToSchedule)?;
        Ok(())
    }

    /// Puts a task into an agenda: at its end, or where another is gone; gives it back when there is no place.
    pub(crate) fn place(when: BlockNumber, task: ScheduledOf<T>) -> Result<(), ScheduledOf<T>> {
        let mut agenda = Agenda::<T>::get(when);
        let name = task.maybe_id;
        let place = match agenda.try_push(Some(task)) {
            Ok(()) => agenda.len().saturating_sub(1),
            Err(task) => {
                let free = agenda.iter().position(Option::is_none);
                match (free.and_then(|place| Some((place, agenda.get_mut(place)?))), task) {
                    (Some((place, slot)), task) => {
                        *slot = task;
                        place
                    }
                    (None, Some(task)) => return Err(task),
                    (None, None) => return Ok(()),
                }
            }
        };
        Agenda::<T>::insert(when, agenda);
        let index = u32::try_from(place).unwrap_or(u32::MAX);
        if let Some(name) = name {
            Lookup::<T>::insert(name, (when, index));
        }
        Self::deposit_event(Event::Scheduled { when, index });
        Ok(())
    }

    /// Cancels a task for whoever scheduled it, or for root.
    pub(crate) fn do_cancel(
        origin: &<T as pallet_system::Config>::RuntimeOrigin,
        (when, index): TaskAddress,
    ) -> DispatchResult {
        let mut agenda = Agenda::<T>::get(when);
        let slot = usize::try_from(index).ok().and_then(|place| agenda.get_mut(place));
        let slot = slot.ok_or(Error::<T>::NotFound)?;
        let task = slot.as_ref().ok_or(Error::<T>::NotFound)?;
        let caller = origin.caller();
        ensure!(caller.is_root() || *caller == task.origin, DispatchError::BadOrigin);
        if let Some(task) = slot.take() {
            Self::forget(&task);
        }
        Self::store(when, agenda);
        Self::deposit_event(Event::Canceled { when, index });
        Ok(())
    }

    /// Stores an agenda, without the empty places at its end.
    pub(crate) fn store(
        when: BlockNumber,
        mut agenda: BoundedVec<Option<ScheduledOf<T>>, T::MaxScheduledPerBlock>,
    ) {
        let len = agenda.iter().rposition(Option::is_some).map_or(0, |last| last.saturating_add(1));
        agenda.truncate(len);
        if agenda.is_empty() {
            Agenda::<T>::remove(when);
        } else {
            Agenda::<T>::insert(when, agenda);
        }
    }
}
