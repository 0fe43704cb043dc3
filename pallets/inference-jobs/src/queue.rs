//! The waiting jobs and the finished ones, as rings in storage.

use citrate_core::H256;
use citrate_inference_types::JobId;
use citrate_support::traits::Get;

use crate::{Config, Finished, FinishedRange, Jobs, Pallet, Queue, QueueRange};

/// LIMIT: how many finished jobs are forgotten for one that finishes. Two, so that there are fewer and fewer after an
/// upgrade that keeps fewer, and no block has to forget them all.
const FORGOTTEN_MAX: u32 = 2;

impl<T: Config> Pallet<T> {
    /// How many places of the queue are taken; cancelled jobs keep theirs until it is their turn.
    pub(crate) fn queue_len() -> u64 {
        let (first, end) = QueueRange::<T>::get();
        end.saturating_sub(first)
    }

    pub(crate) fn enqueue(job: JobId) {
        QueueRange::<T>::mutate(|(_, end)| {
            Queue::<T>::insert(*end, job);
            *end = end.saturating_add(1);
        });
    }

    pub(crate) fn dequeue() -> Option<H256> {
        QueueRange::<T>::mutate(|(first, end)| {
            if first == end {
                return None;
            }
            let job = Queue::<T>::take(*first);
            *first = first.saturating_add(1);
            job
        })
    }

    /// Remembers a finished job, and forgets the oldest ones if there are too many.
    pub(crate) fn retain_finished(job: JobId) {
        FinishedRange::<T>::mutate(|(first, end)| {
            Finished::<T>::insert(*end, job);
            *end = end.saturating_add(1);
            for _ in 0..FORGOTTEN_MAX {
                if end.saturating_sub(*first) <= u64::from(T::Bounds::get().finished) {
                    break;
                }
                if let Some(oldest) = Finished::<T>::take(*first) {
                    Jobs::<T>::remove(oldest);
                }
                *first = first.saturating_add(1);
            }
        });
    }
}
