//! Timers on a clock that the driver turns.

use crate::environment::VoterError;
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

/// The time, in milliseconds, and who waits for which.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    now_ms: u64,
    next_id: u64,
    waiting: BTreeMap<(u64, u64), Option<Waker>>,
}

impl Timers {
    /// The time that the driver told last.
    pub(crate) fn now_ms(&self) -> u64 {
        self.inner.lock().now_ms
    }

    /// Sets the time and wakes who waited for it. Time never runs backwards.
    pub(crate) fn advance(&self, now_ms: u64) {
        let mut inner = self.inner.lock();
        inner.now_ms = inner.now_ms.max(now_ms);
        let later = (inner.now_ms.saturating_add(1), 0);
        let rest = inner.waiting.split_off(&later);
        let due = std::mem::replace(&mut inner.waiting, rest);
        drop(inner);
        for waker in due.into_values().flatten() {
            waker.wake();
        }
    }

    /// The time of the next timer.
    pub(crate) fn next(&self) -> Option<u64> {
        self.inner.lock().waiting.keys().next().map(|(at, _)| *at)
    }

    /// A timer that is over in `delay_ms`.
    pub(crate) fn after(self: &Arc<Self>, delay_ms: u64) -> Timer {
        let mut inner = self.inner.lock();
        let id = inner.next_id;
        inner.next_id += 1;
        let key = (inner.now_ms.saturating_add(delay_ms), id);
        inner.waiting.insert(key, None);
        drop(inner);
        Timer { timers: self.clone(), key }
    }
}

/// Resolves at its time; forgotten when dropped.
#[derive(Debug)]
pub(crate) struct Timer {
    timers: Arc<Timers>,
    key: (u64, u64),
}

impl Future for Timer {
    type Output = Result<(), VoterError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut inner = self.timers.inner.lock();
        if self.key.0 <= inner.now_ms {
            inner.waiting.remove(&self.key);
            return Poll::Ready(Ok(()));
        }
        inner.waiting.insert(self.key, Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.timers.inner.lock().waiting.remove(&self.key);
    }
}
