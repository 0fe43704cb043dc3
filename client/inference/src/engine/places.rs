//! How many runs there are at a time.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::lock;

/// Places for runs.
#[derive(Debug)]
pub(super) struct Places {
    max: usize,
    taken: Mutex<usize>,
    freed: Condvar,
}

/// One of the places, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<'a>(&'a Places);

impl Places {
    /// So many places, at least one.
    pub(super) fn new(max: usize) -> Self {
        Self { max: max.max(1), taken: Mutex::new(0), freed: Condvar::new() }
    }

    /// A place, if one is free.
    pub(super) fn now(&self) -> Option<Place<'_>> {
        self.within(Duration::ZERO)
    }

    /// A place, if one is free within this time.
    pub(super) fn within(&self, patience: Duration) -> Option<Place<'_>> {
        let until = Instant::now() + patience;
        let mut taken = lock(&self.taken);
        while *taken >= self.max {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let waited = self.freed.wait_timeout(taken, left);
            taken = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *taken += 1;
        Some(Place(self))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *lock(&self.0.taken) -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_had_by_one_at_a_time_and_waited_for() {
        let places = Places::new(2);
        let (one, two) = (places.now().unwrap(), places.now().unwrap());
        assert!(places.now().is_none(), "one past the limit");
        assert!(places.within(Duration::from_millis(1)).is_none());
        std::thread::scope(|scope| {
            let third = scope.spawn(|| places.within(Duration::from_secs(60)).is_some());
            drop(one);
            assert!(third.join().unwrap());
        });
        drop(two);
        assert_eq!(*lock(&places.taken), 0);
        assert!(Places::new(0).now().is_some(), "there is always one");
    }
}
