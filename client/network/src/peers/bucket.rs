//! A token bucket.

use std::time::Instant;

use crate::config::Rate;

/// Fills with time, up to the burst; everything that comes takes from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenBucket {
    /// Thousandths of a token.
    level: u64,
    filled: Instant,
}

impl TokenBucket {
    pub(super) fn full(rate: Rate, now: Instant) -> Self {
        Self { level: u64::from(rate.burst) * 1_000, filled: now }
    }

    /// Takes `amount` tokens, or none if there are fewer.
    pub(super) fn take(&mut self, rate: Rate, amount: usize, now: Instant) -> bool {
        // A thousandth of a token for each millisecond and token a second.
        let elapsed = now.saturating_duration_since(self.filled);
        let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let gained = millis.saturating_mul(u64::from(rate.per_second));
        self.level = self.level.saturating_add(gained).min(u64::from(rate.burst) * 1_000);
        // What is less than a millisecond counts the next time.
        if millis > 0 {
            self.filled = now;
        }
        let wanted = u64::try_from(amount).unwrap_or(u64::MAX).saturating_mul(1_000);
        let is_enough = wanted <= self.level;
        if is_enough {
            self.level -= wanted;
        }
        is_enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const RATE: Rate = Rate { per_second: 10, burst: 20 };

    #[test]
    fn a_burst_and_then_the_rate() {
        let start = Instant::now();
        let mut bucket = TokenBucket::full(RATE, start);
        assert!(bucket.take(RATE, 20, start));
        assert!(!bucket.take(RATE, 1, start), "one past the burst");
        assert!(!bucket.take(RATE, 1, start + Duration::from_millis(99)));
        assert!(bucket.take(RATE, 1, start + Duration::from_millis(199)));
        assert!(!bucket.take(RATE, 1, start + Duration::from_millis(199)));
        let later = start + Duration::from_secs(3_600);
        assert!(!bucket.take(RATE, 21, later), "a pause gains no more than the burst");
        assert!(bucket.take(RATE, 20, later));
    }

    #[test]
    fn short_steps_gain_as_much_as_long_ones_and_time_does_not_go_back() {
        let start = Instant::now();
        let mut bucket = TokenBucket::full(RATE, start);
        assert!(bucket.take(RATE, 20, start));
        for step in 1..=1_000 {
            assert!(bucket.take(RATE, 0, start + Duration::from_micros(100) * step));
        }
        assert!(bucket.take(RATE, 1, start + Duration::from_millis(100)));
        assert!(!bucket.take(RATE, 1, start));
    }
}
