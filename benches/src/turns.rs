//! Measuring two things in turns.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Does something so many times and says how long that took.
pub type Timed<'a> = dyn FnMut(u64) -> Duration + 'a;

/// How often each side is measured; even, so that each goes first as often as the other.
const ROUNDS: u32 = 30;
/// About how long one measurement of one side takes.
const BATCH: Duration = Duration::from_millis(25);

/// Two things measured in turns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Seconds that ours takes: the median.
    pub ours: f64,
    /// Seconds that the peer takes: the median.
    pub peer: f64,
    /// Ours by the peer's: the median over all rounds, and the tenth and ninetieth percentile.
    pub ratio: [f64; 3],
}

/// Times every call of `f` together; what it returns is not optimised away.
pub fn timed<T>(mut f: impl FnMut() -> T) -> impl FnMut(u64) -> Duration {
    move |times| {
        let begun = Instant::now();
        for _ in 0..times {
            black_box(f());
        }
        begun.elapsed()
    }
}

/// Measures both in turns. A ratio is made of two neighbouring measurements.
pub fn compare(ours: &mut Timed<'_>, peer: &mut Timed<'_>) -> Comparison {
    let times = (enough(ours), enough(peer));
    let (mut all_ours, mut all_peers, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (mine, theirs);
        if round % 2 == 0 {
            mine = once(ours, times.0);
            theirs = once(peer, times.1);
        } else {
            theirs = once(peer, times.1);
            mine = once(ours, times.0);
        }
        all_ours.push(mine);
        all_peers.push(theirs);
        ratios.push(mine / theirs);
    }
    Comparison {
        ours: percentile(&mut all_ours, 50),
        peer: percentile(&mut all_peers, 50),
        ratio: [50, 10, 90].map(|percent| percentile(&mut ratios, percent)),
    }
}

/// The value that so many in a hundred are not above.
pub(crate) fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last * percent).div_ceil(100)).copied().unwrap_or_default()
}

/// How many times make a batch.
fn enough(side: &mut Timed<'_>) -> u64 {
    let mut times = 1;
    while side(times) < BATCH / 2 {
        times *= 2;
    }
    times
}
fn once(side: &mut Timed<'_>, times: u64) -> f64 {
    side(times).as_secs_f64() / times as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes `each` a time, on a clock of its own.
    fn fake(each: Duration) -> impl FnMut(u64) -> Duration {
        move |times| each * u32::try_from(times).unwrap()
    }

    #[test]
    fn a_comparison_is_per_time_and_its_ratio_is_ours_by_the_peers() {
        let mut ours = fake(Duration::from_micros(30));
        let mut peer = fake(Duration::from_micros(10));
        let found = compare(&mut ours, &mut peer);
        assert!((found.ours - 30e-6).abs() < 1e-12 && (found.peer - 10e-6).abs() < 1e-12);
        assert!(found.ratio.iter().all(|ratio| (ratio - 3.0).abs() < 1e-9), "{found:?}");
    }

    #[test]
    fn percentiles_are_of_what_was_measured() {
        let mut values = [5.0, 1.0, 4.0, 2.0, 3.0];
        for (percent, expected) in [(0, 1.0), (50, 3.0), (90, 5.0), (100, 5.0)] {
            assert_eq!(percentile(&mut values, percent).to_bits(), f64::to_bits(expected));
        }
        assert_eq!(percentile(&mut [], 50).to_bits(), 0);
    }

    #[test]
    fn work_is_repeated_as_often_as_asked() {
        let mut count = 0;
        timed(|| count += 1)(7);
        assert_eq!(count, 7);
    }
}
