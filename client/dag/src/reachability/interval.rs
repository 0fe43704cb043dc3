//! Intervals of whole numbers, and how a block deals its own out to its children.

/// The numbers from `start` to `end`, both included; empty when `end` is below `start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Interval {
    /// The widest interval. The ends stay free, so that one past either end never overflows.
    pub(super) const WHOLE: Self = Self { start: 1, end: u64::MAX - 1 };

    pub(super) fn size(self) -> u64 {
        (self.end + 1).saturating_sub(self.start)
    }

    pub(super) fn is_empty(self) -> bool {
        self.end < self.start
    }

    pub(super) fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Deals the interval out to subtrees of these sizes, each in proportion to its size, so that
    /// every block of the whole subtree gets about the same room of its own. What belongs to the
    /// block itself stays in front of the children (at most `front_max`) and behind them, its last
    /// number always.
    ///
    /// The interval has at least one number for each block of the subtree.
    pub(super) fn deal(self, sizes: &[u64], front_max: u64) -> Vec<Self> {
        let below: u64 = sizes.iter().sum();
        let total = below + 1;
        let surplus = self.size().saturating_sub(total);
        let share = |size: u64| {
            let extra = u128::from(surplus) * u128::from(size) / u128::from(total);
            // A share of the surplus is no more than the surplus.
            size + u64::try_from(extra).unwrap_or(surplus)
        };
        let given: u64 = sizes.iter().map(|size| share(*size)).sum();
        let rest = self.size().saturating_sub(given + 1);
        let mut start = self.start + (rest / 2).min(front_max);
        let deal_next = |size: &u64| {
            let interval = Self { start, end: start + share(*size) - 1 };
            start = interval.end + 1;
            interval
        };
        sizes.iter().map(deal_next).collect()
    }
}
